// SPDX-License-Identifier: MIT
#pragma once

#include <asio.hpp>
#include <cohort/cohort.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

namespace service {

/// A client: sends lines, and gets an answer to each. Its members run one at a time, in any thread of the server.
class Session : public std::enable_shared_from_this<Session> {
public:
    using Socket = asio::ip::tcp::socket;

    /// @param pool     outlives the session
    /// @param timeout  for a request
    Session(Socket socket, cohort::Pool& pool, std::chrono::milliseconds timeout)
        : socket_(std::move(socket)), pool_(pool), timeout_(timeout) {}

    void start() { read(); }
    /// Reads no more: the session ends when the request that it has is answered. Safe in any thread.
    void finish();

private:
    void read();
    void handle(const std::string& request);
    void submit(unsigned long long limit);
    void answer(std::string text);
    /// answer(), from another thread.
    void answer_later(const std::string& text);

    Socket socket_;
    cohort::Pool& pool_;
    std::chrono::milliseconds timeout_;
    asio::streambuf input_{1024};
    std::string output_{};
};

}  // namespace service
