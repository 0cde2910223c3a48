// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/serial/detail/form.hpp>

// Containers whose items lie apart: the number of items, then each item.
namespace cohort::serial::detail {

struct Container : Varying {
    static constexpr std::size_t kLeast = 1;
};

template <class T>
struct Form<T, Kind::sequence> : Container {
    using Part = typename T::value_type;
    using Parts = TypeList<Part>;

    static void write(Sink& sink, const T& items) {
        Nested<Sink> nested(sink);
        write_count(sink, items.size());
        for (const Part& item : items) encode_item(sink, item);
    }
    static T read(Source& source) {
        Nested<Source> nested(source);
        T items;
        for (std::size_t count = read_count<T>(source, least_v<Part>); count != 0; --count)
            items.push_back(decode_item<Part>(source));
        return items;
    }
};

template <class T>
struct Form<T, Kind::forward_list> : Container {
    using Part = typename T::value_type;
    using Parts = TypeList<Part>;

    static void write(Sink& sink, const T& items) {
        Nested<Sink> nested(sink);
        std::size_t count = 0;
        for (auto at = items.begin(); at != items.end(); ++at) ++count;
        write_count(sink, count);
        for (const Part& item : items) encode_item(sink, item);
    }
    static T read(Source& source) {
        Nested<Source> nested(source);
        T items;
        auto last = items.before_begin();
        for (std::size_t count = read_count<T>(source, least_v<Part>); count != 0; --count)
            last = items.insert_after(last, decode_item<Part>(source));
        return items;
    }
};

template <class T>
struct Form<T, Kind::valarray> : Container {
    using Part = typename T::value_type;
    using Parts = TypeList<Part>;

    static void write(Sink& sink, const T& items) {
        Nested<Sink> nested(sink);
        write_count(sink, items.size());
        for (std::size_t i = 0; i < items.size(); ++i) encode_item(sink, items[i]);
    }
    static T read(Source& source) {
        Nested<Source> nested(source);
        std::size_t count = read_count<T>(source, least_v<Part>);
        T items(count);
        for (std::size_t i = 0; i < count; ++i) items[i] = decode_item<Part>(source);
        return items;
    }
};

template <class T>
struct KeyedParts {
    using type = TypeList<typename T::key_type>;
};
template <class T>
requires requires {
    typename T::mapped_type;
}
struct KeyedParts<T> {
    using type = TypeList<typename T::key_type, typename T::mapped_type>;
};

template <class T>
struct Form<T, Kind::keyed> : Container {
    using Parts = typename KeyedParts<T>::type;
    using Key = typename T::key_type;

    static void write(Sink& sink, const T& items) {
        Nested<Sink> nested(sink);
        write_count(sink, items.size());
        for (const auto& item : items) {
            if constexpr (kMap) {
                encode_item(sink, item.first);
                encode(sink, item.second);
            } else {
                encode_item(sink, item);
            }
        }
    }
    static T read(Source& source) {
        Nested<Source> nested(source);
        std::size_t count = read_count<T>(source, least_v<Key>);
        T items;
        if constexpr (requires { items.bucket_count(); }) items.reserve(room_for<Key>(source, count));
        for (std::size_t i = 0; i < count; ++i) {
            Key key = decode_item<Key>(source);
            // The end is the right place, for items that come in their order.
            if constexpr (kMap)
                items.emplace_hint(items.end(), std::move(key), decode<typename T::mapped_type>(source));
            else
                items.emplace_hint(items.end(), std::move(key));
        }
        if (items.size() != count) fail<T>("a key comes twice");
        return items;
    }

private:
    static constexpr bool kMap = Parts::size == 2;
};

/// Reaches the protected container of a std::queue, std::stack or std::priority_queue.
template <class Adaptor>
struct Inside : Adaptor {
    static const typename Adaptor::container_type& of(const Adaptor& adaptor) { return adaptor.*&Inside::c; }
};

template <class T>
struct Form<T, Kind::adaptor> : Container {
    using Part = typename T::container_type;
    using Parts = TypeList<Part>;

    static void write(Sink& sink, const T& adaptor) { encode(sink, Inside<T>::of(adaptor)); }
    static T read(Source& source) {
        if constexpr (requires { typename T::value_compare; })
            return T(typename T::value_compare(), decode<Part>(source));
        else
            return T(decode<Part>(source));
    }
};

}  // namespace cohort::serial::detail
