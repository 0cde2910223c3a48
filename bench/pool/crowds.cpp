// SPDX-License-Identifier: MIT
// Many waiting tasks, many workers, and workers that die.
#include <cohort/base/range.hpp>
#include <cohort/pool/pool.hpp>
#include <cohort/sync/event.hpp>

#include <malloc.h>
#include <signal.h>

#include <atomic>
#include <cstring>
#include <memory>
#include <vector>

#include "pool/contenders.hpp"
#include "pool/tasks.hpp"
#include "support/child.hpp"
#include "support/shared.hpp"

namespace bench {

namespace {

// What tasks of forked workers and this program share.
struct Meeting {
    std::atomic<int> arrived = 0;
    std::atomic<long> moment = 0;
};

Meeting& meeting() {
    static const Shared<Meeting> the_meeting;
    return *the_meeting;
}

// Returns when so many are here.
void meet(int count) {
    std::atomic<int>& arrived = meeting().arrived;
    if (++arrived == count) arrived.notify_all();
    for (int seen; (seen = arrived) < count;) arrived.wait(seen);
}

struct Waiting {
    cohort::Event event;
    void operator()(int) const { event.wait(); }
    template <class Archive>
    void serialize(Archive& archive) {
        archive(event);
    }
};

}  // namespace

}  // namespace bench
