// SPDX-License-Identifier: MIT
#include <string>

#include "contenders.hpp"
#include "support/command.hpp"

namespace bench {

namespace {

// Fewer tasks at chunksize 1, where they take long: the figure is a rate.
constexpr const char* kScript =
    "import multiprocessing as mp, time\n"
    "def square(i): return i * i\n"
    "with mp.Pool(WORKERS) as pool:\n"
    "    pool.map(square, range(1000))\n"
    "    begin = time.perf_counter()\n"
    "    results = pool.map(square, range(COUNT), chunksize=CHUNK)\n"
    "    print(COUNT / (time.perf_counter() - begin) / 1e3)\n"
    "    assert results[-1] == (COUNT - 1) ** 2\n";

std::string replaced(std::string text, const std::string& name, const std::string& value) {
    for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + value.size()))
        text.replace(at, name.size(), value);
    return text;
}

}  // namespace

double python_trivial(int chunksize) {
    std::string script = replaced(kScript, "WORKERS", std::to_string(kWorkers));
    script = replaced(script, "COUNT", std::to_string(chunksize == 1 ? kTrivialTasks / 20 : kTrivialTasks));
    script = replaced(script, "CHUNK", chunksize == 0 ? "None" : std::to_string(chunksize));
    return figure_of_python(script, "");
}

}  // namespace bench
