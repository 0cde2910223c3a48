// SPDX-License-Identifier: MIT
#include "os/limits.hpp"

#include "os/fault.hpp"
#include "os/fork.hpp"
#include "support/leak_check.hpp"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <thread>

namespace {

using namespace cohort::os;
namespace fs = std::filesystem;

TEST(Limits, of_resources_are_read_and_set) {
    ResourceLimit before = resource_limit(RLIMIT_CORE);
    set_resource_limit(RLIMIT_CORE, {0, before.hard});
    EXPECT_EQ(resource_limit(RLIMIT_CORE).soft, 0U);
    set_resource_limit(RLIMIT_CORE, before);
    EXPECT_EQ(resource_limit(RLIMIT_CORE).soft, before.soft);
}

TEST(Limits, processors_are_those_of_the_affinity) {
    EXPECT_EQ(affinity_cpus(), std::thread::hardware_concurrency());
    auto forked = fork_process();
    if (forked.in_child()) {
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(::sched_getcpu(), &one);
        ::sched_setaffinity(0, sizeof one, &one);
        ::_exit(affinity_cpus() == 1 && available_cpus() == 1 ? 0 : 1);
    }
    EXPECT_EQ(forked.process.wait(cohort::forever), cohort::ExitStatus::exited(0));
}

TEST(Limits, a_machine_with_more_processors_than_the_first_guess) {
    Fault too_small("sched_getaffinity", EINVAL, 1, 2);
    EXPECT_GE(affinity_cpus(), 1U);
    EXPECT_EQ(too_small.calls(), 3);
}

/// Folders that look as mounted control groups do.
class Quota : public testing::Test {
protected:
    ~Quota() override { fs::remove_all(root_); }

    void write(const fs::path& file, const std::string& text) {
        fs::create_directories((root_ / file).parent_path());
        std::ofstream(root_ / file) << text;
    }
    std::string mount(const std::string& type, const std::string& folder, const std::string& root = "/",
                      const std::string& options = "rw") const {
        return "30 25 0:27 " + root + " " + (root_ / folder).string() + " rw,nosuid shared:9 - " + type + " " + type +
               " " + options + "\n";
    }

    const fs::path root_ = cohort::test::temporary_folder() + "/groups";
};

TEST_F(Quota, of_version_2_is_the_least_on_the_way_up) {
    write("two/app/cpu.max", "300000 100000\n");
    write("two/app/job/cpu.max", "max 100000\n");
    EXPECT_EQ(cpu_quota("0::/app/job\n", mount("cgroup2", "two")), 3.0);
    write("two/app/job/cpu.max", "150000 100000\n");
    EXPECT_EQ(cpu_quota("0::/app/job\n", mount("cgroup2", "two")), 1.5);
}

TEST_F(Quota, of_version_1_is_that_of_the_cpu_controller) {
    write("one/app/cpu.cfs_quota_us", "50000\n");
    write("one/app/cpu.cfs_period_us", "100000\n");
    const std::string mounts =
        mount("cgroup", "memory", "/", "rw,memory") + mount("cgroup", "one", "/", "rw,cpuacct,cpu");
    EXPECT_EQ(cpu_quota("5:memory:/app\n4:cpuacct,cpu:/app\n", mounts), 0.5);
    write("one/app/cpu.cfs_quota_us", "-1\n");
    EXPECT_EQ(cpu_quota("4:cpuacct,cpu:/app\n", mounts), std::nullopt);
}

TEST_F(Quota, inside_a_container_the_mount_begins_at_its_group) {
    write("two/cpu.max", "200000 100000\n");
    EXPECT_EQ(cpu_quota("0::/docker/abc\n", mount("cgroup2", "two", "/docker/abc")), 2.0);
}

TEST_F(Quota, is_absent_where_nothing_is_mounted_or_readable) {
    EXPECT_EQ(cpu_quota("0::/app\n", ""), std::nullopt);
    EXPECT_EQ(cpu_quota("", mount("cgroup2", "two")), std::nullopt);
    EXPECT_EQ(cpu_quota("nonsense\n::\n", "nonsense - x\n" + mount("cgroup2", "two")), std::nullopt);
}

TEST(Limits, at_least_one_processor_is_available) {
    EXPECT_GE(available_cpus(), 1U);
    EXPECT_LE(available_cpus(), affinity_cpus());
}

}  // namespace
