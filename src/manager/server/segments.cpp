// SPDX-License-Identifier: MIT
#include "manager/server/segments.hpp"

#include <cohort/shm/shared_memory.hpp>

#include "manager/python_error.hpp"

#include <algorithm>
#include <exception>

namespace cohort::manager {

namespace {

constexpr std::string_view kTrack = "track_segment";
constexpr std::string_view kRelease = "release_segment";
constexpr std::string_view kList = "list_segments";

void remove(const std::string& name) {
    SharedMemory segment({.name = name});
    segment.unlink();
}

}  // namespace

bool Segments::offers(std::string_view function) noexcept {
    return function == kTrack || function == kRelease || function == kList;
}

Object Segments::call(std::string_view function, const Object& args) {
    if (function == kList) return Object::list({names_.begin(), names_.end()});
    if (args.size() != 1 || !args[0].is(Object::Kind::str)) raise_type_error("the name of a segment is expected");
    if (function == kTrack)
        names_.emplace_back(args[0].as_str());
    else
        release(args[0].as_str());
    return {};
}

void Segments::release(std::string_view name) {
    const auto found = std::ranges::find(names_, name);
    if (found == names_.end()) raise_value_error("list.remove(x): x not in list");
    const std::string taken = std::move(*found);
    names_.erase(found);
    remove(taken);
}

void Segments::unlink_all() noexcept {
    for (const std::string& each : names_) {
        try {
            remove(each);
        } catch (const std::exception&) {
            // Its maker has done it.
        }
    }
    names_.clear();
}

}  // namespace cohort::manager
