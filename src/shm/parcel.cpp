// SPDX-License-Identifier: MIT
#include "shm/parcel.hpp"

#include <vector>

namespace cohort::shm {

Parcel::Parcel(std::span<const std::shared_ptr<Object>> objects) {
    if (objects.empty()) return;
    std::vector<BlockName> names;
    names.reserve(objects.size());
    for (const auto& object : objects) names.push_back(object->name());
    name_ = tree_arena().pack(BlockTag::owned_by(this_process()), names);
}

Parcel::Parcel(BlockName received) noexcept : name_(received) {
    if (name_) take_back();
}

Parcel::~Parcel() {
    if (name_) tree_arena().free(name_);
}

void Parcel::hand_over() const noexcept {
    if (name_) tree_arena().tag(name_).store(BlockTag::in_flight().raw(), std::memory_order_release);
}

void Parcel::take_back() const noexcept {
    if (name_) tree_arena().tag(name_).store(BlockTag::owned_by(this_process()).raw(), std::memory_order_release);
}

}  // namespace cohort::shm
