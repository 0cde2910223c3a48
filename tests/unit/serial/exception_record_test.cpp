// SPDX-License-Identifier: MIT
#include "serial/exception_record.hpp"

#include <cohort/base/type_name.hpp>

#include "serial/exception_kinds.hpp"
#include "shm/out_of_shared_memory.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace cohort::serial;
using cohort::RemoteError;

const RemoteError::Origin kWhere{.pid = 42, .process_name = "Process-1", .trace = "#0 f\n#1 main"};

std::exception_ptr sent(const std::exception_ptr& exception) {
    BufferSink sink;
    write_exception(sink, exception, kWhere);
    Source source(sink.bytes());
    auto received = read_exception(source);
    EXPECT_EQ(source.left(), 0U);
    return received;
}

template <class E>
std::exception_ptr sent(E exception) requires(!std::is_same_v<E, std::exception_ptr>) {
    return sent(std::make_exception_ptr(std::move(exception)));
}

// Gives the exception to `use` if it can be caught as an E.
template <class E, class Use>
void caught_as(const std::exception_ptr& exception, Use use) {
    try {
        std::rethrow_exception(exception);
    } catch (const E& error) {
        use(error);
    } catch (...) {
        ADD_FAILURE() << "another type";
    }
}

std::exception_ptr nested_in(const std::exception_ptr& exception) {
    try {
        std::rethrow_exception(exception);
    } catch (const std::nested_exception& nesting) {
        return nesting.nested_ptr();
    } catch (...) {
        return nullptr;
    }
}

// Reaches the RemoteError as users do.
RemoteError::Origin origin_of(const std::exception_ptr& exception) {
    RemoteError::Origin origin;
    try {
        std::rethrow_exception(exception);
    } catch (const std::exception& outer) {
        try {
            std::rethrow_if_nested(outer);
            ADD_FAILURE() << "nothing nested in " << outer.what();
        } catch (const RemoteError& error) {
            origin = {error.type_name(), error.message(), error.pid(), error.process_name(), error.trace()};
        }
    }
    return origin;
}

template <class E>
class StandardException : public testing::Test {};
using WithText =
    testing::Types<std::logic_error, std::invalid_argument, std::domain_error, std::length_error, std::out_of_range,
                   std::runtime_error, std::range_error, std::overflow_error, std::underflow_error, cohort::Error,
                   cohort::TimeoutError, cohort::AuthenticationError, cohort::EofError, cohort::Empty, cohort::Full,
                   cohort::BrokenBarrierError, cohort::ValueError, cohort::KeyError, cohort::CancelledError,
                   cohort::Interrupted, cohort::BrokenPoolError, cohort::MemoryLimitError, cohort::BinaryMismatchError>;
TYPED_TEST_SUITE(StandardException, WithText);

TYPED_TEST(StandardException, arrives_as_itself) {
    auto received = sent(TypeParam("the text"));
    caught_as<TypeParam>(received, [](const TypeParam& error) { EXPECT_STREQ(error.what(), "the text"); });
    // A copy as just that type, too.
    caught_as<TypeParam>(received, [](const TypeParam& error) { EXPECT_STREQ(TypeParam(error).what(), "the text"); });
    auto origin = origin_of(received);
    EXPECT_EQ(origin.type_name, cohort::detail::demangle(typeid(TypeParam).name()));
    EXPECT_EQ(origin.message, "the text");
    EXPECT_EQ(origin.pid, 42);
    EXPECT_EQ(origin.process_name, "Process-1");
    EXPECT_EQ(origin.trace, "#0 f\n#1 main");
}

template <class E>
class FixedText : public testing::Test {};
using WithoutText =
    testing::Types<std::exception, std::bad_alloc, std::bad_array_new_length, std::bad_cast, std::bad_any_cast,
                   std::bad_typeid, std::bad_optional_access, std::bad_variant_access, std::bad_function_call,
                   std::bad_weak_ptr, std::bad_exception, cohort::shm::OutOfSharedMemory>;
TYPED_TEST_SUITE(FixedText, WithoutText);

TYPED_TEST(FixedText, arrives_as_itself) {
    TypeParam original;
    auto received = sent(original);
    caught_as<TypeParam>(received, [&](const TypeParam& error) { EXPECT_STREQ(error.what(), original.what()); });
    EXPECT_EQ(origin_of(received).message, original.what());
}

