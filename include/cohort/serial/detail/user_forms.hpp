// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/serial/detail/description.hpp>
#include <cohort/serial/detail/form.hpp>
#include <cohort/serial/detail/shared_objects.hpp>

#include <memory>

// Types whose bytes somebody else decides: users, in functions for cereal, and the library's own Codec<T>.
namespace cohort::serial::detail {

template <class T>
struct Form<T, Kind::library> : Varying {
    using Parts = TypeList<>;
    static constexpr std::size_t kLeast = 0;

    static void write(Sink& sink, const T& value) { Codec<T>::write(sink, value); }
    static T read(Source& source) { return Codec<T>::read(source); }
};

template <class T>
struct Form<T, Kind::user> : Varying {
    using Parts = TypeList<>;
    static constexpr std::size_t kLeast = 0;

    static void write(Sink& sink, const T& value) {
        OutputArchive archive(sink);
        CerealForm<T>::write(archive, value);
    }
    static void read_into(Source& source, T& value) {
        InputArchive archive(source);
        CerealForm<T>::read(archive, value);
    }
    static T read(Source& source) {
        if constexpr (std::is_default_constructible_v<T>) {
            T value{};
            read_into(source, value);
            return value;
        } else {
            std::unique_ptr<T> value(cereal::access::construct<T>());
            read_into(source, *value);
            return std::move(*value);
        }
    }
};

}  // namespace cohort::serial::detail

namespace cohort::serial {

template <class T>
void OutputArchive::put(const T& value) {
    if constexpr (detail::require_sendable<T>()) detail::encode(sink_, value);
}

template <class T>
void OutputArchive::put(const cereal::SizeTag<T>& tag) {
    detail::write_count(sink_, static_cast<std::uint64_t>(tag.size));
}

template <class Base>
void OutputArchive::put(const cereal::base_class<Base>& base) {
    const Base& object = *base.base_ptr;
    if constexpr (detail::nature_v<Base>.kind == detail::Kind::user)
        detail::CerealForm<Base>::write(*this, object);
    else
        put(object);
}

template <class Base>
void OutputArchive::put(const cereal::virtual_base_class<Base>& base) {
    if (bases_.first(base.base_ptr, &detail::kIdentity<Base>)) put(cereal::base_class<Base>(base.base_ptr));
}

template <class T>
void InputArchive::get(T& value) {
    if constexpr (detail::require_sendable<T>()) detail::decode_into(source_, value);
}

template <class T>
void InputArchive::get(cereal::SizeTag<T>& tag) {
    tag.size = static_cast<std::remove_reference_t<T>>(detail::read_count<std::remove_cvref_t<T>>(source_, 1));
}

template <class Base>
void InputArchive::get(cereal::base_class<Base>& base) {
    Base& object = *base.base_ptr;
    if constexpr (detail::nature_v<Base>.kind == detail::Kind::user)
        detail::CerealForm<Base>::read(*this, object);
    else
        get(object);
}

template <class Base>
void InputArchive::get(cereal::virtual_base_class<Base>& base) {
    if (!bases_.first(base.base_ptr, &detail::kIdentity<Base>)) return;
    cereal::base_class<Base> known(base.base_ptr);
    get(known);
}

}  // namespace cohort::serial
