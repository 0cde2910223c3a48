// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/manager/base_manager.hpp>
#include <cohort/shm/shareable_list.hpp>
#include <cohort/shm/shared_memory.hpp>

#include <vector>

namespace cohort {

/// A manager whose server takes away the names of the segments that were made through it, when it ends
/// (multiprocessing.managers.SharedMemoryManager). Started by start(), or found by connect(), as any BaseManager; shut
/// down by shutdown() or the destructor of the one that started it.
///
/// Thread safety: as BaseManager; SharedMemory() and ShareableList() are safe. FORK: as BaseManager.
/// DEATH: of the server, by a signal: the segments go with the programs that made them, as any.
class COHORT_API SharedMemoryManager : public BaseManager {
public:
    /// Not started yet.
    explicit SharedMemoryManager(ManagerOptions options = {});

    /// A new segment.
    /// @param size  in bytes
    /// @throws ValueError  the size is not positive; neither started nor connected
    /// @throws std::system_error  as cohort::SharedMemory; the server has gone: nothing is left then
    cohort::SharedMemory SharedMemory(ByteCount size) const;
    /// A new list in a segment. @throws as SharedMemory(), and cohort::ShareableList
    cohort::ShareableList ShareableList(const std::vector<ShareableItem>& items) const;

private:
    void track(cohort::SharedMemory& segment) const;
};

}  // namespace cohort
