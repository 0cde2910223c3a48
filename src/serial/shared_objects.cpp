// SPDX-License-Identifier: MIT
#include "serial/shared_objects.hpp"

#include <cohort/base/errors.hpp>

#include <exception>

namespace cohort::serial::detail {

SharedNumber WrittenObjects::number(std::shared_ptr<const void> object, const void* type) {
    auto [at, is_new] = numbers_.try_emplace({object.get(), type}, numbers_.size() + 1);
    if (is_new) alive_.push_back(std::move(object));
    return {at->second, is_new};
}

ReadObjects::ReadObjects() noexcept : exceptions_(std::uncaught_exceptions()) {}

ReadObjects::~ReadObjects() {
    if (std::uncaught_exceptions() <= exceptions_) return;
    for (const Entry& entry : entries_)
        if (entry.object && entry.clear != nullptr) entry.clear(entry.object.get());
}

std::shared_ptr<void> ReadObjects::find(std::uint64_t number, const void* type) const {
    if (number == entries_.size() + 1) return nullptr;
    if (number > entries_.size())
        throw SerializationError("", "a message is damaged: it names a shared object that has not come");
    const Entry& entry = entries_[static_cast<std::size_t>(number - 1)];
    if (entry.type != type)
        throw SerializationError("", "a message is damaged: a shared object is of another type than its pointer");
    if (!entry.object)
        throw SerializationError("", "a shared object owns itself: its type needs a default constructor for that");
    return entry.object;
}

std::size_t ReadObjects::add(std::shared_ptr<void> object, const void* type, void (*clear)(void*)) {
    entries_.push_back({std::move(object), type, clear});
    return entries_.size() - 1;
}

SharedNumber number_written(Sink& sink, std::shared_ptr<const void> object, const void* type) {
    return sink.shared().number(std::move(object), type);
}

std::shared_ptr<void> find_read(Source& source, std::uint64_t number, const void* type) {
    return source.shared().find(number, type);
}

std::size_t add_read(Source& source, std::shared_ptr<void> object, const void* type, void (*clear)(void*)) {
    return source.shared().add(std::move(object), type, clear);
}

void complete_read(Source& source, std::size_t place, std::shared_ptr<void> object) {
    source.shared().complete(place, std::move(object));
}

}  // namespace cohort::serial::detail
