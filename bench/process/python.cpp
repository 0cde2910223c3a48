// SPDX-License-Identifier: MIT
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "contenders.hpp"
#include "support/command.hpp"

namespace bench {

namespace {

constexpr const char* kScript = R"(
import multiprocessing as mp, sys, time
def nothing(): pass
def once(context):
    process = context.Process(target=nothing)
    process.start()
    process.join()
if __name__ == '__main__':
    context, count = mp.get_context(sys.argv[1]), int(sys.argv[2])
    once(context)
    begin = time.perf_counter()
    for _ in range(count): once(context)
    print((time.perf_counter() - begin) / count * 1e6)
)";

constexpr const char* kMemory = R"(
import multiprocessing as mp, os, sys
def square(i): return i * i
if __name__ == '__main__':
    with mp.get_context(sys.argv[1]).Pool(2) as pool:
        pool.map(square, range(100), chunksize=1)
        with open(f'/proc/{pool.apply(os.getpid)}/smaps_rollup') as rollup:
            print(next(line.split()[1] for line in rollup if line.startswith('Private_Dirty:')))
)";

struct RemoveFile {
    std::string path;
    ~RemoveFile() { std::remove(path.c_str()); }
};

// A file, for a spawned child of Python imports its main module.
double figure_of_script(const char* text, const std::string& arguments) {
    char path[] = "/tmp/cohort-bench-XXXXXX.py";
    const int file = ::mkstemps(path, 3);
    if (file < 0) return 0;
    RemoveFile remove{path};
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> script(::fdopen(file, "w"), std::fclose);
    std::fputs(text, script.get());
    script.reset();
    return figure_of_command("python3 " + std::string(path) + " " + arguments);
}

}  // namespace

double python_start(const std::string& method, int count) {
    return figure_of_script(kScript, method + " " + std::to_string(count));
}

double python_memory_of_worker(const std::string& method) {
    return figure_of_script(kMemory, method);
}

}  // namespace bench
