// SPDX-License-Identifier: MIT
#include "pool/progress.hpp"

#include "os/terminal.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

namespace cohort::pool {

namespace {

constexpr std::chrono::milliseconds kBarInterval{100};
constexpr std::chrono::seconds kLineInterval{10};
constexpr std::size_t kBarWidth = 30;

std::string duration_text(double seconds) {
    const auto whole = static_cast<unsigned long>(seconds);
    std::array<char, 32> text{};
    if (whole >= 3600)
        std::snprintf(text.data(), text.size(), "%lu:%02lu:%02lu", whole / 3600, whole / 60 % 60, whole % 60);
    else
        std::snprintf(text.data(), text.size(), "%lu:%02lu", whole / 60, whole % 60);
    return text.data();
}

std::string rate_text(double rate) {
    std::array<char, 32> text{};
    const char* format = rate >= 1e6 ? "%.1f M/s" : rate >= 1e3 ? "%.1f k/s" : "%.1f /s";
    std::snprintf(text.data(), text.size(), format, rate >= 1e6 ? rate / 1e6 : rate >= 1e3 ? rate / 1e3 : rate);
    return text.data();
}

}  // namespace

Progress::Progress(std::string label, std::size_t total) : label_(std::move(label)), total_(total) {
    // A line stays a line, and the terminal as it is.
    std::replace_if(
        label_.begin(), label_.end(), [](unsigned char c) { return c < ' ' || c == 0x7f; }, ' ');
    if (label_.empty()) return;
    terminal_ = os::is_terminal(2);
    begin_ = Clock::now();
    next_ = begin_ + (terminal_ ? std::chrono::nanoseconds(kBarInterval) : kLineInterval);
}

void Progress::show(std::size_t done) {
    if (label_.empty()) return;
    const auto now = Clock::now();
    if (now < next_) return;
    draw(done, now);
    next_ = now + (terminal_ ? std::chrono::nanoseconds(kBarInterval) : kLineInterval);
}

void Progress::finish(std::size_t done) {
    if (label_.empty()) return;
    draw(done, Clock::now());
    if (terminal_) std::fputc('\n', stderr);
}

void Progress::draw(std::size_t done, Clock::time_point now) {
    const std::string line = terminal_ ? "\r" + text(done, now) + "\x1b[K" : text(done, now) + "\n";
    std::fputs(line.c_str(), stderr);
    std::fflush(stderr);
}

// "hashing  [############                  ]  412/1000  41%  1.2 k/s  0:03 left"
std::string Progress::text(std::size_t done, Clock::time_point now) const {
    const double seconds = std::chrono::duration<double>(now - begin_).count();
    const double rate = seconds > 0 ? static_cast<double>(done) / seconds : 0;
    std::string line = label_ + "  ";
    if (terminal_) {
        const std::size_t filled = kBarWidth * done / std::max<std::size_t>(1, total_);
        line += "[" + std::string(filled, '#') + std::string(kBarWidth - filled, ' ') + "]  ";
    }
    line += std::to_string(done) + "/" + std::to_string(total_) + "  " +
            std::to_string(100 * done / std::max<std::size_t>(1, total_)) + "%  " + rate_text(rate);
    if (done == total_) return line + "  " + duration_text(seconds);
    if (rate > 0) line += "  " + duration_text(static_cast<double>(total_ - done) / rate) + " left";
    return line;
}

}  // namespace cohort::pool
