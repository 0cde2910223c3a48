// SPDX-License-Identifier: MIT
#include "process/stdio.hpp"

#include "os/standard_streams.hpp"

#include <stdio_ext.h>

#include <cstdio>
#include <exception>
#include <iostream>

namespace cohort::process {

void flush_output() noexcept {
    // fflush(nullptr) locks every stream: while another thread sits in a read of stdin it would wait for the input.
    if (ftrylockfile(stdin) == 0) {
        std::fflush(nullptr);
        funlockfile(stdin);
    } else {
        std::fflush(stdout);
        std::fflush(stderr);
    }
    for (std::ostream* stream : {&std::cout, &std::cerr, &std::clog}) {
        try {
            stream->flush();
        } catch (const std::exception&) {
            stream->clear();  // the program asked for exceptions of this stream; a full disk must not stop a start
        }
    }
}

void replace_stdin() noexcept {
    os::point_stdin_at_null();
    if (ftrylockfile(stdin) != 0) return;
    __fpurge(stdin);
    std::clearerr(stdin);
    funlockfile(stdin);
}

}  // namespace cohort::process
