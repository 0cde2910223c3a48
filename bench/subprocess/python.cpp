// SPDX-License-Identifier: MIT
#include <string>

#include "contenders.hpp"
#include "support/command.hpp"

namespace bench {

namespace {

constexpr const char* kTrue = R"(
import subprocess, sys, time
count = int(sys.argv[1])
subprocess.run(['/bin/true'])
begin = time.perf_counter()
for _ in range(count): subprocess.run(['/bin/true'])
print((time.perf_counter() - begin) / count * 1e6)
)";

constexpr const char* kCapture = R"(
import subprocess, sys, time
begin = time.perf_counter()
text = subprocess.check_output(['head', '-c', sys.argv[1], '/dev/zero'])
print(time.perf_counter() - begin)
)";

}  // namespace

double python_true(int count) {
    return figure_of_python(kTrue, std::to_string(count));
}

double python_capture(std::size_t bytes) {
    return figure_of_python(kCapture, std::to_string(bytes));
}

}  // namespace bench
