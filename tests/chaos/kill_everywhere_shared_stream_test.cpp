// SPDX-License-Identifier: MIT
// Kills one side of a shared stream at every point of sending and receiving: the other receives whole pieces in their
// order, and sees the end.
#include "chaos/kill_everywhere.hpp"
#include "manager/client/shared_link.hpp"
#include "os/memfd.hpp"
#include "os/socket.hpp"
#include "os/unix_socket.hpp"

#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <utility>
#include <vector>

namespace {

using namespace cohort;
using manager::SharedLink;
using manager::SharedStream;
using test::KillPoint;

constexpr std::size_t kPiece = 4080;

/// The parent is the server, the child the client.
class StreamTrial : public test::KillTrial {
public:
    std::span<const std::byte> watched() const override { return {raw_.data(), raw_.size()}; }

protected:
    StreamTrial() : message_(6000) {
        for (std::size_t i = 0; i != message_.size(); ++i) message_[i] = static_cast<std::byte>(i / 16 + 1);
    }

    /// The end of the socket, behind at most so many wakes.
    void expect_end(std::size_t most_wakes) {
        sockets_.second.reset();
        std::array<std::byte, 16> wakes;
        std::size_t count = 0;
        while (const auto got = os::receive_stream(sockets_.first.get(), wakes, 0, "test")) {
            if (*got == 0) break;
            count += *got;
        }
        EXPECT_LE(count, most_wakes);
    }

    std::vector<std::byte> message_;
    std::pair<Descriptor, Descriptor> sockets_ = os::socket_pair(os::SocketKind::stream);
    SharedStream server_ = SharedStream::create();
    const Descriptor memory_ = server_.take_descriptor();
    const os::Mapping raw_ = os::Mapping::map_shared(memory_.get(), os::size(memory_.get()));
    SharedLink client_{SharedStream::attach(memory_), sockets_.second.get(), "test"};
};

class SendTrial : public StreamTrial {
public:
    SendTrial() { server_.announce_sleep(); }
    void operate() override { client_.send(std::span(message_).first(4), std::span(message_).subspan(4)); }
    void check(const KillPoint& point) override {
        expect_end(1);
        std::vector<std::byte> received(2 * message_.size());
        received.resize(server_.receive(received));
        EXPECT_TRUE(received.empty() || received.size() == kPiece || received.size() == message_.size());
        EXPECT_TRUE(!point.last || received.size() == message_.size());
        EXPECT_TRUE(std::equal(received.begin(), received.end(), message_.begin()));
    }
};

class ReceiveTrial : public StreamTrial {
public:
    ReceiveTrial() {
        server_.send(message_, {});
        server_.announce_sleep();
    }
    void operate() override {
        std::array<std::byte, kPiece> buffer;
        client_.receive(buffer);
    }
    void check(const KillPoint&) override {
        expect_end(1);
        EXPECT_TRUE(server_.writable());
        EXPECT_EQ(server_.send(message_, {}), message_.size());
    }
};

TEST(KillEverywhereSharedStream, sending) {
    test::kill_everywhere_in<SendTrial>("send");
}

TEST(KillEverywhereSharedStream, receiving) {
    test::kill_everywhere_in<ReceiveTrial>("receive");
}

}  // namespace