TEST(ExceptionRecord, system_errors_keep_code_and_category) {
    for (const auto* category :
         {&std::generic_category(), &std::system_category(), &std::iostream_category(), &std::future_category()}) {
        std::system_error original(std::error_code(1, *category), "open 'x'");
        caught_as<std::system_error>(sent(original), [&](const std::system_error& error) {
            EXPECT_EQ(error.code(), original.code());
            EXPECT_STREQ(error.what(), original.what());
        });
        std::system_error bare(std::error_code(1, *category));
        caught_as<std::system_error>(sent(bare),
                                     [&](const std::system_error& error) { EXPECT_STREQ(error.what(), bare.what()); });
    }
    std::ios_base::failure failure("stream", std::make_error_code(std::io_errc::stream));
    caught_as<std::ios_base::failure>(sent(failure), [&](const std::ios_base::failure& error) {
        EXPECT_EQ(error.code(), failure.code());
        EXPECT_STREQ(error.what(), failure.what());
    });
}

TEST(ExceptionRecord, codes_of_other_categories_keep_value_and_text) {
    struct Own : std::error_category {
        const char* name() const noexcept override { return "own"; }
        std::string message(int) const override { return "own message"; }
    };
    static const Own own;
    std::system_error original(std::error_code(7, own), "call");
    caught_as<std::system_error>(sent(original), [](const std::system_error& error) {
        EXPECT_EQ(error.code().value(), 7);
        EXPECT_STREQ(error.what(), "call: own message");
        EXPECT_NE(error.code().message().find("7"), std::string::npos);
    });
}

TEST(ExceptionRecord, library_errors_keep_their_fields) {
    using std::filesystem::filesystem_error;
    filesystem_error file("copy", "/from", "/to", std::make_error_code(std::errc::no_space_on_device));
    caught_as<filesystem_error>(sent(file), [&](const filesystem_error& error) {
        EXPECT_EQ(error.path1(), "/from");
        EXPECT_EQ(error.path2(), "/to");
        EXPECT_EQ(error.code(), std::errc::no_space_on_device);
        EXPECT_STREQ(error.what(), file.what());
    });
    std::regex_error regex(std::regex_constants::error_brack);
    caught_as<std::regex_error>(sent(regex), [&](const std::regex_error& error) {
        EXPECT_EQ(error.code(), std::regex_constants::error_brack);
        EXPECT_STREQ(error.what(), regex.what());
    });
    std::future_error future(std::future_errc::broken_promise);
    caught_as<std::future_error>(sent(future), [&](const std::future_error& error) {
        EXPECT_EQ(error.code(), std::future_errc::broken_promise);
        EXPECT_STREQ(error.what(), future.what());
    });
}

TEST(ExceptionRecord, errors_of_cohort_keep_their_fields) {
    std::vector<std::byte> message{std::byte{1}, std::byte{0}, std::byte{255}};
    caught_as<cohort::BufferTooShort>(sent(cohort::BufferTooShort(message)), [&](const cohort::BufferTooShort& error) {
        EXPECT_EQ(error.message(), message);
    });
    caught_as<cohort::SerializationError>(sent(cohort::SerializationError("T", "no T")),
                                          [](const cohort::SerializationError& error) {
                                              EXPECT_EQ(error.type(), "T");
                                              EXPECT_STREQ(error.what(), "no T");
                                          });
    cohort::WorkerLostError lost("lost", {.pid = 7, .exitcode = -9, .task_index = 3, .out_of_memory = true});
    caught_as<cohort::WorkerLostError>(sent(lost), [](const cohort::WorkerLostError& error) {
        EXPECT_EQ(error.pid(), 7);
        EXPECT_EQ(error.signal(), 9);
        EXPECT_EQ(error.task_index(), 3U);
        EXPECT_TRUE(error.out_of_memory());
        EXPECT_STREQ(error.what(), "lost");
    });
}

struct UsersError : std::invalid_argument {
    using std::invalid_argument::invalid_argument;
};

TEST(ExceptionRecord, types_of_the_user_arrive_as_remote_errors) {
    auto received = sent(UsersError("mine"));
    caught_as<RemoteError>(received, [](const RemoteError& error) {
        EXPECT_NE(error.type_name().find("UsersError"), std::string::npos);
        EXPECT_EQ(error.message(), "mine");
        EXPECT_EQ(error.pid(), 42);
        EXPECT_EQ(error.trace(), "#0 f\n#1 main");
        EXPECT_NE(std::string(error.what()).find("Process-1"), std::string::npos);
    });
    EXPECT_EQ(nested_in(received), nullptr);
}

