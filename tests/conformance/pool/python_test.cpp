// SPDX-License-Identifier: MIT
// What CPython's tests of pools show beyond what every pool does, for each start method.
#include <cohort/base/errors.hpp>
#include <cohort/base/range.hpp>
#include <cohort/process/current_process.hpp>

#include "conformance/pool/pools.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <numeric>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace cohort::test {
namespace {

class TestPool : public Pools {};
INSTANTIATE_TEST_SUITE_P(, TestPool, kEveryStartMethod, name_of);

TEST_P(TestPool, wrapped_exception) {
    Pool pool(pool_of(1));
    auto fail_with_code = [] { throw std::system_error(ENOENT, std::generic_category(), "open x"); };
    try {
        pool.apply(fail_with_code);
        ADD_FAILURE() << "no error";
    } catch (const std::system_error& error) {
        EXPECT_EQ(error.code(), std::errc::no_such_file_or_directory);
        EXPECT_NE(std::string(error.what()).find("open x"), std::string::npos);
    }
}

TEST_P(TestPool, resource_warning) {
    auto make_and_leave = [](const std::string& path, StartMethod method) {
        if (!std::freopen(path.c_str(), "w", stderr)) std::exit(1);
        Pool pool({.processes = 1, .start_method = method});
    };
    EXPECT_EQ(run(make_and_leave, file("stderr"), GetParam()), 0);
    EXPECT_EQ(text_of(file("stderr")), "");
}

class TestPoolWorkerErrors : public Pools {};
INSTANTIATE_TEST_SUITE_P(, TestPoolWorkerErrors, kEveryStartMethod, name_of);

TEST_P(TestPoolWorkerErrors, async_error_callback) {
    Pool pool(pool_of(2));
    std::exception_ptr told;
    const auto failed = pool.apply_async([] { throw std::out_of_range("key"); }, args(),
                                         {.error_callback = [&](const std::exception_ptr& error) { told = error; }});
    EXPECT_THROW(failed.get(), std::out_of_range);
    ASSERT_TRUE(told);
    EXPECT_THROW(std::rethrow_exception(told), std::out_of_range);
    pool.close();
    pool.join();
}

class TestPoolWorkerLifetime : public Pools {};
INSTANTIATE_TEST_SUITE_P(, TestPoolWorkerLifetime, kEveryStartMethod, name_of);

TEST_P(TestPoolWorkerLifetime, pool_worker_lifetime) {
    Pool pool({.processes = 3, .maxtasksperchild = 10, .start_method = GetParam()});
    const auto at_first = pool.worker_pids();
    std::vector<AsyncResult<int>> results;
    for (int i = 0; i != 100; ++i) results.push_back(pool.apply_async(square, i));
    for (int i = 0; i != 100; ++i) EXPECT_EQ(results[static_cast<std::size_t>(i)].get(), square(i));
    const auto at_last = pool.worker_pids();
    EXPECT_EQ(at_last.size(), 3U);
    EXPECT_NE(at_last, at_first);
    pool.close();
    pool.join();
}

TEST_P(TestPoolWorkerLifetime, pool_worker_lifetime_early_close) {
    Pool pool({.processes = 3, .maxtasksperchild = 1, .start_method = GetParam()});
    const Mailbox ready = mailbox(), release = mailbox();
    auto work = [](const Mailbox& started, const Mailbox& end) {
        started.post("");
        end.take();
        return 1;
    };
    std::vector<int> results;
    std::thread caller(
        [&] { results = pool.starmap(work, std::vector(6, std::pair(ready, release)), {.chunksize = 1}); });
    ready.take();
    pool.close();
    for (int i = 0; i < 6; ++i) release.post("");
    pool.join();
    caller.join();
    EXPECT_EQ(results, std::vector(6, 1));
}

class TestStdinBadfiledescriptor : public WithoutStdin {};
INSTANTIATE_TEST_SUITE_P(, TestStdinBadfiledescriptor, kEveryStartMethod, name_of);

TEST_P(TestStdinBadfiledescriptor, pool_in_process) {
    auto use_a_pool = [](StartMethod method) {
        Pool pool({.processes = 4, .start_method = method});
        const auto squares = pool.map(square, {1, 2, 3, 4, 5, 6, 7});
        pool.close();
        pool.join();
        std::exit(std::accumulate(squares.begin(), squares.end(), 0));
    };
    EXPECT_EQ(run(use_a_pool, GetParam()), 140);
}

class TestPoolNotLeakOnFailure : public Pools {};
INSTANTIATE_TEST_SUITE_P(, TestPoolNotLeakOnFailure, kEveryStartMethod, name_of);

// A pool that finds no descriptors is an error, and leaves no process and no descriptor.
TEST_P(TestPoolNotLeakOnFailure, release_unused_processes) {
    auto fail_to_make = [](StartMethod method) {
        Process({.start_method = method}, [] {}).start();  // the forkserver is not the pool's
        while (!cohort::active_children().empty()) {
        }
        const std::size_t before = count_descriptors();
        rlimit limit{};
        ::getrlimit(RLIMIT_NOFILE, &limit);
        const rlim_t soft = limit.rlim_cur;
        for (rlim_t room = 0; room < 6; ++room) {
            limit.rlim_cur = before + room;
            ::setrlimit(RLIMIT_NOFILE, &limit);
            try {
                Pool pool({.processes = 5, .start_method = method});
            } catch (const std::exception&) {  // no room for one of the descriptors
            }
        }
        limit.rlim_cur = soft;
        ::setrlimit(RLIMIT_NOFILE, &limit);
        std::exit(cohort::active_children().empty() && count_descriptors() == before ? 0 : 1);
    };
    EXPECT_EQ(run(fail_to_make, GetParam()), 0);
}

class MiscTestCase : public Pools {};
INSTANTIATE_TEST_SUITE_P(, MiscTestCase, kEveryStartMethod, name_of);

TEST_P(MiscTestCase, large_pool) {
    Pool pool(pool_of(GetParam() == StartMethod::fork ? 200 : 50));
    const auto squares = pool.map([](int i) { return static_cast<long>(i) * i; }, cohort::range(1000));
    EXPECT_EQ(std::accumulate(squares.begin(), squares.end(), 0L), 332833500L);
}

}  // namespace
}  // namespace cohort::test
