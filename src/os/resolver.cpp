// SPDX-License-Identifier: MIT
#include "os/resolver.hpp"

#include "os/helper_thread.hpp"
#include "os/system_call.hpp"

#include <netdb.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <memory>
#include <mutex>
#include <system_error>

namespace cohort::os {

namespace {

class AddressCategory : public std::error_category {
    const char* name() const noexcept override { return "address"; }
    std::string message(int error) const override { return ::gai_strerror(error); }
};

/// A call of getaddrinfo() and what it gave.
class Lookup {
public:
    Lookup(const TcpAddress& address, int flags) : host_(address.host), port_(std::to_string(address.port)) {
        hints_.ai_flags = flags;
        hints_.ai_socktype = SOCK_STREAM;
    }
    ~Lookup() {
        if (list_) ::freeaddrinfo(list_);
    }
    Lookup(const Lookup&) = delete;
    Lookup& operator=(const Lookup&) = delete;

    void run(int more_flags = 0) {
        addrinfo hints = hints_;
        hints.ai_flags |= more_flags;
        error_ = ::getaddrinfo(host_.empty() ? nullptr : host_.c_str(), port_.c_str(), &hints, &list_);
        errno_ = errno;
    }

    /// Whether the resolver need not be asked.
    bool is_known() {
        run(AI_NUMERICHOST);
        return error_ == 0;
    }

    std::vector<SocketAddress> addresses(const std::string& text) const {
        errno = errno_;
        if (error_) throw_resolver_error(error_, "getaddrinfo", text);
        std::vector<SocketAddress> found;
        for (const addrinfo* entry = list_; entry; entry = entry->ai_next) {
            SocketAddress& next = found.emplace_back();
            std::memcpy(&next.storage, entry->ai_addr, entry->ai_addrlen);
            next.size = entry->ai_addrlen;
        }
        std::stable_partition(found.begin(), found.end(),
                              [](const SocketAddress& each) { return each.storage.ss_family == AF_INET; });
        return found;
    }

private:
    const std::string host_;
    const std::string port_;
    addrinfo hints_{};
    addrinfo* list_ = nullptr;
    int error_ = 0;
    int errno_ = 0;
};

/// A Lookup in a thread. Whoever is the last to need it destroys it: the one who waits, or the thread if that has left.
class LookupThread {
public:
    explicit LookupThread(std::unique_ptr<Lookup> lookup) : lookup_(std::move(lookup)) {}

    static void start(const std::unique_ptr<LookupThread>& self) {
        self->thread_ = std::make_unique<HelperThread>(work, self.get());
    }

    bool wait(const Deadline& deadline) {
        std::unique_lock lock(mutex_);
        const auto is_done = [this] { return done_; };
        const auto end = std::chrono::steady_clock::now() + deadline.left().value_or(std::chrono::seconds(0));
        abandoned_ = !changed_.wait_until(lock, end, is_done);
        return !abandoned_;
    }
    const Lookup& lookup() const noexcept { return *lookup_; }

private:
    static void work(void* self) noexcept {
        auto& own = *static_cast<LookupThread*>(self);
        own.lookup_->run();
        std::unique_lock lock(own.mutex_);
        own.done_ = true;
        own.changed_.notify_all();
        if (!own.abandoned_) return;
        lock.unlock();
        delete &own;
    }

    std::unique_ptr<Lookup> lookup_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool done_ = false;
    bool abandoned_ = false;
    std::unique_ptr<HelperThread> thread_;  // the first to be destroyed: it uses the others
};

}  // namespace

std::vector<SocketAddress> resolve(const TcpAddress& address, int flags, const Deadline& deadline) {
    const std::string text = text_of(address);
    auto lookup = std::make_unique<Lookup>(address, flags);
    if (!address.host.empty() && lookup->is_known()) return lookup->addresses(text);
    if (address.host.empty() || deadline.is_forever()) {
        lookup->run();
        return lookup->addresses(text);
    }
    auto thread = std::make_unique<LookupThread>(std::move(lookup));
    LookupThread::start(thread);
    if (thread->wait(deadline)) return thread->lookup().addresses(text);
    static_cast<void>(thread.release());  // its own from now on
    throw_error(ETIMEDOUT, "getaddrinfo", text);
}

void throw_resolver_error(int error, const char* call, const std::string& text) {
    if (error == EAI_SYSTEM) throw_error(errno, call, text);
    throw std::system_error(error, address_category(), std::string(call) + " " + text);
}

const std::error_category& address_category() noexcept {
    static const AddressCategory category;
    return category;
}

}  // namespace cohort::os
