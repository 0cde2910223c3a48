// SPDX-License-Identifier: MIT
// gRPC's synchronous server and client over a Unix socket: one channel a client, one call at a time.
#include "manager/contest.hpp"

#if defined(COHORT_BENCH_GRPC)
#include <grpcpp/grpcpp.h>
#include <unistd.h>
#include <values.grpc.pb.h>

#include <chrono>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>

#include "support/child.hpp"
#endif

namespace bench {

#if defined(COHORT_BENCH_GRPC)

namespace {

/// The calls come from several threads.
class Map final : public values::Values::Service {
public:
    grpc::Status Set(grpc::ServerContext*, const values::Item* item, values::Done*) override {
        const std::lock_guard guard(mutex_);
        values_[item->key()] = item->value();
        return grpc::Status::OK;
    }
    grpc::Status Get(grpc::ServerContext*, const values::Key* key, values::Value* value) override {
        const std::lock_guard guard(mutex_);
        value->set_value(values_[key->key()]);
        return grpc::Status::OK;
    }

private:
    std::mutex mutex_;
    std::map<std::string, std::string> values_;
};

void check(const grpc::Status& status) {
    if (!status.ok()) throw std::runtime_error("gRPC: " + status.error_message());
}

class GrpcClient final : public Client {
public:
    explicit GrpcClient(const std::string& address)
        : channel_(grpc::CreateChannel(address, grpc::InsecureChannelCredentials())),
          stub_(values::Values::NewStub(channel_)) {
        if (!channel_->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(10)))
            throw std::runtime_error("gRPC: the server does not answer");
    }
    void set(const Value& value) override {
        grpc::ClientContext context;
        values::Item item;
        values::Done done;
        item.set_key("key");
        item.set_value(value.data(), value.size());
        check(stub_->Set(&context, item, &done));
    }
    Value get() override {
        grpc::ClientContext context;
        values::Key key;
        values::Value value;
        key.set_key("key");
        check(stub_->Get(&context, key, &value));
        const auto* bytes = reinterpret_cast<const std::byte*>(value.value().data());
        return {bytes, bytes + value.value().size()};
    }

private:
    std::shared_ptr<grpc::Channel> channel_;
    std::unique_ptr<values::Values::Stub> stub_;
};

void serve(const std::string& address) {
    Map map;
    grpc::ServerBuilder builder;
    builder.AddListeningPort(address, grpc::InsecureServerCredentials());
    builder.RegisterService(&map);
    const auto server = builder.BuildAndStart();
    if (!server) throw std::runtime_error("gRPC: no server");
    server->Wait();
}

/// The server's process is forked before anything of gRPC runs in this one: it has threads.
class GrpcService final : public Service {
public:
    std::unique_ptr<Client> connect() override { return std::make_unique<GrpcClient>(address_); }
    pid_t pid() const override { return server_.pid(); }

private:
    const std::string address_ = "unix-abstract:cohort-bench-" + std::to_string(::getpid());
    Child server_{[this] { serve(address_); }};
};

}  // namespace

Start grpc_service() {
    return [] { return std::make_unique<GrpcService>(); };
}

#else

Start grpc_service() {
    return {};
}

#endif

}  // namespace bench
