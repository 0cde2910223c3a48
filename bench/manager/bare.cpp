// SPDX-License-Identifier: MIT
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "manager/contest.hpp"
#include "support/child.hpp"

namespace bench {

namespace {

constexpr std::size_t kMessage = 64;  // the length of the value, then the value
constexpr std::size_t kMostBytes = kMessage - 1;
using Message = std::array<unsigned char, kMessage>;

int checked(long result) {
    if (result < 0) throw std::runtime_error(std::strerror(errno));
    return static_cast<int>(result);
}

/// An open file, closed at the end.
class File {
public:
    explicit File(long number) : number_(checked(number)) {}
    File(File&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    File& operator=(File&&) = delete;
    ~File() {
        if (number_ >= 0) ::close(number_);
    }
    int get() const { return number_; }

private:
    int number_;
};

File new_socket() {
    return File(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

class BareClient final : public Client {
public:
    BareClient(const sockaddr_un& address, socklen_t size) {
        checked(::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), size));
    }
    void set(const Value& value) override {
        if (value.size() > kMostBytes) throw std::runtime_error("too long a value");
        Message message{static_cast<unsigned char>(value.size())};
        std::memcpy(message.data() + 1, value.data(), value.size());
        exchange(message);
    }
    Value get() override {
        Message message{0xff};
        exchange(message);
        const auto* value = reinterpret_cast<const std::byte*>(message.data() + 1);
        return {value, value + message[0]};
    }

private:
    void exchange(Message& message) {
        checked(::send(socket_.get(), message.data(), kMessage, MSG_NOSIGNAL));
        if (::recv(socket_.get(), message.data(), kMessage, MSG_WAITALL) != kMessage)
            throw std::runtime_error("no answer");
    }

    File socket_ = new_socket();
};

/// Keeps the last message that was no question; 64 bytes of a Unix socket come whole.
void serve(int listener) {
    const File set(::epoll_create1(EPOLL_CLOEXEC));
    const auto add = [&](int file) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.fd = file;
        checked(::epoll_ctl(set.get(), EPOLL_CTL_ADD, file, &event));
    };
    add(listener);
    Message kept{}, message{};
    for (std::array<epoll_event, 64> events;;) {
        const int count = checked(::epoll_wait(set.get(), events.data(), static_cast<int>(events.size()), -1));
        for (int i = 0; i != count; ++i) {
            const int file = events[static_cast<std::size_t>(i)].data.fd;
            if (file == listener) {
                add(checked(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC)));
            } else if (::recv(file, message.data(), kMessage, 0) != kMessage) {
                ::close(file);
            } else {
                if (message[0] != 0xff) kept = message;
                checked(::send(file, kept.data(), kMessage, MSG_NOSIGNAL));
            }
        }
    }
}

class BareService final : public Service {
public:
    BareService() {
        address_.sun_family = AF_UNIX;
        sockaddr* const any = reinterpret_cast<sockaddr*>(&address_);
        checked(::bind(listener_.get(), any, sizeof(sa_family_t)));  // the kernel gives a name
        size_ = sizeof address_;
        checked(::getsockname(listener_.get(), any, &size_));
        checked(::listen(listener_.get(), 128));
        server_.emplace_back([this] { serve(listener_.get()); });
    }
    std::unique_ptr<Client> connect() override { return std::make_unique<BareClient>(address_, size_); }
    pid_t pid() const override { return server_.front().pid(); }

private:
    File listener_ = new_socket();
    sockaddr_un address_{};
    socklen_t size_ = 0;
    std::vector<Child> server_;
};

}  // namespace

Start bare_service() {
    return [] { return std::make_unique<BareService>(); };
}

}  // namespace bench
