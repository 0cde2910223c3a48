// SPDX-License-Identifier: MIT
#include <cohort/shm/shareable_list.hpp>

#include <cohort/base/errors.hpp>

#include "shm/shareable_layout.hpp"

#include <algorithm>
#include <ostream>
#include <sstream>
#include <stdexcept>

namespace cohort {

struct ShareableList::Layout : shm::ShareableLayout {
    explicit Layout(shm::ShareableLayout layout) : ShareableLayout(std::move(layout)) {}
};

namespace {

SharedMemory make(const shm::ShareableLayout& layout, std::span<const ShareableItem> items,
                  const ShareableListOptions& options) {
    return SharedMemory::create_filled(
        {.create = true, .size = layout.bytes(), .name = options.name, .track = options.track},
        [&](std::span<std::byte> memory) { layout.write_all(memory, items); });
}

}  // namespace

ShareableList::ShareableList(std::initializer_list<ShareableItem> items, const ShareableListOptions& options)
    : layout_(std::make_shared<Layout>(shm::ShareableLayout({items.begin(), items.size()}))),
      memory_(make(*layout_, {items.begin(), items.size()}, options)) {}

ShareableList::ShareableList(const std::vector<ShareableItem>& items, const ShareableListOptions& options)
    : layout_(std::make_shared<Layout>(shm::ShareableLayout(items))), memory_(make(*layout_, items, options)) {}

ShareableList::ShareableList(const ShareableListOptions& options)
    : memory_({.name = options.name, .track = options.track}) {
    layout_ = std::make_shared<Layout>(shm::ShareableLayout::read(memory_.buf()));
}

std::size_t ShareableList::size() const noexcept {
    return layout_->items();
}

std::size_t ShareableList::position(std::ptrdiff_t index, const char* error) const {
    const auto count = static_cast<std::ptrdiff_t>(size());
    if (index < 0) index += count;
    if (index < 0 || index >= count) throw std::out_of_range(error);
    return static_cast<std::size_t>(index);
}

ShareableItem ShareableList::get(std::ptrdiff_t index) const {
    const std::size_t at = position(index, "index out of range");
    const SharedBuffer memory = memory_.buf();
    return layout_->get(memory, at);
}

void ShareableList::set(std::ptrdiff_t index, const ShareableItem& item) const {
    const std::size_t at = position(index, "assignment index out of range");
    const SharedBuffer memory = memory_.buf();
    layout_->set(memory, at, item);
}

std::vector<ShareableItem> ShareableList::items() const {
    return {begin(), end()};
}

std::size_t ShareableList::count(const ShareableItem& item) const {
    return static_cast<std::size_t>(std::count(begin(), end(), item));
}

std::size_t ShareableList::index(const ShareableItem& item) const {
    std::size_t index = 0;
    for (const ShareableItem& entry : *this) {
        if (entry == item) return index;
        ++index;
    }
    std::ostringstream text;
    text << item << " not in this container";
    throw ValueError(text.str());
}

std::string ShareableList::format() const {
    const SharedBuffer memory = memory_.buf();
    std::string text;
    for (std::size_t index = 0; index < size(); ++index) text += layout_->format(memory, index);
    return text;
}

std::ostream& operator<<(std::ostream& out, const ShareableList& list) {
    out << "ShareableList([";
    const char* separator = "";
    for (const ShareableItem& item : list) {
        out << separator << item;
        separator = ", ";
    }
    return out << "], name='" << list.name() << "')";
}

}  // namespace cohort
