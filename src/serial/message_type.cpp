// SPDX-License-Identifier: MIT
#include <cohort/base/errors.hpp>
#include <cohort/base/type_name.hpp>
#include <cohort/serial/detail/message_type.hpp>

#include <cstdio>
#include <mutex>

namespace cohort::serial::detail {

namespace {

// Both are ready before any constructor of a static object runs.
constinit std::mutex mutex;
constinit MessageType* first = nullptr;

std::string describe(std::uint64_t fingerprint) {
    if (std::string_view raw = MessageType::name_of(fingerprint); !raw.empty())
        return ::cohort::detail::readable_type_name(raw);
    char text[64];
    std::snprintf(text, sizeof text, "a type that is unknown here (%016llx)",
                  static_cast<unsigned long long>(fingerprint));
    return text;
}

}  // namespace

MessageType::MessageType(std::uint64_t fingerprint, std::string_view raw_name) noexcept
    : fingerprint_(fingerprint), raw_name_(raw_name) {
    std::lock_guard lock(mutex);
    next_ = first;
    first = this;
}

MessageType::~MessageType() {
    std::lock_guard lock(mutex);
    MessageType** link = &first;
    while (*link != nullptr && *link != this) link = &(*link)->next_;
    if (*link == this) *link = next_;
}

std::string_view MessageType::name_of(std::uint64_t fingerprint) {
    // FORK: a child may have been made while another thread was in here; the name is a courtesy, so it does not wait.
    std::unique_lock lock(mutex, std::try_to_lock);
    if (!lock) return {};
    for (const MessageType* each = first; each != nullptr; each = each->next_)
        if (each->fingerprint_ == fingerprint) return each->raw_name_;
    return {};
}

void fail_other_type(std::uint64_t received, std::string_view expected_raw_name) {
    std::string expected = ::cohort::detail::readable_type_name(expected_raw_name);
    throw SerializationError(expected, "received " + describe(received) + " where " + expected + " was expected");
}

}  // namespace cohort::serial::detail
