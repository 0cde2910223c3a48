// SPDX-License-Identifier: MIT
#include <cohort/serial/archive.hpp>

#include <algorithm>

namespace cohort::serial {

OutputArchive::OutputArchive(Sink& sink) noexcept : sink_(sink) {}
OutputArchive::~OutputArchive() noexcept = default;

InputArchive::InputArchive(Source& source) noexcept : source_(source) {}
InputArchive::~InputArchive() noexcept = default;

bool detail::VisitedBases::first(const void* address, const void* type) {
    std::pair<const void*, const void*> visit(address, type);
    if (std::find(visited_.begin(), visited_.end(), visit) != visited_.end()) return false;
    visited_.push_back(visit);
    return true;
}

}  // namespace cohort::serial
