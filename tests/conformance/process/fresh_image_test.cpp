// SPDX-License-Identifier: MIT
// What children that are fresh images of the program have in common: spawn and forkserver.
#include <cohort/base/errors.hpp>
#include <cohort/process/current_process.hpp>
#include <cohort/serial/callable.hpp>

#include "conformance/start_methods.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace cohort::test {
namespace {

class FreshImage : public StartMethods {};
INSTANTIATE_TEST_SUITE_P(, FreshImage, kFreshImages, name_of);

int changed_by_main = 1;

struct Global {
    Global() : pid(::getpid()) {}
    pid_t pid;
};
Global constructed;

TEST_P(FreshImage, globals_are_those_of_a_new_program) {
    changed_by_main = 2;
    EXPECT_EQ(run([] { std::exit(changed_by_main); }), 1);
}

TEST_P(FreshImage, static_constructors_run) {
    EXPECT_EQ(
        run([](pid_t parent) { std::exit(constructed.pid > 0 && constructed.pid != parent ? 0 : 1); }, ::getpid()), 0);
}

TEST_P(FreshImage, lambdas_travel) {
    int number = 40;
    const std::array<char, 4> more{1, 1, 0, 0};
    EXPECT_EQ(run([number, more] { std::exit(number + more[0] + more[1]); }), 42);
}

template <int N>
void exit_with() {
    std::exit(N);
}

struct Functor {
    std::map<std::string, int> numbers{};
    void operator()(const std::string& key) const { std::exit(numbers.at(key)); }
};

void exit_with_sum(int a, int b) {
    std::exit(a + b);
}

TEST_P(FreshImage, callables_travel) {
    EXPECT_EQ(run(exit_with<5>), 5);
    EXPECT_EQ(run(Functor{{{"a", 6}}}, "a"), 6);
    EXPECT_EQ(run(cohort::partial(exit_with_sum, 3), 4), 7);
    EXPECT_EQ(run([](auto number) { std::exit(number); }, 8), 8);
    EXPECT_EQ(run([](void (*function)(int, int)) { function(4, 5); }, exit_with_sum), 9);
}

struct Point {
    int x = 0;
    std::optional<std::string> name{};
};

TEST_P(FreshImage, arguments_travel) {
    auto sum = [](const std::vector<Point>& points, const std::set<int>& set,
                  std::pair<std::string, std::unique_ptr<int>>& pair) {
        int total = *pair.second + static_cast<int>(pair.first.size());
        for (const Point& point : points) total += point.x + static_cast<int>(point.name.value_or("").size());
        for (const int number : set) total += number;
        std::exit(total);
    };
    EXPECT_EQ(run(sum, std::vector<Point>{{1, "ab"}, {2, std::nullopt}}, std::set{10, 20},
                  std::pair(std::string("xyz"), std::make_unique<int>(4))),
              1 + 2 + 2 + 30 + 3 + 4);
}

TEST_P(FreshImage, what_cannot_travel_is_an_error_of_start) {
    int number = 0;
    Process by_reference = make([&number] { ++number; });
    Process any = make(std::function<void()>([] {}));
    std::mutex mutex;
    Process pointer = make([](std::mutex*) {}, &mutex);
    for (Process* p : {&by_reference, &any, &pointer}) {
        try {
            p->start();
            ADD_FAILURE() << "started";
        } catch (const SerializationError& error) {
            EXPECT_FALSE(error.type().empty());
            EXPECT_NE(std::string(error.what()).find(error.type()), std::string::npos) << error.what();
        }
        EXPECT_FALSE(p->pid());
    }
    EXPECT_TRUE(active_children().empty());
}

class Plain : public Process {
public:
    using Process::Process;
    void run() override {}
};

TEST_P(FreshImage, a_subclass_needs_a_codec) {
    Plain p(options());
    EXPECT_THROW(p.start(), SerializationError);
    EXPECT_TRUE(active_children().empty());
}

TEST_P(FreshImage, environment_and_folder_are_the_parents) {
    auto report = [](const Mailbox& out) {
        const char* value = std::getenv("COHORT_CONFORMANCE");
        out.post(value ? value : "not set");
        out.post(std::filesystem::current_path().string());
    };
    const Mailbox out = mailbox();
    ::setenv("COHORT_CONFORMANCE", "set before the first start", 1);
    EXPECT_EQ(run(report, out), 0);
    EXPECT_EQ(out.take(), "set before the first start");
    EXPECT_EQ(out.take(), std::filesystem::current_path().string());
    ::unsetenv("COHORT_CONFORMANCE");
}

TEST_P(FreshImage, standard_descriptors_only) {
    auto report = [](const Mailbox& out) { out.post(std::to_string(count_descriptors())); };
    const Mailbox out = mailbox();
    EXPECT_EQ(run(report, out), 0);
    // stdin, stdout, stderr, and what the runtime keeps to watch its parent
    EXPECT_LE(std::stoi(out.take()), 6);
}

// _TestProcess.test_child_fd_inflation; under fork a child has its parent's descriptors, by design.
TEST_P(FreshImage, child_fd_inflation) {
    auto report = [](const Mailbox& out, const Mailbox& release) {
        out.post(std::to_string(count_descriptors()));
        release.take();
    };
    const Mailbox out = mailbox(), release = mailbox();
    std::vector<Process> processes;
    for (int i = 0; i < 5; ++i) processes.push_back(start(report, out, release));
    std::set<std::string> counts;
    for (int i = 0; i < 5; ++i) counts.insert(out.take());
    EXPECT_EQ(counts.size(), 1U);
    for (int i = 0; i < 5; ++i) release.post("");
    for (Process& p : processes) p.join();
}

}  // namespace
}  // namespace cohort::test
