// SPDX-License-Identifier: MIT
#include <cohort/pool/broadcast.hpp>

#include <cohort/base/errors.hpp>
#include <cohort/serial/sink.hpp>

#include "os/fork.hpp"
#include "os/word_lock.hpp"
#include "shm/tree.hpp"

#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <mutex>
#include <span>
#include <vector>

namespace cohort::detail {

namespace {

using Value = std::shared_ptr<const void>;

/// An object that ever was: its arena, and its name in it, which is never used twice.
struct Key {
    std::uint64_t arena;
    std::uint64_t object;

    static Key of(const shm::Object& object) {
        return {shm::tree_arena().id(), std::bit_cast<std::uint64_t>(object.name())};
    }
    bool exists() const {
        const shm::Arena& here = shm::tree_arena();
        return arena == here.id() && here.exists(std::bit_cast<shm::BlockName>(object));
    }
    friend auto operator<=>(const Key&, const Key&) = default;
};

/// What this process has read. Never destroyed: late destructors of the program use handles.
///
/// Thread safety: safe. FORK: the lock is held over every fork of the program; the child has the same values.
class ValuesRead {
public:
    static ValuesRead& of_process() {
        static auto* values = new ValuesRead;
        return *values;
    }

    Value find(const Key& key) {
        std::lock_guard guard(lock_);
        const auto found = values_.find(key);
        return found == values_.end() ? nullptr : found->second;
    }

    /// Forgets those whose objects are gone. Another thread may have read this one meanwhile: then it is that one's.
    Value add(const Key& key, const Value& value) {
        std::vector<Value> unused;  // destroyed without the lock: that may be the user's code
        std::lock_guard guard(lock_);
        std::erase_if(values_, [&](auto& entry) {
            if (entry.first.exists()) return false;
            unused.push_back(std::move(entry.second));
            return true;
        });
        return values_.try_emplace(key, value).first->second;
    }

private:
    ValuesRead() {
        os::call_around_forks([] { of_process().lock_.lock(); }, [] { of_process().lock_.unlock(); });
    }

    os::WordLock lock_;
    std::map<Key, Value> values_;
};

// The size of the message stands before it.
std::shared_ptr<shm::Object> written(FunctionRef<void(serial::Sink&)> write) {
    serial::BufferSink sink;
    write(sink);
    const std::span<const std::byte> message = sink.bytes();
    const std::uint64_t size = message.size();
    auto object = shm::create_object(sizeof size + message.size());
    std::memcpy(object->data(), &size, sizeof size);
    std::memcpy(object->data() + sizeof size, message.data(), message.size());
    return object;
}

}  // namespace

BroadcastState::BroadcastState(Write write, const Value& value)
    : SharedHandle(written(write)), value_(ValuesRead::of_process().add(Key::of(*object()), value)) {}

BroadcastState::BroadcastState(std::shared_ptr<shm::Object> object, Read read) : SharedHandle(std::move(object)) {
    const std::byte* const message = memory();
    const Key key = Key::of(*this->object());
    value_ = ValuesRead::of_process().find(key);
    if (value_) return;
    std::uint64_t size = 0;
    std::memcpy(&size, message, sizeof size);
    serial::Source source({message + sizeof size, static_cast<std::size_t>(size)}, serial::Trust::channel);
    value_ = ValuesRead::of_process().add(key, read(source));
}

void BroadcastState::fail_moved() {
    throw ValueError("the handle was moved from: it has no value any more");
}

}  // namespace cohort::detail
