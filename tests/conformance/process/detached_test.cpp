// SPDX-License-Identifier: MIT
// Detached children live on when their parent has ended, and so do the shared objects that they were given.
#include "conformance/start_methods.hpp"

#include <cohort/channel/queue.hpp>
#include <cohort/process/current_process.hpp>
#include <cohort/sync/lock.hpp>
#include <cohort/sync/value.hpp>

#include <signal.h>

#include <mutex>
#include <string>

namespace cohort::test {
namespace {

class Detached : public StartMethods {};
INSTANTIATE_TEST_SUITE_P(, Detached, kEveryStartMethod, name_of);

void use_after_the_parent(const Mailbox& out, Queue<std::string> queue, Lock lock, Value<int> value) {
    parent_process().value().join();
    {
        const std::scoped_lock guard(lock);
        value.set_value(value.value() + 1);
    }
    queue.put(std::string(1'000, 'x'));  // after what the parent has put
    const std::string first = queue.get();
    out.post(first + " " + std::to_string(queue.get().size()) + " " + std::to_string(value.value()));
}

void start_detached(const Mailbox& out, const Mailbox& end, StartMethod method, bool dies) {
    Queue<std::string> queue;
    Lock lock;
    Value<int> value(41);
    queue.put("from the parent");
    Process({.start_method = method, .detached = true}, use_after_the_parent, out, queue, lock, value).start();
    end.take();
    if (dies) ::raise(SIGKILL);
}

TEST_P(Detached, has_what_it_was_given_when_its_parent_has_ended) {
    const Mailbox out = mailbox(), end = mailbox();
    Process parent = start(start_detached, out, end, GetParam(), false);
    end.post("go");
    parent.join();
    EXPECT_EQ(parent.exitcode(), 0);
    EXPECT_EQ(out.take(), "from the parent 1000 42");
}

TEST_P(Detached, has_what_it_was_given_when_its_parent_was_killed) {
    const Mailbox out = mailbox(), end = mailbox();
    Process parent = start(start_detached, out, end, GetParam(), true);
    end.post("go");
    parent.join();
    EXPECT_EQ(parent.exitcode(), -SIGKILL);
    EXPECT_EQ(out.take(), "from the parent 1000 42");
}

}  // namespace
}  // namespace cohort::test
