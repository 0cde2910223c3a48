// SPDX-License-Identifier: MIT
#include "conformance/start_methods.hpp"

#include "process/forkserver.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <system_error>

namespace cohort::test {

namespace fs = std::filesystem;

TemporaryFolder::TemporaryFolder() {
    std::string name = (fs::temp_directory_path() / "cohort-conformance-XXXXXX").string();
    if (!::mkdtemp(name.data())) throw std::system_error(errno, std::generic_category(), "mkdtemp " + name);
    path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

void ProcessTest::TearDown() {
    process::stop_forkserver();
}

WithoutStdin::WithoutStdin() : stdin_(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)) {
    ::close(STDIN_FILENO);
}

WithoutStdin::~WithoutStdin() {
    ::dup2(stdin_, STDIN_FILENO);
    ::close(stdin_);
}

void report_and_wait_for_a_signal(const Mailbox& ready) {
    ready.post(std::to_string(::getpid()));
    for (;;) ::pause();
}

void report_and_wait_for_release(const Mailbox& ready, const Mailbox& release) {
    ready.post(std::to_string(::getpid()));
    release.take();
}

void wait_for_end(pid_t pid) {
    const auto descriptor = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
    if (descriptor < 0) {
        if (errno == ESRCH) return;
        throw std::system_error(errno, std::generic_category(), "pidfd_open");
    }
    pollfd end{descriptor, POLLIN, 0};
    while (::poll(&end, 1, -1) < 0 && errno == EINTR) {
    }
    ::close(descriptor);
}

bool is_running(pid_t pid) {
    std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
    std::string text;
    std::getline(stat, text);
    const auto name_end = text.rfind(") ");
    return name_end != std::string::npos && text[name_end + 2] != 'Z' && text[name_end + 2] != 'X';
}

int number_of(const Process& process) {
    const std::string name = process.name();
    return std::stoi(name.substr(name.rfind('-') + 1));
}

std::string text_of(const std::string& path) {
    std::ifstream in(path);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

std::size_t count_descriptors() {
    const auto all = std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator());
    return static_cast<std::size_t>(all) - 1;  // without the one that reads the folder
}

}  // namespace cohort::test
