// SPDX-License-Identifier: MIT
#include <cohort/channel/client.hpp>
#include <cohort/manager/manager.hpp>
#include <cohort/process/current_process.hpp>
#include <cohort/serial/pickle.hpp>

#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <stdexcept>
#include <string>

#include "manager/contest.hpp"
#include "support/child.hpp"

namespace bench {

namespace {

using Dict = cohort::DictProxy<std::string, Value>;
using cohort::Object;

constexpr int kIdleConnections = 10'000;

class DictClient final : public Client {
public:
    explicit DictClient(Dict dict) : dict_(std::move(dict)) {}
    void set(const Value& value) override { dict_.insert_or_assign("key", value); }
    Value get() override { return dict_.at("key"); }

private:
    Dict dict_;
};

class CohortService final : public Service {
public:
    explicit CohortService(cohort::ManagerOptions options)
        : manager_(std::move(options)), dict_(manager_.dict<std::string, Value>()) {}
    std::unique_ptr<Client> connect() override { return std::make_unique<DictClient>(dict_); }
    pid_t pid() const override { return pid_; }
    const cohort::Address& address() const { return manager_.address(); }

private:
    const cohort::Manager manager_;
    const Dict dict_;
    const pid_t pid_ = cohort::active_children().at(0).pid;
};

Start service(const cohort::ManagerOptions& options) {
    return [options] { return std::make_unique<CohortService>(options); };
}

double resident_kib(pid_t process) {
    std::ifstream file("/proc/" + std::to_string(process) + "/statm");
    double total = 0, resident = 0;
    file >> total >> resident;
    return resident * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1024;
}

void allow_descriptors() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_max < kIdleConnections + 100) throw std::runtime_error("too few descriptors are allowed");
}

}  // namespace

Start cohort_service(bool shares) {
    return service({.shared_memory = shares});
}

Start cohort_tcp_service() {
    return service({.address = cohort::Address::tcp("127.0.0.1", 0)});
}

double cohort_idle_connection() {
    return figure_apart([] {
        allow_descriptors();
        CohortService service({});
        service.connect()->set({});
        const auto hello = cohort::pickle::dumps(
            Object::tuple({Object(), Object("accept_connection"), Object::tuple({Object("idle")}), Object::dict()}));
        const double before = resident_kib(service.pid());
        std::vector<cohort::Connection> connections;
        for (int i = 0; i != kIdleConnections; ++i) {
            connections.push_back(cohort::Client(service.address(), {.authkey = cohort::current_process().authkey()}));
            connections.back().send_bytes(hello);
            connections.back().recv_bytes();
        }
        return (resident_kib(service.pid()) - before) / kIdleConnections;
    });
}

}  // namespace bench
