// SPDX-License-Identifier: MIT
// A server of several threads whose work is done by a pool: no request harms another, and it stops when all are
// answered.
#include "session.hpp"

#include <asio.hpp>
#include <cohort/cohort.hpp>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace {

using asio::ip::tcp;
using namespace std::chrono_literals;

class Server {
public:
    Server(asio::io_context& context, cohort::Pool& pool, std::chrono::milliseconds timeout)
        : context_(context), pool_(pool), timeout_(timeout) {}

    void start() {
        std::cout << "listening at " << acceptor_.local_endpoint() << std::endl;
        accept();
    }

    // [stop]
    /// No more clients, no more requests: when the last answer is sent, the context has nothing to do any more.
    void stop() {
        asio::post(acceptor_.get_executor(), [this] {
            acceptor_.close();
            for (const auto& each : sessions_)
                if (const auto session = each.lock()) session->finish();
        });
    }
    // [/stop]

private:
    void accept() {
        acceptor_.async_accept(asio::make_strand(context_), [this](const std::error_code& error, tcp::socket socket) {
            if (!acceptor_.is_open()) return;
            if (!error) welcome(std::move(socket));
            accept();
        });
    }

    void welcome(tcp::socket socket) {
        std::erase_if(sessions_, [](const auto& each) { return each.expired(); });
        const auto session = std::make_shared<service::Session>(std::move(socket), pool_, timeout_);
        sessions_.push_back(session);
        session->start();
    }

    asio::io_context& context_;
    cohort::Pool& pool_;
    std::chrono::milliseconds timeout_;
    // What belongs to the server runs one at a time.
    tcp::acceptor acceptor_{asio::make_strand(context_), tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
    std::vector<std::weak_ptr<service::Session>> sessions_{};
};

// [serve]
void serve(std::chrono::milliseconds timeout) {
    cohort::Pool pool({.processes = 2, .name = "primes"});  // first: what it forks has no threads and no sockets
    asio::io_context context;
    Server server(context, pool, timeout);
    server.start();

    asio::signal_set signals(context, SIGTERM, SIGINT);
    signals.async_wait([&server](const std::error_code& error, int) {
        if (!error) server.stop();
    });

    std::vector<std::thread> threads;
    for (int i = 0; i != 4; ++i) threads.emplace_back([&context] { context.run(); });
    for (std::thread& thread : threads) thread.join();  // all is answered
    pool.close();
    if (!pool.join(5s)) pool.terminate();
    std::cout << "stopped" << std::endl;
}
// [/serve]

}  // namespace

// service [SECONDS]: how long a request may take
int main(int argc, char** argv) {
    try {
        const double seconds = argc > 1 ? std::atof(argv[1]) : 10;
        serve(std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::duration<double>(seconds)));
    } catch (const std::exception& error) {
        std::cerr << "service: " << error.what() << '\n';
        return 1;
    }
}
