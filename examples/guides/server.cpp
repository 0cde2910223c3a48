// SPDX-License-Identifier: MIT
// A pool in a program with threads, as a server is.
#include <cohort/cohort.hpp>

#include <atomic>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;

// [made]
std::string render(int request) {
    return "page " + std::to_string(request);
}

class Server {
public:
    // The pool first: what it forks has no threads yet, and no sockets of clients.
    Server() : pool_({.processes = 2, .name = "render"}) {
        for (int i = 0; i != 4; ++i) threads_.emplace_back([this] { serve(); });
    }
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    /// Until all requests are answered. @returns how many were
    int finish() {
        for (std::thread& thread : threads_) thread.join();
        pool_.close();
        if (!pool_.join(5s)) pool_.terminate();
        return served_;
    }

private:
    void serve();

    cohort::Pool pool_;
    std::atomic<int> next_{0};
    std::atomic<int> served_{0};
    std::vector<std::thread> threads_;
};
// [/made]

// [served]
void Server::serve() {
    for (int request; (request = next_++) < 100;) {
        try {
            const auto page = pool_.apply_async(render, cohort::args(request), {.timeout = 10s, .retries = 1});
            if (page.get() == render(request)) ++served_;
        } catch (const std::exception& error) {  // of this request alone
            std::cerr << "request " << request << ": " << error.what() << '\n';
        }
    }
}
// [/served]

// [fresh]
int in_a_running_program() {
    std::thread other([] { std::this_thread::sleep_for(1ms); });
    cohort::Pool pool({.processes = 2, .start_method = cohort::StartMethod::forkserver});
    const std::string page = pool.apply(render, 1);
    other.join();
    return static_cast<int>(page.size());
}
// [/fresh]

// [poll]
int event_loop() {
    cohort::Pool pool(2);
    std::vector<cohort::AsyncResult<std::string>> pages;
    for (const int request : cohort::range(3)) pages.push_back(pool.apply_async(render, request));
    int done = 0;
    for (const auto& page : cohort::as_completed(pages, 10s)) done += page.successful() ? 1 : 0;
    return done;
}
// [/poll]

}  // namespace

int main() {
    std::cout << in_a_running_program() << '\n' << event_loop() << '\n';
    std::cout << Server().finish() << '\n';
}
