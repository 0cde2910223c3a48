// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace cohort::test {

/// A named pipe for whole lines: every process that knows its path may post and take, under every start method.
/// A value: arguments of processes carry it. It works while its MailboxOwner lives.
struct Mailbox {
    std::string path{};

    /// Puts a line in. Lines of less than 4 KiB stay whole.
    void post(std::string_view line) const;
    /// Waits for the next line.
    std::string take() const;
};

/// Makes a Mailbox, and keeps what is posted until somebody takes it.
class MailboxOwner {
public:
    explicit MailboxOwner(std::string path);
    ~MailboxOwner();
    MailboxOwner(const MailboxOwner&) = delete;
    MailboxOwner& operator=(const MailboxOwner&) = delete;

    const Mailbox& mailbox() const noexcept { return mailbox_; }

private:
    Mailbox mailbox_;
    int descriptor_;
};

}  // namespace cohort::test
