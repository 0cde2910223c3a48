// SPDX-License-Identifier: MIT
#include <string>

#include "contenders.hpp"
#include "support/command.hpp"

namespace bench {

namespace {

constexpr const char* kScript = R"(
import multiprocessing as mp, os, sys, time
place, size, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
def echo(end):
    os.sched_setaffinity(0, {1 if place == 'two' else 0})
    for _ in range(count + 1): end.send_bytes(end.recv_bytes())
context = mp.get_context('fork')
ours, theirs = context.Pipe()
child = context.Process(target=echo, args=(theirs,))
child.start()
os.sched_setaffinity(0, {0})
message = b'x' * size
def once():
    ours.send_bytes(message)
    assert ours.recv_bytes() == message
once()
begin = time.perf_counter()
for _ in range(count): once()
print((time.perf_counter() - begin) / count * 1e6)
child.join()
)";

}  // namespace

double python_bytes(const Trips& trips) {
    const std::string arguments = std::string(trips.place == Place::two_cores ? "two " : "same ") +
                                  std::to_string(trips.bytes) + " " + std::to_string(trips.count);
    return figure_of_python(kScript, arguments);
}

}  // namespace bench
