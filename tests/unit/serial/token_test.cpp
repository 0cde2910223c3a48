// SPDX-License-Identifier: MIT
#include <cohort/serial/token.hpp>

#include <cohort/base/errors.hpp>
#include <cohort/serial/codec.hpp>

#include "serial/module_table.hpp"
#include "serial/resolve_ahead.hpp"
#include "unit/serial/token_plugin.hpp"

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace {

using namespace cohort::serial;

struct Add {
    static void run(Source& in, void* context) { *static_cast<int*>(context) += read<int>(in); }
};

struct Subtract {
    static constexpr std::string_view kRole = "test";
    static void run(Source& in, void* context) { *static_cast<int*>(context) -= read<int>(in); }
};

template <int N>
struct AddConstant {
    static void run(Source&, void* context) { *static_cast<int*>(context) += N; }
};

int twice(int i) {
    return 2 * i;
}

Source trusted(const BufferSink& sink) {
    return Source(sink.bytes(), Trust::channel);
}

const void* code(int (*function)(int)) {
    return reinterpret_cast<const void*>(function);
}

std::string what_of(auto&& action) {
    try {
        action();
    } catch (const std::exception& error) {
        return error.what();
    }
    return "nothing was thrown";
}

TEST(Token, leads_to_the_function_it_was_made_of) {
    BufferSink sink;
    write_token(sink, token_of<Add>());
    write(sink, 5);
    Source source = trusted(sink);
    int sum = 1;
    resolve(read_token(source))(source, &sum);
    EXPECT_EQ(sum, 6);
    EXPECT_EQ(source.left(), 0U);
}

TEST(Token, looked_up_ahead_never_fails_and_changes_nothing) {
    BufferSink known;
    write_token(known, token_of<Subtract>());
    resolve_ahead(known.bytes(), "test");
    resolve_ahead(known.bytes(), "another role");
    const std::vector<std::byte> garbage(64, std::byte{0xff});
    for (std::size_t size : {0U, 1U, 15U, 16U, 64U}) resolve_ahead(std::span(garbage).first(size), "test");
    EXPECT_EQ(resolve(token_of<Subtract>(), "test"), &detail::Registered<Subtract>::run);
    EXPECT_THROW(resolve(token_of<Subtract>(), "another role"), cohort::SerializationError);
}

TEST(Token, is_the_same_each_time_and_another_for_other_code) {
    EXPECT_EQ(token_of<Add>(), token_of<Add>());
    EXPECT_NE(token_of<Add>(), token_of<Subtract>());
    EXPECT_NE(token_of<AddConstant<1>>(), token_of<AddConstant<2>>());
    EXPECT_EQ(token_of<Add>().module, token_of<Subtract>().module);
    int sum = 0;
    Source nothing({});
    for (int round = 0; round < 2; ++round) {
        resolve(token_of<AddConstant<1>>())(nothing, &sum);
        resolve(token_of<AddConstant<10>>())(nothing, &sum);
    }
    EXPECT_EQ(sum, 22);
}

TEST(Token, of_another_role_is_refused) {
    EXPECT_NO_THROW(resolve(token_of<Subtract>(), "test"));
    EXPECT_THROW(resolve(token_of<Subtract>()), cohort::SerializationError);
    EXPECT_THROW(resolve(token_of<Add>(), "test"), cohort::SerializationError);
}

TEST(Token, resolves_only_registered_places) {
    Token token = token_of<Add>();
    for (std::uint64_t offset = 0; offset < 4096; ++offset) {
        Token near{token.module, token.offset - 2048 + offset};
        if (near == token || near == token_of<AddConstant<1>>() || near == token_of<AddConstant<2>>() ||
            near == token_of<AddConstant<10>>())
            continue;
        EXPECT_THROW(resolve(near), cohort::SerializationError);
    }
    EXPECT_THROW(resolve({token.module, ~std::uint64_t{0}}), cohort::SerializationError);
    EXPECT_THROW(resolve({token.module + 1, token.offset}), cohort::BinaryMismatchError);
    EXPECT_THROW(resolve({}), cohort::BinaryMismatchError);
}

TEST(Token, read_from_too_few_bytes_is_refused) {
    BufferSink sink;
    write_token(sink, token_of<Add>());
    for (std::size_t size = 0; size < sink.size(); ++size) {
        Source source(sink.bytes().first(size));
        EXPECT_THROW(read_token(source), cohort::SerializationError);
    }
}

TEST(CodeAddress, travels_between_trusted_processes_only) {
    BufferSink sink;
    write_code_address(sink, code(twice));
    write_code_address(sink, nullptr);
    write_code_address(sink, reinterpret_cast<const void*>(static_cast<double (*)(double)>(std::tan)));
    Source source = trusted(sink);
    EXPECT_EQ(read_code_address(source), code(twice));
    EXPECT_EQ(read_code_address(source), nullptr);
    auto* tangent = reinterpret_cast<double (*)(double)>(const_cast<void*>(read_code_address(source)));
    EXPECT_EQ(tangent(0.5), std::tan(0.5));
    Source stranger(sink.bytes());
    EXPECT_THROW(read_code_address(stranger), cohort::SerializationError);
}

TEST(CodeAddress, must_be_in_code) {
    BufferSink sink;
    int on_the_stack = 0;
    static int in_data = 0;
    EXPECT_THROW(write_code_address(sink, &on_the_stack), cohort::SerializationError);
    EXPECT_THROW(write_code_address(sink, &in_data), cohort::SerializationError);
    Token data{token_of<Add>().module, 0};  // the module's first page holds the headers
    sink.clear();
    write_token(sink, data);
    Source source = trusted(sink);
    EXPECT_THROW(read_code_address(source), cohort::SerializationError);
}

TEST(Plugin, code_of_a_loaded_library_is_found) {
    Plugin plugin(COHORT_TEST_PLUGIN);
    BufferSink sink;
    plugin.function<WriteToken>("plugin_write_token")(sink);
    Source source(sink.bytes());
    Token token = read_token(source);
    EXPECT_EQ(source.left(), 0U);
    int sum = 1;
    for (int round = 0; round < 2; ++round) resolve(token, "test")(source, &sum);
    EXPECT_EQ(sum, 2001);
    EXPECT_NE(token.module, token_of<Add>().module);
}

// A message with an announcement, as write_token() makes it.
BufferSink& announce(BufferSink& sink, const std::string& path) {
    Token token{1234567, (std::uint64_t{1} << 63) + 64};
    sink.write(&token, sizeof token);
    write(sink, path);
    write<std::uint64_t>(sink, 4);
    sink.write("abcd", 4);
    return sink;
}

TEST(Plugin, that_cannot_be_loaded_or_differs_is_named) {
    BufferSink missing, other, relative;
    Source from_missing(announce(missing, "/no/such/library.so").bytes(), Trust::channel);
    EXPECT_NE(what_of([&] { read_token(from_missing); }).find("/no/such/library.so"), std::string::npos);
    Source from_other(announce(other, COHORT_TEST_PLUGIN).bytes(), Trust::channel);
    EXPECT_EQ(what_of([&] { read_token(from_other); }), COHORT_TEST_PLUGIN " is another build here");
    Source from_relative(announce(relative, "libm.so.6").bytes(), Trust::channel);
    EXPECT_THROW(read_token(from_relative), cohort::BinaryMismatchError);
}

TEST(ModuleTable, knows_the_program_what_it_needs_and_what_was_loaded) {
    ModuleTable table;
    const Module* program = table.at(reinterpret_cast<std::uintptr_t>(code(twice)));
    ASSERT_NE(program, nullptr);
    EXPECT_TRUE(program->permanent);
    EXPECT_EQ(program->name(), "the program");
    EXPECT_NE(program->id, 0U);
    EXPECT_EQ(mapped_path(program->memory.begin), std::filesystem::canonical("/proc/self/exe").string());
    const Module* libc = table.at(reinterpret_cast<std::uintptr_t>(&std::strlen));
    ASSERT_NE(libc, nullptr);
    EXPECT_TRUE(libc->permanent);
    Plugin plugin(COHORT_TEST_PLUGIN);
    const Module* loaded = table.at(reinterpret_cast<std::uintptr_t>(plugin.function<Triple>("plugin_triple")));
    ASSERT_NE(loaded, nullptr);
    EXPECT_FALSE(loaded->permanent);
    EXPECT_EQ(table.with_id(loaded->id), loaded);
    EXPECT_EQ(table.at(8), nullptr);
}

TEST(ModuleTable, of_another_build_is_named) {
    BufferSink own;
    write_module_table(own);
    Source source(own.bytes());
    EXPECT_NO_THROW(check_module_table(source));

    using Table = std::vector<std::pair<std::uint64_t, std::string>>;
    auto check = [](const Table& table) {
        BufferSink sink;
        write(sink, table);
        Source changed(sink.bytes());
        check_module_table(changed);
    };
    EXPECT_EQ(what_of([&] { check({{77, "the program"}}); }), "the program is another build here");
    EXPECT_EQ(what_of([&] { check({{77, "libother.so"}}); }), "libother.so is not loaded here");
}

}  // namespace
