// SPDX-License-Identifier: MIT
#include "os/accounts.hpp"

#include "os/system_call.hpp"

#include <grp.h>
#include <pwd.h>

#include <vector>

namespace cohort::os {

namespace {

/// What `find` writes for the name; empty if there is no such entry. `find` is getpwnam_r or the like.
template <class Entry, class Find>
std::optional<Entry> look_up(const char* call, const std::string& name, Find find) {
    std::vector<char> text(1024);
    for (;;) {
        Entry entry{};
        Entry* found = nullptr;
        const int error = find(name.c_str(), &entry, text.data(), text.size(), &found);
        if (found) return entry;
        // Some sources say so of a name that they do not have.
        if (error == 0 || error == ENOENT || error == ESRCH) return std::nullopt;
        if (error != ERANGE && error != EINTR) throw_error(error, call, "'" + name + "'");
        if (error == ERANGE) text.resize(text.size() * 2);
    }
}

}  // namespace

std::optional<uid_t> user_number(const std::string& name) {
    const auto entry = look_up<passwd>("getpwnam_r", name, ::getpwnam_r);
    return entry ? std::optional(entry->pw_uid) : std::nullopt;
}

std::optional<gid_t> group_number(const std::string& name) {
    const auto entry = look_up<group>("getgrnam_r", name, ::getgrnam_r);
    return entry ? std::optional(entry->gr_gid) : std::nullopt;
}

}  // namespace cohort::os
