// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/base/type_name.hpp>
#include <cohort/serial/sink.hpp>
#include <cohort/serial/source.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

#ifdef __has_builtin
#if __has_builtin(__builtin_clear_padding)
#define COHORT_CLEARS_PADDING 1
#endif
#endif

namespace cohort::serial {

/// What runs in the process that a callable is sent to.
enum class Target {
    forked,  ///< a copy of this process: the program's code lies at the same place
    fresh,   ///< the same program, started anew, here or elsewhere
};

// Closures whose captures are plain data travel as their bytes. A captured reference or pointer would be meaningless or
// worse in the other process, and cannot be told from the type: so every word that may be one is looked at.
namespace detail {

inline constexpr std::size_t kWord = sizeof(std::uint64_t);

template <class F>
inline constexpr std::size_t word_count_v = alignof(F) < alignof(void*) ? 0 : sizeof(F) / kWord;  // 0: no pointers

template <class F>
using Judged = std::array<bool, word_count_v<F>>;

template <class F>
constexpr Judged<F> all_words() {
    Judged<F> all{};
    for (bool& each : all) each = true;
    return all;
}

#ifdef COHORT_CLEARS_PADDING
inline constexpr bool kClearsPadding = true;
#else
inline constexpr bool kClearsPadding = false;
#endif

// Where the compiler can. gcc 12 does not believe that a closure is trivially copyable once its assignment was asked
// for.
template <class F>
void clear_padding([[maybe_unused]] std::byte* bytes) noexcept {
#ifdef COHORT_CLEARS_PADDING
    if constexpr (__is_trivially_copyable(F)) __builtin_clear_padding(reinterpret_cast<F*>(bytes));
#endif
}

// Whether the word is all value and no padding. Constant evaluation knows: bytes of padding have no value to read. It
// cannot make objects with pointers, references or unions, where the answer is always no.
template <class F>
constexpr bool reads_word(std::size_t word) {
    struct Bytes {
        unsigned char at[sizeof(F)];
    };
    auto back = __builtin_bit_cast(Bytes, __builtin_bit_cast(F, Bytes{}));
    unsigned sum = 0;
    for (std::size_t i = 0; i < kWord; ++i) sum += back.at[word * kWord + i];
    return sum == 0;
}

template <class F, std::size_t Word, class = void>
inline constexpr bool is_all_value_v = false;
template <class F, std::size_t Word>
inline constexpr bool is_all_value_v<F, Word, std::enable_if_t<(reads_word<F>(Word), true)>> = true;

// Whether a derived object's member would be put into the last word, where F then has no value.
template <class F>
constexpr bool ends_in_padding() {
    if constexpr (std::is_final_v<F>) {
        return false;
    } else {
        struct OneMore : F {
            char more;
        };
        return sizeof(OneMore) == sizeof(F);
    }
}

// Which words are judged: all, but none that is known to hold padding.
template <class F, std::size_t... Word>
constexpr Judged<F> judged_words(std::index_sequence<Word...>) {
    Judged<F> judged = all_words<F>();
    if constexpr (kClearsPadding && __is_trivially_copyable(F)) return judged;
    bool known = false;
    if constexpr (__is_trivially_copyable(F) && sizeof(F) <= 1024) {
        known = (is_all_value_v<F, Word> || ...);
        if (known) judged = {is_all_value_v<F, Word>...};
    }
    if constexpr (word_count_v<F> != 0)
        if (!known && ends_in_padding<F>()) judged[word_count_v<F> - 1] = false;
    return judged;
}

/// Throws SerializationError if one of the words is the address of mapped memory; of code, too, unless the target has
/// the same code at the same place.
/// @param judged for each word, whether it is looked at
/// @param raw_type the callable's type, as raw_type_name() gives it
COHORT_API void check_captures(std::span<const std::byte> bytes, std::span<const bool> judged, Target target,
                               std::string_view raw_type);

template <class F>
struct PlainBytes {
    struct alignas(F) Image {
        std::array<std::byte, sizeof(F)> bytes;
    };

    static void write(Sink& sink, const F& callable, Target target, bool check) {
        if constexpr (!std::is_empty_v<F>) {
            // Large captures are not put on the stack a second time.
            if constexpr (sizeof(F) <= 4096) {
                Image image;
                write_image(sink, image, callable, target, check);
            } else {
                auto image = std::make_unique<Image>();
                write_image(sink, *image, callable, target, check);
            }
        }
    }

    // Bytes from strangers are judged too: they could hold addresses of this process's memory and code.
    static F read(Source& source) {
        Image image{};
        if constexpr (!std::is_empty_v<F>) {
            source.read(image.bytes.data(), sizeof(F));
            static constexpr auto all = all_words<F>();
            if (!source.trusted()) check_captures(image.bytes, all, Target::fresh, cohort::detail::raw_type_name<F>());
        }
        F& read = *reinterpret_cast<F*>(image.bytes.data());
        if constexpr (std::is_trivially_copy_constructible_v<F>)
            return std::as_const(read);  // a tuple's move is not a copy of bytes
        else
            return std::move(read);
    }

private:
    static void write_image(Sink& sink, Image& image, const F& callable, Target target, bool check) {
        std::memcpy(image.bytes.data(), &callable, sizeof(F));
        clear_padding<F>(image.bytes.data());
        static constexpr auto judged = judged_words<F>(std::make_index_sequence<word_count_v<F>>());
        if (check) check_captures(image.bytes, judged, target, cohort::detail::raw_type_name<F>());
        sink.write(image.bytes.data(), sizeof(F));
    }
};

}  // namespace detail

}  // namespace cohort::serial

#undef COHORT_CLEARS_PADDING
