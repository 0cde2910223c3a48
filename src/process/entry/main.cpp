// SPDX-License-Identifier: MIT
// Stands between the C library and the program's main, by the linker option --wrap=main. A static library of its own,
// so that it is in the executable also when cohort is a shared library.
#include <cohort/process/entry.hpp>

// NOLINTBEGIN(bugprone-reserved-identifier): the linker's names
extern "C" int __real_main(int argc, char** argv, char** environment);
extern "C" int __wrap_main(int argc, char** argv, char** environment);
// Of the coverage runtimes of gcc and clang, where the program is instrumented. They are hidden in the executable: a
// shared cohort cannot see them.
extern "C" __attribute__((weak)) void __gcov_exit();
extern "C" __attribute__((weak)) void __gcov_dump();
extern "C" __attribute__((weak)) int __llvm_profile_write_file();
// NOLINTEND(bugprone-reserved-identifier)

namespace {

void write_coverage() {
    if (__gcov_exit)
        __gcov_exit();  // gcc's
    else if (__gcov_dump)
        __gcov_dump();  // clang's, with --coverage
    if (__llvm_profile_write_file) __llvm_profile_write_file();
}

struct Note {
    Note() noexcept {
        const bool instrumented = __gcov_exit || __gcov_dump || __llvm_profile_write_file;
        cohort::detail::note_entry(instrumented ? write_coverage : nullptr);
    }
};

// First of all: a static initializer of the program may try to start a process.
[[gnu::init_priority(101)]] const Note noted;

}  // namespace

int __wrap_main(int argc, char** argv, char** environment) {
    return cohort::detail::enter(argc, argv, environment, __real_main);
}
