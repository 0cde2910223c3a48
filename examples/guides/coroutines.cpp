// SPDX-License-Identifier: MIT
// Coroutines of Asio that wait for tasks of a pool.
#include <asio.hpp>
#include <cohort/cohort.hpp>

#include <chrono>
#include <coroutine>
#include <exception>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <thread>
#include <utility>

namespace {

using namespace std::chrono_literals;

int square(int n) {
    if (n < 0) throw std::invalid_argument("negative");
    return n * n;
}

// [plain]
/// A coroutine that nobody waits for.
struct Detached {
    struct promise_type {
        Detached get_return_object() { return {}; }
        std::suspend_never initial_suspend() { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() {}
        void unhandled_exception() { std::terminate(); }
    };
};

/// `co_await ResumeOn{executor}` goes on in a thread of the executor.
struct ResumeOn {
    asio::any_io_executor executor;
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> coroutine) const {
        asio::post(executor, [coroutine] { coroutine.resume(); });
    }
    void await_resume() const {}
};

Detached plain(cohort::Pool& pool, asio::io_context& context) {
    const auto work = asio::make_work_guard(context);         // run() shall not return meanwhile
    const int result = co_await pool.apply_async(square, 7);  // goes on in the pool's thread: callbacks wait
    co_await ResumeOn{context.get_executor()};                // and from here on in the context's
    const bool is_back = context.get_executor().running_in_this_thread();
    std::cout << "plain: " << result << ", in the context: " << std::boolalpha << is_back << '\n';
}
// [/plain]

// [adapter]
/// Waits for a result in a coroutine of Asio, which goes on on its own executor.
template <class R>
asio::awaitable<R> finished(cohort::AsyncResult<R> result) {
    const auto wait = [&result](auto handler) {
        // What Asio does when an operation ends must be done on the executor; it counts as work until then.
        auto work = asio::make_work_guard(handler);
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        result.add_done_callback(
            [shared, work](const auto&) { asio::post(work.get_executor(), [shared] { std::move (*shared)(); }); });
    };
    co_await asio::async_initiate<decltype(asio::use_awaitable), void()>(wait, asio::use_awaitable);
    co_return result.get();
}

asio::awaitable<void> session(cohort::Pool& pool) {
    int sum = 0;
    for (const int n : {1, 2, 3}) sum += co_await finished(pool.apply_async(square, n));
    const std::thread::id here = std::this_thread::get_id();
    try {
        co_await finished(pool.apply_async(square, -1));
    } catch (const std::invalid_argument& error) {  // what the task threw
        std::cout << "session: " << sum << ", then " << error.what()
                  << ", in the same thread: " << (std::this_thread::get_id() == here) << '\n';
    }
}
// [/adapter]

}  // namespace

// [main]
int main() {
    cohort::Pool pool(2);
    asio::io_context context;
    plain(pool, context);
    context.run();
    context.restart();
    asio::co_spawn(context, session(pool), asio::detached);
    context.run();
}
// [/main]
