// SPDX-License-Identifier: MIT
// A resolver that does not answer. This program has its own getaddrinfo(), which waits for one name.
#include <cohort/base/errors.hpp>
#include <cohort/channel/client.hpp>
#include <cohort/channel/listener.hpp>

#include "os/tcp_socket.hpp"

#include <gtest/gtest.h>

#include <dlfcn.h>
#include <netdb.h>

#include <chrono>
#include <cstring>
#include <latch>
#include <optional>
#include <thread>

namespace {

std::optional<std::latch> answer;
std::optional<std::latch> answered;  // before the last call for it ends

}  // namespace

extern "C" int getaddrinfo(const char* host, const char* port, const addrinfo* hints, addrinfo** list) {
    if (host && std::strcmp(host, "slow.example") == 0) {
        if (hints->ai_flags & AI_NUMERICHOST) return EAI_NONAME;
        answer->wait();
        answered->count_down();
        host = "127.0.0.1";
    }
    static const auto next = reinterpret_cast<decltype(&getaddrinfo)>(::dlsym(RTLD_NEXT, "getaddrinfo"));
    return next(host, port, hints, list);
}

namespace cohort::test {
namespace {

using namespace std::chrono_literals;

class Resolver : public testing::Test {
protected:
    Resolver() {
        answer.emplace(1);
        answered.emplace(1);
    }
};

TEST_F(Resolver, the_timeout_of_a_client_bounds_it) {
    EXPECT_THROW(Client(Address::tcp("slow.example", 1), {.timeout = 20ms}), TimeoutError);
    EXPECT_THROW(Client(Address::tcp("slow.example", 1), {.timeout = 0s}), TimeoutError);
    answered.emplace(2);  // both go on
    answer->count_down();
    answered->wait();
}

TEST_F(Resolver, who_answers_in_time_is_heard) {
    const Listener listener({.address = Address::tcp("127.0.0.1", 0)});
    const std::jthread server([&] { answer->count_down(); });
    Client(Address::tcp("slow.example", listener.address().port()), {.timeout = 60s});
}

TEST_F(Resolver, a_number_needs_none_and_an_unknown_name_is_an_error) {
    const Listener listener({.address = Address::tcp("127.0.0.1", 0)});
    Client(listener.address(), {.timeout = 60s});
    EXPECT_THROW(os::tcp_connect({"name.invalid", 1}, Deadline(60s)), std::system_error);
}

}  // namespace
}  // namespace cohort::test
