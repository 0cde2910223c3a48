// SPDX-License-Identifier: MIT
#include "session.hpp"

#include <charconv>
#include <exception>
#include <istream>
#include <sstream>
#include <system_error>
#include <utility>

namespace service {

namespace {

unsigned long long primes_below(unsigned long long limit) {
    unsigned long long count = 0;
    for (unsigned long long n = 2; n < limit; ++n) {
        bool is_prime = true;
        for (unsigned long long i = 2; is_prime && i * i <= n; ++i) is_prime = n % i != 0;
        count += is_prime ? 1 : 0;
    }
    return count;
}

std::string text_of(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const cohort::TimeoutError&) {
        return "error: it takes too long";
    } catch (const std::exception& known) {
        return std::string("error: ") + known.what();
    }
}

std::string workers_of(cohort::Pool& pool) {
    std::ostringstream text;
    text << "workers:";
    for (const auto pid : pool.worker_pids()) text << ' ' << pid;
    return text.str();
}

}  // namespace

void Session::read() {
    asio::async_read_until(socket_, input_, '\n',
                           [self = shared_from_this()](const std::error_code& error, std::size_t) {
                               if (error) return;  // the client has gone, or finish() was called
                               std::string request;
                               std::istream input(&self->input_);
                               std::getline(input, request);
                               self->handle(request);
                           });
}

void Session::handle(const std::string& request) {
    if (request == "workers") {
        answer(workers_of(pool_));
        return;
    }
    unsigned long long limit = 0;
    const char* end = request.data() + request.size();
    const auto [stop, fault] = std::from_chars(request.data(), end, limit);
    if (fault != std::errc() || stop != end) {
        answer("error: send a number, or workers");
        return;
    }
    try {
        submit(limit);
    } catch (const std::exception&) {  // the pool is broken
        answer(text_of(std::current_exception()));
    }
}

// [submit]
void Session::submit(unsigned long long limit) {
    const auto self = shared_from_this();
    // Until the answer is here, the server has work to do: its threads stay.
    const auto work = asio::make_work_guard(socket_.get_executor());
    pool_.apply_async(primes_below, cohort::args(limit),
                      {.callback = [self, work](auto count) { self->answer_later(std::to_string(count) + " primes"); },
                       .error_callback = [self, work](const auto& error) { self->answer_later(text_of(error)); },
                       .timeout = timeout_,
                       .retries = 1});
}

void Session::answer_later(const std::string& text) {
    asio::post(socket_.get_executor(), [self = shared_from_this(), text] { self->answer(text); });
}
// [/submit]

void Session::answer(std::string text) {
    output_ = std::move(text) + '\n';
    asio::async_write(socket_, asio::buffer(output_),
                      [self = shared_from_this()](const std::error_code& error, std::size_t) {
                          if (!error) self->read();
                      });
}

void Session::finish() {
    asio::post(socket_.get_executor(), [self = shared_from_this()] {
        std::error_code gone;
        self->socket_.shutdown(Socket::shutdown_receive, gone);
    });
}

}  // namespace service