TEST(ExceptionRecord, anything_thrown_arrives_as_a_remote_error) {
    auto check = [](const std::exception_ptr& received, const std::string& type, const std::string& text) {
        caught_as<RemoteError>(received, [&](const RemoteError& error) {
            EXPECT_EQ(error.type_name(), type);
            EXPECT_EQ(error.message(), text);
        });
    };
    check(sent(5), "int", "5");
    check(sent(-5L), "long", "-5");
    check(sent(static_cast<const char*>("text")), "char const*", "text");
    check(sent(std::string("text")), "std::string", "text");
    check(sent(2.5), "double", "");
    struct Private : private std::runtime_error {
        Private() : std::runtime_error("hidden") {}
    };
    caught_as<RemoteError>(sent(Private()), [](const RemoteError& error) { EXPECT_EQ(error.message(), ""); });
}

std::exception_ptr thrown(auto&& action) {
    try {
        action();
    } catch (...) {
        return std::current_exception();
    }
    return nullptr;
}

TEST(ExceptionRecord, nested_exceptions_come_along) {
    auto original = thrown([] {
        try {
            try {
                throw std::out_of_range("inner");
            } catch (...) {
                std::throw_with_nested(UsersError("middle"));
            }
        } catch (...) {
            std::throw_with_nested(std::runtime_error("outer"));
        }
    });
    auto outer = sent(original);
    caught_as<std::runtime_error>(outer, [](const auto& error) { EXPECT_STREQ(error.what(), "outer"); });
    EXPECT_EQ(origin_of(outer).type_name, "std::runtime_error");
    auto middle = nested_in(nested_in(outer));  // past the RemoteError of the outer one
    caught_as<RemoteError>(middle, [](const RemoteError& error) {
        EXPECT_NE(error.type_name().find("UsersError"), std::string::npos);
        EXPECT_EQ(error.type_name().find("_Nested"), std::string::npos);
        EXPECT_EQ(error.message(), "middle");
    });
    auto inner = nested_in(middle);
    caught_as<std::out_of_range>(inner, [](const auto& error) { EXPECT_STREQ(error.what(), "inner"); });
    EXPECT_EQ(nested_in(inner), nullptr);
}

TEST(ExceptionRecord, an_exception_may_cross_several_times) {
    auto twice = sent(sent(std::out_of_range("far")));
    caught_as<std::out_of_range>(twice, [](const auto& error) { EXPECT_STREQ(error.what(), "far"); });
    EXPECT_EQ(origin_of(twice).type_name, "std::out_of_range");
    EXPECT_EQ(origin_of(nested_in(twice)).message, "far");
    auto remote = sent(sent(UsersError("mine")));
    caught_as<RemoteError>(remote, [](const RemoteError& error) { EXPECT_EQ(error.message(), "mine"); });
}

TEST(ExceptionRecord, long_chains_are_cut) {
    auto chain = std::make_exception_ptr(std::runtime_error("0"));
    for (int i = 1; i < 100; ++i)
        chain = thrown([&] {
            try {
                std::rethrow_exception(chain);
            } catch (...) {
                std::throw_with_nested(std::runtime_error(std::to_string(i)));
            }
        });
    auto received = sent(chain);
    int length = 0;
    for (auto each = received; each; each = nested_in(each)) ++length;
    EXPECT_EQ(length, 18);  // the outermost, its RemoteError, 16 more
}

TEST(ExceptionRecord, may_be_read_while_another_is_handled) {
    try {
        throw std::logic_error("unrelated");
    } catch (...) {
        EXPECT_EQ(nested_in(sent(UsersError("mine"))), nullptr);
    }
}

TEST(ExceptionRecord, refuses_bytes_that_are_no_exception) {
    BufferSink sink;
    write_exception(sink, std::make_exception_ptr(std::regex_error(std::regex_constants::error_brack)), kWhere);
    for (std::size_t size = 0; size < sink.size(); ++size) {
        Source source(sink.bytes().first(size));
        EXPECT_THROW(read_exception(source), cohort::SerializationError);
    }
    std::mt19937 random(1);
    for (int round = 0; round < 20000; ++round) {
        std::vector<std::byte> bytes(sink.bytes().begin(), sink.bytes().end());
        for (int changes = 0; changes < 3; ++changes)
            bytes[random() % bytes.size()] = static_cast<std::byte>(random() & 0xff);
        Source source(bytes);
        try {
            EXPECT_NE(read_exception(source), nullptr);
        } catch (const cohort::SerializationError&) {
            continue;
        }
    }
}

}  // namespace
