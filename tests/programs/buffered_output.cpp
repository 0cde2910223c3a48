// SPDX-License-Identifier: MIT
// What lies in buffers when a child starts is printed once, and before what the child prints. With "iostreams" as
// second argument the buffers are those of the C++ streams, else those of stdio.
#include "programs/program.hpp"

#include <cstdio>
#include <iostream>
#include <string_view>

int main(int, char** argv) {
    const auto method = cohort::test::method_of(argv[1]);
    const bool iostreams = argv[2] && argv[2] == std::string_view("iostreams");
    if (iostreams) std::ios::sync_with_stdio(false);
    auto print = [](const std::string& text, bool by_stream) {
        if (by_stream)
            std::cout << text;
        else
            std::fputs(text.c_str(), stdout);
    };
    std::clog << "log ";
    print("one ", iostreams);
    cohort::Process p({.start_method = method}, print, "two ", iostreams);
    p.start();
    p.join();
    print("three\n", iostreams);
    return p.exitcode().value();
}
