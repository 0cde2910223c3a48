// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/serial/detail/shared_objects.hpp>

#include <map>
#include <utility>
#include <vector>

namespace cohort::serial::detail {

/// The objects of shared pointers that a value being written has named so far.
class WrittenObjects {
public:
    SharedNumber number(std::shared_ptr<const void> object, const void* type);

private:
    std::map<std::pair<const void*, const void*>, std::uint64_t> numbers_;
    std::vector<std::shared_ptr<const void>> alive_;
};

/// The objects of shared pointers that a value being read has brought so far.
class ReadObjects {
public:
    ReadObjects() noexcept;
    /// Makes the objects empty if an exception ended the reading.
    ~ReadObjects();
    ReadObjects(const ReadObjects&) = delete;
    ReadObjects& operator=(const ReadObjects&) = delete;

    std::shared_ptr<void> find(std::uint64_t number, const void* type) const;
    std::size_t add(std::shared_ptr<void> object, const void* type, void (*clear)(void*));
    void complete(std::size_t place, std::shared_ptr<void> object) { entries_[place].object = std::move(object); }

private:
    struct Entry {
        std::shared_ptr<void> object;
        const void* type;
        void (*clear)(void*);
    };
    std::vector<Entry> entries_;
    int exceptions_;  // under way when the reading began
};

}  // namespace cohort::serial::detail
