// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/serial/detail/description.hpp>

#include <cstdint>
#include <string_view>

namespace cohort::serial::detail {

/// A type that this program sends or receives, entered in the list of all such types for as long as its module is
/// loaded: so an error can name the type of a message that somebody else expected.
///
/// Thread safety: any thread.
class COHORT_API MessageType {
public:
    MessageType(std::uint64_t fingerprint, std::string_view raw_name) noexcept;
    ~MessageType();
    MessageType(const MessageType&) = delete;
    MessageType& operator=(const MessageType&) = delete;

    /// The type's name as the compiler spells it; empty if no loaded module knows the fingerprint.
    static std::string_view name_of(std::uint64_t fingerprint);

private:
    std::uint64_t fingerprint_;
    std::string_view raw_name_;
    MessageType* next_ = nullptr;
};

template <class T>
inline constexpr std::uint64_t kFingerprint = fingerprint_of<T>(nullptr);

template <class T>
struct MessageTypeOf {
    static inline MessageType type{kFingerprint<T>, ::cohort::detail::raw_type_name<T>()};
};

/// The fingerprint of T; every T for which this is called is in the list.
template <class T>
std::uint64_t registered_fingerprint() {
    static_cast<void>(&MessageTypeOf<T>::type);
    return kFingerprint<T>;
}

/// Throws the SerializationError of a message that is of another type.
[[noreturn]] COHORT_API void fail_other_type(std::uint64_t received, std::string_view expected_raw_name);

}  // namespace cohort::serial::detail
