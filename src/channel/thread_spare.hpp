// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <utility>

namespace cohort::channel {

/// One object that each thread keeps for its next call. A call inside of a call (a type's own code for its bytes may
/// send and receive) makes another one.
///
/// Thread safety: each thread has its own. Works also at the end of a thread, when its objects are destroyed: nothing
/// is kept then.
template <class T>
class ThreadSpare {
public:
    /// The caller's until give_back().
    static T* take() {
        if (T* spare = std::exchange(spare_, nullptr)) return spare;
        return std::make_unique<T>().release();
    }

    /// @param keep  false: it holds too much to be kept
    static void give_back(T* object, bool keep) noexcept {
        std::unique_ptr<T> owned(object);
        if (!keep || spare_ || ended_) return;
        thread_local const AtEnd at_end;
        static_cast<void>(at_end);
        spare_ = owned.release();
    }

private:
    struct AtEnd {
        ~AtEnd() {
            delete std::exchange(spare_, nullptr);
            ended_ = true;
        }
    };

    static inline thread_local constinit T* spare_ = nullptr;
    static inline thread_local constinit bool ended_ = false;
};

}  // namespace cohort::channel
