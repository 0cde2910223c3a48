// SPDX-License-Identifier: MIT
#include <cohort/manager/shared_memory_manager.hpp>

#include <utility>

namespace cohort {

SharedMemoryManager::SharedMemoryManager(ManagerOptions options) : BaseManager(std::move(options)) {
    keep_segments();
}

cohort::SharedMemory SharedMemoryManager::SharedMemory(ByteCount size) const {
    cohort::SharedMemory segment({.create = true, .size = size});
    track(segment);
    return segment;
}

cohort::ShareableList SharedMemoryManager::ShareableList(const std::vector<ShareableItem>& items) const {
    cohort::ShareableList list(items);
    track(list.shm());
    return list;
}

void SharedMemoryManager::track(cohort::SharedMemory& segment) const {
    try {
        call_server("track_segment", Object::tuple({Object(segment.name())}));
    } catch (...) {
        segment.unlink();
        throw;
    }
}

}  // namespace cohort
