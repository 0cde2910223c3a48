// SPDX-License-Identifier: MIT
#include <algorithm>
#include <map>
#include <string>

#include "pool/contenders.hpp"
#include "support/command.hpp"

namespace bench {

namespace {

constexpr const char* kBegin =
    "import multiprocessing as mp, concurrent.futures as cf, sys, time\n"
    "def square(i): return i * i\n"
    "workers, count = map(int, sys.argv[1:])\n";

constexpr const char* kEnd =
    "    make(1000)\n"
    "    begin = time.perf_counter()\n"
    "    total = sum(make(count))\n"
    "    print(count / (time.perf_counter() - begin) / 1e3)\n"
    "    assert total == (count - 1) * count // 2 * (2 * count - 1) // 3\n";

constexpr const char* kBusy =
    "import multiprocessing as mp, sys, time\n"
    "workers, count, microseconds, chunksize = map(int, sys.argv[1:])\n"
    "def burn(i):\n"
    "    end = time.monotonic_ns() + 1000 * microseconds\n"
    "    while time.monotonic_ns() < end: pass\n"
    "with mp.Pool(workers) as pool:\n"
    "    pool.map(burn, range(workers), chunksize=1)\n"
    "    begin = time.perf_counter()\n"
    "    pool.map(burn, range(count), chunksize=chunksize or None)\n"
    "    print(count / (time.perf_counter() - begin))\n";

const std::map<std::string, std::string>& programs() {
    static const std::string kPool = "with mp.Pool(workers) as pool:\n    make = lambda n: ";
    static const std::map<std::string, std::string> all{
        {"map_1", kPool + "pool.map(square, range(n), chunksize=1)\n"},
        {"map", kPool + "pool.map(square, range(n))\n"},
        {"apply_async", kPool + "[r.get() for r in [pool.apply_async(square, (i,)) for i in range(n)]]\n"},
        {"imap_unordered", kPool + "list(pool.imap_unordered(square, range(n)))\n"},
        {"submit",
         "with cf.ProcessPoolExecutor(workers) as pool:\n"
         "    make = lambda n: [r.result() for r in [pool.submit(square, i) for i in range(n)]]\n"}};
    return all;
}

}  // namespace

double python_rate(const std::string& what) {
    const long count = what == "map" ? kTasks : kTasksOfPython;
    return figure_of_python(kBegin + programs().at(what) + kEnd,
                            std::to_string(kWorkers) + " " + std::to_string(count));
}

double python_busy(std::chrono::microseconds each, std::size_t chunksize) {
    const long count = std::min(busy_tasks(each), chunksize == 1 ? kTasksOfPython : kTasks);
    return figure_of_python(kBusy, std::to_string(kWorkers) + " " + std::to_string(count) + " " +
                                       std::to_string(each.count()) + " " + std::to_string(chunksize));
}

}  // namespace bench
