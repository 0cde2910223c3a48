// SPDX-License-Identifier: MIT
#include "support/process_list.hpp"

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <memory>
#include <optional>
#include <set>
#include <sstream>

namespace cohort::test {

namespace {

std::optional<ProcessEntry> read_entry(const std::string& pid) {
    std::string stat = text_of_file("/proc/" + pid + "/stat");
    std::size_t open = stat.find('(');
    std::size_t close = stat.rfind(')');  // a program's name may hold brackets
    if (close == std::string::npos) return std::nullopt;
    ProcessEntry entry;
    entry.pid = std::stoi(pid);
    entry.name = stat.substr(open + 1, close - open - 1);
    std::istringstream rest(stat.substr(close + 1));
    rest >> entry.state >> entry.parent >> entry.group >> entry.session;
    return entry;
}

std::vector<ProcessEntry> all_processes() {
    std::vector<ProcessEntry> list;
    for (const std::string& name : names_in("/proc"))
        if (name.find_first_not_of("0123456789") == std::string::npos)
            if (auto entry = read_entry(name)) list.push_back(*entry);
    return list;
}

}  // namespace

std::vector<std::string> names_in(const std::string& folder) {
    std::vector<std::string> names;
    std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(folder.c_str()), ::closedir);
    if (!open) return names;
    while (const dirent* entry = ::readdir(open.get())) {
        std::string name = entry->d_name;
        if (name != "." && name != "..") names.push_back(name);
    }
    return names;
}

std::string text_of_file(const std::string& path) {
    std::ifstream file(path);
    std::ostringstream text;
    if (file) text << file.rdbuf();
    return text.str();
}

void lead_group() {
    ::setsid();
}  // fails if a shell has made it the leader already, which is as good

std::vector<ProcessEntry> descendants(pid_t root) {
    std::vector<ProcessEntry> all = all_processes();
    std::set<pid_t> family{root};
    auto belongs = [&](const ProcessEntry& process) {
        bool orphan = process.group == root || process.session == root;
        return family.count(process.parent) || (orphan && process.state != 'Z');
    };
    for (bool grown = true; grown;) {
        grown = false;
        for (const ProcessEntry& process : all) grown |= belongs(process) && family.insert(process.pid).second;
    }
    std::erase_if(all, [&](const ProcessEntry& process) { return process.pid == root || !family.count(process.pid); });
    return all;
}

std::string to_string(const ProcessEntry& process) {
    std::ostringstream text;
    text << "pid " << process.pid << " (" << process.name << "), state " << process.state << ", parent "
         << process.parent;
    return text.str();
}

}  // namespace cohort::test
