// SPDX-License-Identifier: MIT
// A program of its own: the library must not be in this process before the message asks for it.
#include <cohort/serial/token.hpp>

#include <cohort/base/errors.hpp>
#include <cohort/serial/source.hpp>

#include "unit/serial/token_plugin.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <vector>

namespace {

using namespace cohort::serial;

// What `make` writes in a process of its own.
template <class Make>
std::vector<std::byte> bytes_of_child(Make make) {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) throw std::runtime_error("pipe");
    pid_t child = ::fork();
    if (child == 0) {
        BufferSink sink;
        make(sink);
        auto written = ::write(ends[1], sink.bytes().data(), sink.size());
        ::_exit(written == static_cast<ssize_t>(sink.size()) ? 0 : 1);
    }
    ::close(ends[1]);
    std::vector<std::byte> bytes(4096);
    auto size = ::read(ends[0], bytes.data(), bytes.size());
    ::close(ends[0]);
    int status = -1;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    bytes.resize(static_cast<std::size_t>(size));
    return bytes;
}

TEST(TokenLoading, a_trusted_message_loads_the_library_that_it_needs) {
    auto task =
        bytes_of_child([](Sink& sink) { Plugin(COHORT_TEST_PLUGIN).function<WriteToken>("plugin_write_token")(sink); });
    auto address = bytes_of_child([](Sink& sink) {
        Plugin plugin(COHORT_TEST_PLUGIN);
        write_code_address(sink, reinterpret_cast<const void*>(plugin.function<Triple>("plugin_triple")));
    });

    Source stranger(task);
    EXPECT_THROW(read_token(stranger), cohort::BinaryMismatchError);
    EXPECT_EQ(::dlopen(COHORT_TEST_PLUGIN, RTLD_NOW | RTLD_NOLOAD), nullptr);

    Source source(task, Trust::channel);
    int sum = 0;
    resolve(read_token(source), "test")(source, &sum);
    EXPECT_EQ(sum, 1000);

    Source of_address(address, Trust::channel);
    auto* triple = reinterpret_cast<Triple*>(const_cast<void*>(read_code_address(of_address)));
    EXPECT_EQ(triple(7), 21);
}

}  // namespace
