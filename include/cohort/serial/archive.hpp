// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/serial/sink.hpp>
#include <cohort/serial/source.hpp>

#include <cereal/cereal.hpp>

#include <type_traits>
#include <utility>
#include <vector>

namespace cohort::serial {

namespace detail {

/// The base classes that one object has already written or read: a virtual one comes by several ways.
class VisitedBases {
public:
    /// Whether this is the first visit of the base class `type` at `address`.
    bool first(const void* address, const void* type);

private:
    std::vector<std::pair<const void*, const void*>> visited_;
};

}  // namespace detail

/// What a user's `serialize` and `save` functions for cereal are given to write to: cereal's interface, cohort's bytes.
/// All that the codec knows may be written to it, also types that cereal has no header for.
///
/// Thread safety: one thread at a time.
// A base in namespace cereal lets argument-dependent lookup find the functions that users put there.
class COHORT_API OutputArchive final : public cereal::detail::OutputArchiveBase, private cereal::access {
public:
    /// What a function template of the user's can ask.
    using is_loading = std::false_type;
    /// What a function template of the user's can ask.
    using is_saving = std::true_type;

    /// Writes to `sink`, which must outlive the archive.
    explicit OutputArchive(Sink& sink) noexcept;
    ~OutputArchive() noexcept override;
    OutputArchive(const OutputArchive&) = delete;
    OutputArchive& operator=(const OutputArchive&) = delete;

    /// Writes the values, one after the other.
    template <class... Ts>
    OutputArchive& operator()(Ts&&... values) {
        (put(values), ...);
        return *this;
    }
    template <class T>
    OutputArchive& operator&(T&& value) {
        put(value);
        return *this;
    }
    template <class T>
    OutputArchive& operator<<(T&& value) {
        put(value);
        return *this;
    }

    /// Does nothing: deferred values are written in their place.
    void serializeDeferments() noexcept {}

    /// Where the bytes go.
    Sink& sink() noexcept { return sink_; }

private:
    template <class T>
    void put(const T& value);
    template <class T>
    void put(const cereal::NameValuePair<T>& pair) {
        put(pair.value);
    }
    template <class T>
    void put(const cereal::DeferredData<T>& deferred) {
        put(deferred.value);
    }
    template <class K, class V>
    void put(const cereal::MapItem<K, V>& item) {
        put(item.key);
        put(item.value);
    }
    template <class T>
    void put(const cereal::SizeTag<T>& tag);
    template <class T>
    void put(const cereal::BinaryData<T>& block) {
        sink_.write(block.data, static_cast<std::size_t>(block.size));
    }
    template <class Base>
    void put(const cereal::base_class<Base>& base);
    template <class Base>
    void put(const cereal::virtual_base_class<Base>& base);

    Sink& sink_;
    detail::VisitedBases bases_;
};

/// What a user's `serialize` and `load` functions for cereal are given to read from.
///
/// Thread safety: one thread at a time.
class COHORT_API InputArchive final : public cereal::detail::InputArchiveBase, private cereal::access {
public:
    /// What a function template of the user's can ask.
    using is_loading = std::true_type;
    /// What a function template of the user's can ask.
    using is_saving = std::false_type;

    /// Reads from `source`, which must outlive the archive.
    explicit InputArchive(Source& source) noexcept;
    ~InputArchive() noexcept override;
    InputArchive(const InputArchive&) = delete;
    InputArchive& operator=(const InputArchive&) = delete;

    /// Reads the values, one after the other. Throws SerializationError when the bytes are not theirs.
    template <class... Ts>
    InputArchive& operator()(Ts&&... values) {
        (get(values), ...);
        return *this;
    }
    template <class T>
    InputArchive& operator&(T&& value) {
        get(value);
        return *this;
    }
    template <class T>
    InputArchive& operator>>(T&& value) {
        get(value);
        return *this;
    }

    /// Does nothing: deferred values are read in their place.
    void serializeDeferments() noexcept {}

    /// Where the bytes come from.
    Source& source() noexcept { return source_; }

private:
    template <class T>
    void get(T& value);
    template <class T>
    void get(cereal::NameValuePair<T>& pair) {
        get(pair.value);
    }
    template <class T>
    void get(cereal::DeferredData<T>& deferred) {
        get(deferred.value);
    }
    template <class K, class V>
    void get(cereal::MapItem<K, V>& item) {
        get(item.key);
        get(item.value);
    }
    template <class T>
    void get(cereal::SizeTag<T>& tag);
    template <class T>
    void get(cereal::BinaryData<T>& block) {
        source_.read(block.data, static_cast<std::size_t>(block.size));
    }
    template <class Base>
    void get(cereal::base_class<Base>& base);
    template <class Base>
    void get(cereal::virtual_base_class<Base>& base);

    Source& source_;
    detail::VisitedBases bases_;
};

}  // namespace cohort::serial

CEREAL_SETUP_ARCHIVE_TRAITS(cohort::serial::InputArchive, cohort::serial::OutputArchive)
