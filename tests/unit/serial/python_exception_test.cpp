// SPDX-License-Identifier: MIT
#include <cohort/base/errors.hpp>
#include <cohort/serial/pickle.hpp>
#include <cohort/serial/python_exception.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <new>
#include <stdexcept>
#include <system_error>

namespace {

using cohort::Object;

template <class T>
std::string thrown_text(const Object& exception) {
    try {
        cohort::throw_python_exception(exception, "Traceback (most recent call last):\n  here");
    } catch (const T& error) {
        try {
            std::rethrow_if_nested(error);
        } catch (const cohort::RemoteError& remote) {
            EXPECT_EQ(remote.type_name(), exception.type_name());
            EXPECT_NE(std::string(remote.what()).find("  here"), std::string::npos);
            EXPECT_EQ(std::string(remote.what()).find("pid"), std::string::npos);
        }
        return error.what();
    }
    return "nothing was thrown";
}

template <class T>
Object object_of(const T& error) {
    return cohort::exception_to_object(std::make_exception_ptr(error));
}

TEST(PythonException, HasACounterpart) {
    auto exception = [](const char* name) { return Object::exception(name, {"why"}); };
    EXPECT_EQ(thrown_text<cohort::KeyError>(exception("KeyError")), "'why'");
    EXPECT_EQ(thrown_text<cohort::ValueError>(exception("ValueError")), "why");
    EXPECT_EQ(thrown_text<cohort::TypeError>(exception("TypeError")), "why");
    EXPECT_EQ(thrown_text<cohort::AttributeError>(exception("AttributeError")), "why");
    EXPECT_EQ(thrown_text<cohort::EofError>(exception("EOFError")), "why");
    EXPECT_EQ(thrown_text<cohort::TimeoutError>(exception("TimeoutError")), "why");
    EXPECT_EQ(thrown_text<cohort::Interrupted>(exception("KeyboardInterrupt")), "why");
    EXPECT_EQ(thrown_text<std::out_of_range>(exception("IndexError")), "why");
    EXPECT_EQ(thrown_text<std::bad_alloc>(exception("MemoryError")), "why");
    EXPECT_EQ(thrown_text<std::overflow_error>(exception("OverflowError")), "why");
    EXPECT_EQ(thrown_text<std::domain_error>(exception("ZeroDivisionError")), "why");
    EXPECT_EQ(thrown_text<std::logic_error>(exception("AssertionError")), "why");
    EXPECT_EQ(thrown_text<std::runtime_error>(exception("NotImplementedError")), "why");
    for (const char* module : {"queue", "_queue"})
        EXPECT_EQ(thrown_text<cohort::Empty>(Object::exception(module, "Empty", {})), std::string(module) + ".Empty");
    EXPECT_EQ(thrown_text<cohort::Full>(Object::exception("queue", "Full", {})), "queue.Full");
    EXPECT_EQ(thrown_text<cohort::BrokenBarrierError>(Object::exception("threading", "BrokenBarrierError", {})),
              "threading.BrokenBarrierError");
    EXPECT_EQ(thrown_text<cohort::AuthenticationError>(
                  Object::exception("multiprocessing.context", "AuthenticationError", {"no"})),
              "no");
}

TEST(PythonException, OsErrorsHaveTheirNumber) {
    try {
        cohort::throw_python_exception(Object::exception("FileNotFoundError", {2, "No such file", "f"}));
    } catch (const std::system_error& error) {
        EXPECT_EQ(error.code(), std::errc::no_such_file_or_directory);
        EXPECT_STREQ(error.what(), "[Errno 2] No such file: 'f'");
    }
    try {
        cohort::throw_python_exception(Object::exception("ConnectionRefusedError", {}));
    } catch (const std::system_error& error) {
        EXPECT_EQ(error.code(), std::errc::connection_refused);
    }
    EXPECT_EQ(thrown_text<std::system_error>(Object::exception("OSError", {"bad message length"})),
              "bad message length");
}

TEST(PythonException, OthersAreRemoteErrors) {
    try {
        cohort::throw_python_exception(Object::exception("shop", "SoldOut", {"apples", 3}), "Traceback\n");
        FAIL();
    } catch (const cohort::RemoteError& error) {
        EXPECT_EQ(error.type_name(), "shop.SoldOut");
        EXPECT_EQ(error.message(), "('apples', 3)");
        EXPECT_EQ(error.trace(), "Traceback\n");
    }
    EXPECT_THROW(cohort::throw_python_exception(5), cohort::TypeError);
}

TEST(PythonException, OfCpp) {
    EXPECT_EQ(object_of(cohort::ValueError("why")).repr(), "ValueError('why')");
    EXPECT_EQ(object_of(std::out_of_range("why")).repr(), "IndexError('why')");
    EXPECT_EQ(object_of(std::invalid_argument("why")).repr(), "ValueError('why')");
    EXPECT_EQ(object_of(std::runtime_error("why")).repr(), "RuntimeError('why')");
    EXPECT_EQ(object_of(std::bad_alloc()).class_name().qualname, "MemoryError");
    EXPECT_EQ(object_of(cohort::Empty("")).class_name(), (cohort::GlobalName{"queue", "Empty"}));
    EXPECT_EQ(object_of(cohort::BufferTooShort({std::byte{'a'}})).repr(), "BufferTooShort(b'a')");
    EXPECT_EQ(object_of(std::system_error(2, std::generic_category(), "open")).repr(),
              "FileNotFoundError(2, 'open: No such file or directory')");
    EXPECT_EQ(
        object_of(std::filesystem::filesystem_error("open", "/a", std::error_code(2, std::generic_category()))).str(),
        "[Errno 2] No such file or directory: '/a'");
    EXPECT_EQ(object_of(5).repr(), "RuntimeError('an exception of C++: 5')");
    EXPECT_EQ(object_of(std::runtime_error("\xff")).repr(), "RuntimeError('?')");
    EXPECT_EQ(object_of(std::bad_function_call()).repr().substr(0, 41), "RuntimeError('std::bad_function_call: bad");
}

TEST(PythonException, GoesBackAsItCame) {
    for (const Object& exception :
         {Object::exception("KeyError", {Object::tuple({"a", 1})}), Object::exception("shop", "SoldOut", {3}),
          Object::exception("FileNotFoundError", {2, "No", "f"})}) {
        try {
            cohort::throw_python_exception(exception);
        } catch (...) {
            EXPECT_EQ(cohort::exception_to_object(std::current_exception()), exception);
        }
    }
    try {
        static_cast<void>(Object::dict()[5]);
    } catch (const cohort::KeyError&) {
        EXPECT_EQ(cohort::exception_to_object(std::current_exception()).repr(), "KeyError(5)");
    }
}

}  // namespace
