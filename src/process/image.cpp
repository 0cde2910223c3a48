// SPDX-License-Identifier: MIT
#include "process/image.hpp"

#include <cohort/base/errors.hpp>
#include <cohort/process/entry.hpp>
#include <cohort/serial/codec.hpp>
#include <cohort/serial/source.hpp>

#include "os/exec.hpp"
#include "os/exit.hpp"
#include "os/memfd_message.hpp"
#include "os/pipe.hpp"
#include "os/random.hpp"
#include "process/child.hpp"
#include "process/tree_pipe.hpp"
#include "shm/tree.hpp"

#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <optional>

namespace cohort::process {

namespace {

// The environment variable that makes an image a child: "<descriptor>:<nonce>". The descriptor is a memfd that begins
// with the same nonce, so that a variable that strayed into another program's environment does nothing there.
constexpr const char* kVariable = "COHORT_CHILD";
constexpr std::size_t kNonceBytes = 8;

enum class Entry { absent, linked, reached };
std::atomic<Entry> entry{Entry::absent};

// The arguments the program was started with, before main could change them.
std::vector<std::string>& first_arguments() {
    static auto* arguments = new std::vector<std::string>;
    return *arguments;
}

std::string hexadecimal(std::string_view bytes) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    for (const char c : bytes) {
        text += kDigits[static_cast<unsigned char>(c) >> 4];
        text += kDigits[static_cast<unsigned char>(c) & 15];
    }
    return text;
}

void require_entry() {
    switch (entry.load()) {
        case Entry::reached:
            return;
        case Entry::linked:
            throw Error(
                "a fresh image (spawn, forkserver, fork from another thread than the main one) cannot be started "
                "before main: it would start itself again and "
                "again");
        case Entry::absent:
            throw Error(
                "this program was linked without cohort's entry, which spawn and forkserver need, and fork from "
                "another thread than the main one: link the executable "
                "with the CMake target cohort::cohort, or with what pkg-config --libs cohort prints");
    }
}

bool is_our_variable(std::string_view assignment) {
    constexpr std::string_view kName = kVariable;
    return assignment.starts_with(kName) && assignment.substr(kName.size()).starts_with('=');
}

// An older assignment would be found before the new one: the image would reach main, and start itself for ever.
std::vector<std::string> environment_with(const std::string& assignment) {
    std::vector<std::string> result;
    for (char** variable = environ; variable && *variable; ++variable)
        if (!is_our_variable(*variable)) result.emplace_back(*variable);
    result.push_back(assignment);
    return result;
}

struct Order {
    std::vector<std::byte> bytes;
};

// The order that such a value names; empty if it names none.
std::optional<Order> order_named(std::string_view value) {
    int descriptor = -1;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), descriptor);
    if (error != std::errc() || !std::string_view(end, value.data() + value.size()).starts_with(':'))
        return std::nullopt;
    const std::string_view nonce(end + 1, value.data() + value.size());
    auto bytes = os::memfd_content(descriptor);
    if (nonce.size() != 2 * kNonceBytes || !bytes || bytes->size() < nonce.size() ||
        std::memcmp(bytes->data(), nonce.data(), nonce.size()) != 0)
        return std::nullopt;
    Descriptor(descriptor).reset();
    bytes->erase(bytes->begin(), bytes->begin() + static_cast<std::ptrdiff_t>(nonce.size()));
    return Order{std::move(*bytes)};
}

/// What this image was started for; empty in a program that somebody else started.
/// @param environment  as the kernel gave it: a static constructor may have cleared the C library's
std::optional<Order> take_order(char** environment) {
    std::optional<Order> order;
    for (; *environment != nullptr && !order; ++environment)
        if (is_our_variable(*environment)) order = order_named(*environment + std::strlen(kVariable) + 1);
    ::unsetenv(kVariable);  // NOLINT(concurrency-mt-unsafe): main has not begun, there is one thread
    return order;
}

void obey(const Order& order) {
    serial::Source source(order.bytes, serial::Trust::channel);
    adopt_tree_pipe(serial::read<int>(source));
    if (const int arena = serial::read<int>(source); arena >= 0) {
        os::close_on_exec(arena);
        shm::adopt_tree(arena);
    }
    const serial::Token token = serial::read_token(source);
    serial::resolve(token, kImageRole)(source, nullptr);
}

}  // namespace

bool can_start_image() noexcept {
    return entry.load() == Entry::reached;
}

StartedImage start_image(detail::FunctionRef<serial::Token(serial::Sink&)> write, std::span<const int> descriptors) {
    require_entry();
    serial::BufferSink content;
    const serial::Token token = write(content);

    const std::string nonce = hexadecimal(os::random_bytes(kNonceBytes));
    serial::BufferSink message;
    message.write(nonce.data(), nonce.size());
    const int tree = tree_pipe();
    const int arena = shm::tree_descriptor();
    serial::write(message, tree);
    serial::write(message, arena);
    serial::write_token(message, token);
    message.write(content.bytes().data(), content.bytes().size());

    Descriptor memory = os::memfd_with("cohort-child", message.bytes());
    os::Program program;
    program.path = "/proc/self/exe";
    for (const int descriptor : descriptors) program.descriptors.push_back({descriptor, descriptor});
    program.descriptors.push_back({memory.get(), memory.get()});
    program.descriptors.push_back({tree, tree});
    if (arena >= 0) program.descriptors.push_back({arena, arena});
    program.arguments = first_arguments();
    program.environment = environment_with(std::string(kVariable) + "=" + std::to_string(memory.get()) + ":" + nonce);
    auto started = os::start_program(program);
    return {started.pid, std::move(started.process)};
}

}  // namespace cohort::process

namespace cohort::detail {

using namespace process;

void note_entry(void (*write_coverage)()) noexcept {
    set_coverage_writer(write_coverage);
    entry.store(Entry::linked);
}

// A main may take fewer arguments than it is called with: clang's -fsanitize=function would end the program.
#ifdef __clang__
[[clang::no_sanitize("function")]]
#endif
int enter(int argc, char** argv, char** environment, int (*program)(int, char**, char**)) {
    first_arguments().assign(argv, argv + argc);
    entry.store(Entry::reached);
    char** const given = argv + argc + 1;  // the kernel's environment stands behind the arguments
    if (const auto order = take_order(given))
        std::exit(run_reporting([&] { obey(*order); }));  // NOLINT(concurrency-mt-unsafe): one thread
    try {
        return program(argc, argv, environment);
    } catch (const Interrupted&) {
        // Ctrl-C that nobody wanted to handle: end as the shell expects it, status 130.
        os::die_by_signal(SIGINT);
    }
}

}  // namespace cohort::detail
