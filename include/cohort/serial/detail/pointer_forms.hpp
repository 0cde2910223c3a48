// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/serial/detail/form.hpp>
#include <cohort/serial/detail/shared_objects.hpp>

#include <memory>
#include <typeinfo>

// Smart pointers: whether there is an object, then the object. An object that several shared pointers own is written
// once in a message, and its owners there share one again.
namespace cohort::serial::detail {

/// Throws SerializationError for an object that is of a class derived from the one that its pointer knows.
[[noreturn]] COHORT_API void fail_sliced(const std::type_info& actual, std::string_view raw_type_name);

/// Refuses an object of which only the base would be written.
template <class T>
void check_not_sliced([[maybe_unused]] const T& object) {
    if constexpr (std::is_polymorphic_v<T>)
        if (typeid(object) != typeid(T)) fail_sliced(typeid(object), ::cohort::detail::raw_type_name<T>());
}

template <class T>
struct Form<T, Kind::unique_pointer> : Varying {
    using Part = std::remove_const_t<typename T::element_type>;
    using Parts = TypeList<Part>;
    static constexpr std::size_t kLeast = 1;

    static void write(Sink& sink, const T& pointer) {
        encode(sink, pointer != nullptr);
        if (!pointer) return;
        Nested<Sink> nested(sink);
        check_not_sliced<Part>(*pointer);
        encode<Part>(sink, *pointer);
    }
    static T read(Source& source) {
        if (!decode<bool>(source)) return T();
        Nested<Source> nested(source);
        if (source.left() < least_v<Part>) fail<T>("the object is not there");
        return T(new Part(decode<Part>(source)));
    }
};

/// Its number in the message: 0 for none, the next one for an object that follows, a lower one for one that was there.
template <class T>
struct Form<T, Kind::shared_pointer> : Varying {
    using Part = std::remove_const_t<typename T::element_type>;
    using Parts = TypeList<Part>;
    static constexpr std::size_t kLeast = 1;

    static void write(Sink& sink, const T& pointer) {
        if (!pointer) return write_count(sink, 0);
        SharedNumber number = number_written(sink, pointer, &kIdentity<Part>);
        write_count(sink, number.value);
        if (!number.is_new) return;
        Nested<Sink> nested(sink);
        check_not_sliced<Part>(*pointer);
        encode<Part>(sink, *pointer);
    }
    static T read(Source& source) {
        std::uint64_t number = read_long_count(source);
        if (number == 0) return T();
        if (auto known = find_read(source, number, &kIdentity<Part>))
            return std::static_pointer_cast<typename T::element_type>(std::move(known));
        Nested<Source> nested(source);
        if (source.left() < least_v<Part>) fail<T>("the object is not there");
        return read_new(source);
    }

private:
    static T read_new(Source& source) {
        if constexpr (std::is_default_constructible_v<Part> && std::is_move_assignable_v<Part>) {
            // Known before it is read: it may own pointers to itself.
            auto object = std::make_shared<Part>();
            add_read(source, object, &kIdentity<Part>, [](void* part) { *static_cast<Part*>(part) = Part(); });
            *object = decode<Part>(source);
            return object;
        } else {
            std::size_t place = add_read(source, nullptr, &kIdentity<Part>, nullptr);
            std::shared_ptr<Part> object(new Part(decode<Part>(source)));
            complete_read(source, place, object);
            return object;
        }
    }
};

template <class T>
struct Form<T, Kind::weak_pointer> : Varying {
    using Part = std::shared_ptr<typename T::element_type>;
    using Parts = TypeList<Part>;
    static constexpr std::size_t kLeast = 1;

    static void write(Sink& sink, const T& pointer) { encode<Part>(sink, pointer.lock()); }
    static T read(Source& source) { return decode<Part>(source); }
};

}  // namespace cohort::serial::detail
