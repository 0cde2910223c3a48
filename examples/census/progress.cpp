// SPDX-License-Identifier: MIT
#include "progress.hpp"

#include <unistd.h>

#include <cstdio>

namespace census {

namespace {

std::chrono::milliseconds interval(bool terminal) {
    return std::chrono::milliseconds(terminal ? 100 : 10'000);
}

}  // namespace

Progress::Progress() : terminal_(::isatty(STDERR_FILENO) == 1), next_(begin_ + interval(terminal_)) {}

void Progress::add(std::size_t files) {
    files_ += files;
    const auto now = Clock::now();
    if (now < next_) return;
    draw();
    next_ = now + interval(terminal_);
}

void Progress::finish() {
    draw();
    if (terminal_) std::fputc('\n', stderr);
}

// "census  12000 files  3.4 s"
void Progress::draw() {
    const std::chrono::duration<double> time = Clock::now() - begin_;
    std::fprintf(stderr, "%scensus  %zu files  %.1f s%s", terminal_ ? "\r" : "", files_, time.count(),
                 terminal_ ? "\x1b[K" : "\n");
    std::fflush(stderr);
}

}  // namespace census
