// SPDX-License-Identifier: MIT
#include "process/stdio.hpp"

#include "os/standard_streams.hpp"
#include "os/threads.hpp"

#include <stdio_ext.h>

#include <cstdio>
#include <exception>
#include <iostream>
#include <streambuf>
#include <typeinfo>
#ifdef __GLIBCXX__
#include <ext/stdio_sync_filebuf.h>
#endif

namespace cohort::process {

namespace {

// Standard streams have no buffer of their own unless the program gave them one: what they write is in stdout and
// stderr. To flush them all the same costs each child five page faults.
bool has_own_buffer(const std::ostream& stream) noexcept {
    const std::streambuf* buffer = stream.rdbuf();
    if (!buffer) return false;
#ifdef __GLIBCXX__
    return typeid(*buffer) != typeid(__gnu_cxx::stdio_sync_filebuf<char>);
#else
    return true;
#endif
}

[[gnu::hot]] void flush_own_buffer(std::ostream& stream) noexcept {
    if (!has_own_buffer(stream)) return;
    try {
        stream.flush();
    } catch (const std::exception&) {
        stream.clear();  // the program asked for exceptions of this stream; a full disk must not stop a start
    }
}

// Whether the program has read from it: only then is there input to forget, or an end of file. Asked of the C library's
// functions, it costs each child three page faults.
bool was_read(const FILE* stream) noexcept {
#ifdef __GLIBC__
    return stream->_IO_read_base != nullptr;
#else
    return stream != nullptr;
#endif
}

}  // namespace

[[gnu::hot]] void flush_output() noexcept {
    // fflush(nullptr) locks every stream: while another thread sits in a read of stdin it would wait for the input.
    if (!os::has_other_threads()) {
        std::fflush(nullptr);
    } else if (ftrylockfile(stdin) == 0) {
        std::fflush(nullptr);
        funlockfile(stdin);
    } else {
        std::fflush(stdout);
        std::fflush(stderr);
    }
    flush_own_buffer(std::cout);
    flush_own_buffer(std::cerr);
    flush_own_buffer(std::clog);
}

void flush_printed() noexcept {
#ifdef __GLIBC__
    const bool pending = stdout->_IO_write_ptr != stdout->_IO_write_base;
#else
    const bool pending = true;
#endif
    if (pending) std::fflush(stdout);
    flush_own_buffer(std::cout);
    flush_own_buffer(std::clog);
}

[[gnu::hot]] void replace_stdin() noexcept {
    os::point_stdin_at_null();
    if (!was_read(stdin) || ftrylockfile(stdin) != 0) return;
    __fpurge(stdin);
    std::clearerr(stdin);
    funlockfile(stdin);
}

}  // namespace cohort::process
