// SPDX-License-Identifier: MIT
#include <cohort/sync/shared_data.hpp>

#include <cohort/base/errors.hpp>

#include "shm/tree.hpp"
#include "sync/make_state.hpp"
#include "sync/rlock_state.hpp"

#include <algorithm>
#include <atomic>
#include <limits>
#include <new>
#include <string>

namespace cohort::sync {

namespace {

/// What stands before the items. The lock comes first: an RLock of this object is a handle like every other one.
struct Head {
    RLockState lock;
    std::uint64_t count;
    std::uint64_t first;  // where the items begin
    std::atomic<std::uint32_t> valid_copy;
};

constexpr std::size_t kHead = 64;
static_assert(sizeof(Head) <= kHead);

Head& head_of(const std::shared_ptr<shm::Object>& object) {
    return state_at<Head>(object->data());
}

std::shared_ptr<shm::Object> make(std::ptrdiff_t count, std::size_t item_bytes, std::size_t alignment) {
    if (count < 0) throw ValueError("the size of shared data must be >= 0, not " + std::to_string(count));
    const std::size_t first = std::max(kHead, alignment);
    const auto items = static_cast<std::size_t>(count);
    if (items > (std::numeric_limits<std::size_t>::max() - first) / item_bytes) throw std::bad_alloc();
    auto object = shm::create_object(first + items * item_bytes);
    Head& head = *new (object->data()) Head{};
    head.count = items;
    head.first = first;
    return object;
}

}  // namespace

SharedData::SharedData(std::shared_ptr<shm::Object> object)
    : SharedHandle(std::move(object)), items_(memory() + head_of(this->object()).first) {}

SharedData::SharedData(std::ptrdiff_t count, std::size_t item_bytes, std::size_t alignment)
    : SharedData(make(count, item_bytes, alignment)) {}

std::size_t SharedData::count() const {
    items();
    return head_of(object()).count;
}

std::size_t SharedData::valid_copy() const {
    return head_of(object()).valid_copy.load(std::memory_order_acquire);
}

void SharedData::set_valid_copy(std::size_t copy) const {
    head_of(object()).valid_copy.store(static_cast<std::uint32_t>(copy), std::memory_order_release);
}

void SharedData::fail_moved() {
    throw ValueError("the handle was moved from: it has no object any more");
}

}  // namespace cohort::sync
