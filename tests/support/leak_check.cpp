// SPDX-License-Identifier: MIT
#include "support/leak_check.hpp"

#include "support/process_list.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <thread>

namespace cohort::process {

// Of the library, where the program has it.
[[gnu::weak]] void leave_tree() noexcept;

}  // namespace cohort::process

namespace cohort::shm {

[[gnu::weak]] std::string forget_tree();

}  // namespace cohort::shm

namespace cohort::test {

namespace {

namespace fs = std::filesystem;

constexpr int kStrayChildExit = 99;
constexpr const char* kFolderPrefix = "cohort-test-";

/// For what ends by itself, on a busy machine; COHORT_TEST_GRACE in the environment, in seconds.
std::chrono::seconds grace() {
    const char* text = std::getenv("COHORT_TEST_GRACE");
    return std::chrono::seconds(text ? std::atoi(text) : 5);
}

std::vector<void (*)()>& settlers() {
    static std::vector<void (*)()> list;
    return list;
}

/// The folder of this program's temporary files, removed at its end.
class TemporaryFolder {
public:
    TemporaryFolder() : owner_(::getpid()), outside_(fs::temp_directory_path()) {
        std::string pattern = (outside_ / kFolderPrefix).string() + "XXXXXX";
        if (!::mkdtemp(pattern.data())) throw fs::filesystem_error("mkdtemp", pattern, {errno, std::system_category()});
        path_ = pattern;
        ::setenv("TMPDIR", pattern.c_str(), 1);
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        if (::getpid() == owner_) fs::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    const fs::path& path() const { return path_; }
    const fs::path& outside() const { return outside_; }

private:
    pid_t owner_;
    fs::path outside_;
    fs::path path_;
};

const TemporaryFolder& own_folder() {
    static const TemporaryFolder folder;
    return folder;
}

bool is_shared_name(const std::string& name) {
    return name.starts_with("cohort") || name.starts_with("psm_");
}

bool is_stray_file(const std::string& name) {
    return name.starts_with("cohort") && !name.starts_with(kFolderPrefix);
}

/// A file that some living process has mapped: another test program's, which runs at the same time.
bool is_mapped_somewhere(const std::string& path) {
    for (const std::string& pid : names_in("/proc"))
        if (text_of_file("/proc/" + pid + "/maps").find(path) != std::string::npos) return true;
    return false;
}

/// Everything that a test could leave, each thing by a text that names it.
struct Belongings {
    std::map<int, std::string> descriptors{};
    std::map<pid_t, std::string> processes{};
    std::set<std::string> files{};
};

std::map<int, std::string> open_descriptors() {
    std::map<int, std::string> open;
    for (const std::string& number : names_in("/proc/self/fd")) {
        std::error_code gone;  // names_in() had one open to read the folder
        std::string link = fs::read_symlink("/proc/self/fd/" + number, gone).string();
        if (!gone) open[std::stoi(number)] = link;
    }
    return open;
}

Belongings take_stock() {
    Belongings now;
    now.descriptors = open_descriptors();
    for (const ProcessEntry& process : descendants(::getpid())) now.processes[process.pid] = to_string(process);
    for (const std::string& name : names_in("/dev/shm"))
        if (is_shared_name(name)) now.files.insert("/dev/shm/" + name);
    for (const std::string& name : names_in(own_folder().path()))
        now.files.insert((own_folder().path() / name).string());
    for (const std::string& name : names_in(own_folder().outside()))
        if (is_stray_file(name)) now.files.insert((own_folder().outside() / name).string());
    return now;
}

std::vector<std::string> differences(const Belongings& before, const Belongings& after) {
    std::vector<std::string> found;
    for (const auto& [number, link] : after.descriptors)
        if (!before.descriptors.count(number)) found.push_back("descriptor " + std::to_string(number) + " -> " + link);
    for (const auto& [number, link] : before.descriptors)
        if (!after.descriptors.count(number))
            found.push_back("descriptor " + std::to_string(number) + " -> " + link + " was closed");
    for (const auto& [pid, process] : after.processes)
        if (!before.processes.count(pid)) found.push_back("process " + process);
    for (const std::string& file : after.files)
        if (!before.files.count(file) && !is_mapped_somewhere(file)) found.push_back("file " + file);
    return found;
}

class LeakCheck : public testing::EmptyTestEventListener {
    void OnTestStart(const testing::TestInfo&) override { before_ = take_stock(); }

    void OnTestEnd(const testing::TestInfo& test) override {
        end_stray_child(test);
        for (void (*settle)() : settlers()) settle();
        if (process::leave_tree) process::leave_tree();  // so that each test begins without a tree of processes
        for (const std::string& leak : leaks_after_grace()) ADD_FAILURE() << "the test left behind: " << leak;
        end_left_processes();
    }

    void end_stray_child(const testing::TestInfo& test) const {
        if (::getpid() == owner_) return;
        std::fprintf(stderr, "a child process came back from the body of %s.%s\n", test.test_suite_name(), test.name());
        ::_exit(kStrayChildExit);
    }

    /// So that they do not outlive the program, and hold its output open.
    void end_left_processes() const {
        for (const ProcessEntry& process : descendants(owner_)) {
            if (before_.processes.count(process.pid)) continue;
            ::kill(process.pid, SIGKILL);
            if (process.parent == owner_) ::waitpid(process.pid, nullptr, 0);
        }
    }

    std::vector<std::string> leaks_after_grace() const {
        auto end = std::chrono::steady_clock::now() + grace();
        for (;;) {
            const std::string shared = shm::forget_tree ? shm::forget_tree() : std::string();
            std::vector<std::string> leaks = differences(before_, take_stock());
            if (!shared.empty()) leaks.push_back(shared);
            if (leaks.empty() || std::chrono::steady_clock::now() >= end) return leaks;
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
    }

    Belongings before_;
    const pid_t owner_ = ::getpid();
};

}  // namespace

void install_leak_check() {
    lead_group();
    own_folder();
    testing::UnitTest::GetInstance()->listeners().Append(new LeakCheck);  // the framework deletes it
}

std::string temporary_folder() {
    return own_folder().path().string();
}

void after_each_test(void (*settle)()) {
    settlers().push_back(settle);
}

}  // namespace cohort::test
