// SPDX-License-Identifier: MIT
#include "manager/types/slices.hpp"

#include <cohort/serial/object_dict.hpp>
#include <cohort/serial/object_instance.hpp>

#include "manager/reference.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

namespace cohort::manager {

namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

std::int64_t slice_part(const Object& part, std::int64_t otherwise) {
    if (part.is_none()) return otherwise;
    if (!is_int(part)) raise_type_error("slice indices must be integers or None or have an __index__ method");
    return std::max(clamped_int(part), -kMost);  // it can be negated
}

std::int64_t adjust(std::int64_t index, std::int64_t length, bool backwards) {
    if (index < 0) {
        index = index < -length ? -1 : index + length;
        return index < 0 ? (backwards ? -1 : 0) : index;
    }
    return index < length ? index : (backwards ? length - 1 : length);
}

std::vector<Object> split_text(std::string_view text) {
    std::vector<Object> characters;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t next = at + 1;
        while (next < text.size() && (static_cast<unsigned char>(text[next]) & 0xC0U) == 0x80) ++next;
        characters.emplace_back(text.substr(at, next - at));
        at = next;
    }
    return characters;
}

std::vector<Object> walk_range(const Object& range) {
    const auto parts = range.as_instance().args.as_sequence();
    const std::int64_t start = parts[0].as_int(), step = parts[2].as_int();
    check_elements_made(range.size());
    std::vector<Object> numbers;
    for (std::size_t i = 0, count = range.size(); i < count; ++i)
        numbers.emplace_back(start + static_cast<std::int64_t>(i) * step);
    return numbers;
}

// The iterators that Python pickles as calls of these functions: what they have still to give.
std::optional<std::vector<Object>> walk_builtin(const Object& iterator) {
    const ObjectInstance& parts = iterator.as_instance();
    const GlobalName& function = iterator.class_name();
    const auto args = parts.args.as_sequence();
    if (function.module != "builtins" || args.empty()) return {};
    std::vector<Object> first = iterate(args[0]);
    if (function.qualname == "iter" && args.size() == 1) {
        const std::size_t done =
            parts.state && is_int(*parts.state) ? clamped_place(clamped_int(*parts.state), first.size()) : 0;
        first.erase(first.begin(), first.begin() + static_cast<std::ptrdiff_t>(done));
        return first;
    }
    if (function.qualname == "reversed" && args.size() == 1) {
        std::ranges::reverse(first);
        return first;
    }
    if (function.qualname != "zip") return {};
    std::vector<std::vector<Object>> rows(first.size());
    for (const Object& each : args) {
        std::vector<Object> column = iterate(each);
        rows.resize(std::min(rows.size(), column.size()));
        for (std::size_t i = 0; i < rows.size(); ++i) rows[i].push_back(std::move(column[i]));
    }
    std::vector<Object> tuples;
    tuples.reserve(rows.size());
    for (auto& row : rows) tuples.push_back(Object::tuple(std::move(row)));
    return tuples;
}

}  // namespace

std::int64_t clamped_int(const Object& object) {
    if (!is_int(object)) raise_type_error("'" + object.type_name() + "' object cannot be interpreted as an integer");
    if (object.fits_int64()) return object.as_int();
    return object < Object(0) ? -kMost : kMost;
}

std::optional<std::size_t> place_of(std::int64_t index, std::size_t length) noexcept {
    const auto size = static_cast<std::int64_t>(length);
    if (index < 0) index += size;
    if (index < 0 || index >= size) return {};
    return static_cast<std::size_t>(index);
}

std::size_t clamped_place(std::int64_t index, std::size_t length) noexcept {
    const auto size = static_cast<std::int64_t>(length);
    if (index < 0) index = std::max<std::int64_t>(index + size, 0);
    return static_cast<std::size_t>(std::min(index, size));
}

SliceRange slice_range(const Object& slice, std::size_t length) {
    const auto parts = slice.as_instance().args.as_sequence();
    const auto size = static_cast<std::int64_t>(length);
    SliceRange range;
    range.step = slice_part(parts[2], 1);
    if (range.step == 0) raise_value_error("slice step cannot be zero");
    const bool backwards = range.step < 0;
    range.start = adjust(slice_part(parts[0], backwards ? kMost : 0), size, backwards);
    const std::int64_t stop = slice_part(parts[1], backwards ? -kMost : kMost);
    range.stop = adjust(stop, size, backwards);
    if (backwards && range.stop < range.start)
        range.count = static_cast<std::size_t>((range.start - range.stop - 1) / -range.step + 1);
    if (!backwards && range.start < range.stop)
        range.count = static_cast<std::size_t>((range.stop - range.start - 1) / range.step + 1);
    return range;
}

void assign_slice(std::vector<Object>& elements, const Object& slice, std::vector<Object> values) {
    const SliceRange range = slice_range(slice, elements.size());
    if (range.step == 1) {
        const auto first = elements.begin() + range.start;
        const auto after = elements.erase(first, first + static_cast<std::ptrdiff_t>(range.count));
        elements.insert(after, std::make_move_iterator(values.begin()), std::make_move_iterator(values.end()));
        return;
    }
    if (values.size() != range.count)
        raise_value_error("attempt to assign sequence of size " + std::to_string(values.size()) +
                          " to extended slice of size " + std::to_string(range.count));
    for (std::size_t i = 0; i < range.count; ++i) elements[range.at(i)] = std::move(values[i]);
}

void delete_slice(std::vector<Object>& elements, const Object& slice) {
    const SliceRange range = slice_range(slice, elements.size());
    if (range.count == 0) return;
    std::size_t doomed = range.step > 0 ? range.at(0) : range.at(range.count - 1);
    const auto stride = static_cast<std::size_t>(range.step > 0 ? range.step : -range.step);
    std::size_t to = doomed, left = range.count;
    for (std::size_t from = doomed; from < elements.size(); ++from) {
        if (left != 0 && from == doomed) {
            doomed += stride;
            --left;
            continue;
        }
        elements[to++] = std::move(elements[from]);
    }
    elements.resize(to);
}

void check_elements_made(std::size_t count) {
    if (count > most_elements_made) throw PythonError(Object::exception("MemoryError", {}));
}

std::vector<Object> iterate(const Object& iterable) {
    using Kind = Object::Kind;
    const Object value = resolve(iterable);
    switch (value.kind()) {
        case Kind::list:
        case Kind::tuple:
        case Kind::set:
        case Kind::frozenset:
        case Kind::dict:
            return {value.begin(), value.end()};
        case Kind::str:
            return split_text(value.as_str());
        case Kind::range:
            return walk_range(value);
        case Kind::bytes:
        case Kind::bytearray: {
            std::vector<Object> numbers;
            for (const std::byte each : value.as_bytes()) numbers.emplace_back(std::to_integer<int>(each));
            return numbers;
        }
        default:
            break;
    }
    if (value.is(Kind::instance)) {
        if (auto elements = walk_builtin(value)) return std::move(*elements);
        if (!value.as_instance().list_items.empty()) return value.as_instance().list_items;  // a deque
    }
    raise_type_error("'" + value.type_name() + "' object is not iterable");
}

Object resolve(const Object& value) {
    const auto referent = referent_of(value);
    return referent ? referent->value() : value;
}

}  // namespace cohort::manager
