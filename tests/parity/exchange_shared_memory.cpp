// SPDX-License-Identifier: MIT
// The other side of exchange_shared_memory.py: makes, shows and changes what Python makes, shows and changes.
//   make SIZE            makes a segment 0 1 2 ... and prints its name; shows it when stdin ends, and unlinks it
//   show NAME            prints the bytes of a segment, then adds one to each
//   make-list            makes a list and prints its name; shows it when stdin ends, and unlinks it
//   show-list NAME       prints a list
//   change-list NAME     replaces each item
//   error WHAT           prints the text of an error
#include <cohort/cohort.hpp>

#include <algorithm>
#include <functional>
#include <iostream>
#include <map>
#include <string>
#include <string_view>

namespace {

using cohort::none, cohort::ShareableItem, cohort::ShareableList, cohort::SharedMemory;

ShareableItem::Bytes bytes_of(std::string_view text) {
    const auto bytes = std::as_bytes(std::span(text));
    return {bytes.begin(), bytes.end()};
}

void print(const SharedMemory& memory) {
    for (const std::byte byte : memory.buf()) std::cout << std::to_integer<int>(byte) << ' ';
    std::cout << std::endl;
}

void wait_for_the_other_side() {
    std::cout << std::flush;
    std::string line;
    while (std::getline(std::cin, line)) {
    }
}

void make(const std::string& size) {
    SharedMemory memory({.create = true, .size = std::stoul(size)});
    int next = 0;
    for (std::byte& byte : memory.buf()) byte = static_cast<std::byte>(next++);
    std::cout << memory.name() << '\n';
    wait_for_the_other_side();
    print(memory);
    memory.unlink();
}

void show(const std::string& name) {
    const SharedMemory memory({.name = name});
    print(memory);
    for (std::byte& byte : memory.buf()) byte = static_cast<std::byte>(std::to_integer<int>(byte) + 1);
}

void make_list(const std::string&) {
    ShareableList list({1, -2, 2.5, "text", "größe", bytes_of(std::string_view("\x00\xff", 2)), true, false, none});
    std::cout << list.name() << '\n';
    wait_for_the_other_side();
    std::cout << list << '\n' << list.format() << '\n';
    list.shm().unlink();
}

void show_list(const std::string& name) {
    const ShareableList list({.name = name});
    std::cout << list << '\n' << list.format() << '\n';
}

void change_list(const std::string& name) {
    const ShareableList list({.name = name});
    list[0] = "12345678";
    list[1] = none;
    list[2] = true;
    list[3] = 77;
    list[4] = bytes_of("bytes");
    list[-1] = 0.1;
}

void error(const std::string& what) {
    const std::map<std::string, std::function<void()>> calls{
        {"size zero", [] { SharedMemory({.create = true, .size = 0}); }},
        {"size negative", [] { SharedMemory({.create = true, .size = -1}); }},
        {"no name", [] { SharedMemory({.name = ""}); }},
        {"too long", [] { ShareableList({"a"})[0] = "123456789"; }},
        {"not in it", [] { static_cast<void>(ShareableList({"a"}).index("b")); }},
        {"index", [] { static_cast<void>(ShareableList({"a"})[1]); }},
        {"assigned index", [] { ShareableList({"a"}).set(1, 1); }},
    };
    try {
        calls.at(what)();
    } catch (const std::exception& failure) {
        std::cout << failure.what() << '\n';
    }
}

}  // namespace

int main(int argc, char** argv) {
    const std::map<std::string_view, void (*)(const std::string&)> commands{
        {"make", make},
        {"show", show},
        {"make-list", make_list},
        {"show-list", show_list},
        {"change-list", change_list},
        {"error", error},
    };
    commands.at(argv[1])(argc > 2 ? argv[2] : "");
}
