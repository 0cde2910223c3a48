// SPDX-License-Identifier: MIT
// A redis-server of our own, without files, and hiredis: one connection a client, one command at a time.
#include "manager/contest.hpp"

#if defined(COHORT_BENCH_HIREDIS)
#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>

#include "support/child.hpp"
#endif

namespace bench {

#if defined(COHORT_BENCH_HIREDIS)

namespace {

using Context = std::unique_ptr<redisContext, decltype(&::redisFree)>;
using Reply = std::unique_ptr<redisReply, decltype(&::freeReplyObject)>;

class RedisClient final : public Client {
public:
    explicit RedisClient(Context context) : context_(std::move(context)) {}
    void set(const Value& value) override { command("SET key %b", value.data(), value.size()); }
    Value get() override {
        const Reply reply = command("GET key");
        const auto* value = reinterpret_cast<const std::byte*>(reply->str);
        return {value, value + reply->len};
    }

private:
    template <class... Args>
    Reply command(const char* format, Args... args) {
        Reply reply(static_cast<redisReply*>(::redisCommand(context_.get(), format, args...)), ::freeReplyObject);
        if (!reply || reply->type == REDIS_REPLY_ERROR) throw std::runtime_error("a command of Redis failed");
        return reply;
    }

    Context context_;
};

int free_port() {
    const int file = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    socklen_t size = sizeof address;
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(file, reinterpret_cast<sockaddr*>(&address), size);
    ::getsockname(file, reinterpret_cast<sockaddr*>(&address), &size);
    ::close(file);
    return ntohs(address.sin_port);
}

void become_redis(const std::string& port, const std::string& path) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(::open("/dev/null", O_WRONLY | O_CLOEXEC), STDOUT_FILENO);
    ::execlp("redis-server", "redis-server", "--port", port.c_str(), "--bind", "127.0.0.1", "--unixsocket",
             path.c_str(), "--save", "", "--appendonly", "no", nullptr);
    throw std::runtime_error("redis-server does not start");
}

/// A folder for the socket.
class Folder {
public:
    Folder() {
        if (!::mkdtemp(path_.data())) throw std::runtime_error("mkdtemp");
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() {
        ::unlink(socket().c_str());
        ::rmdir(path_.c_str());
    }
    std::string socket() const { return path_ + "/redis"; }

private:
    std::string path_ = "/tmp/cohort-bench-XXXXXX";
};

class RedisService final : public Service {
public:
    explicit RedisService(bool tcp)
        : port_(tcp ? free_port() : 0), server_([this] { become_redis(std::to_string(port_), folder_.socket()); }) {
        for (int i = 0; !try_to_connect(); ++i) {
            if (i == 5000) throw std::runtime_error("redis-server does not answer");
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }
    std::unique_ptr<Client> connect() override {
        Context context = try_to_connect();
        if (!context) throw std::runtime_error("no connection with redis-server");
        return std::make_unique<RedisClient>(std::move(context));
    }
    pid_t pid() const override { return server_.pid(); }

private:
    Context try_to_connect() const {
        Context context(port_ ? ::redisConnect("127.0.0.1", port_) : ::redisConnectUnix(folder_.socket().c_str()),
                        ::redisFree);
        if (!context || context->err) context.reset();
        return context;
    }

    const int port_;
    const Folder folder_;
    Child server_;
};

bool has_server() {
    static const bool has = std::system("redis-server --version >/dev/null 2>&1") == 0;
    return has;
}

Start service(bool tcp) {
    if (!has_server()) return {};
    return [tcp] { return std::make_unique<RedisService>(tcp); };
}

}  // namespace

Start redis_service() {
    return service(false);
}
Start redis_tcp_service() {
    return service(true);
}

#else

Start redis_service() {
    return {};
}
Start redis_tcp_service() {
    return {};
}

#endif

}  // namespace bench
