// SPDX-License-Identifier: MIT
// What versions of Python send that a machine may not have: the pickles of protocols 4 (3.8 to 3.13) and 5 (from 3.14
// on) and both handshakes (up to 3.11, from 3.12 on), as record.py has recorded them.
#include <cohort/serial/pickle.hpp>

#include "channel/network/handshake.hpp"
#include "manager/server/dispatcher.hpp"
#include "unit/manager/calls.hpp"
#include "unit/serial/pickle_messages.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace cohort;
using namespace cohort::manager;

const std::string kSource = COHORT_SOURCE_DIR;

std::string text_of_hex(std::string_view hex) {
    std::string text;
    for (const std::byte each : cohort_test::from_hex(hex)) text += static_cast<char>(each);
    return text;
}

TEST(RecordedBytes, the_challenge_of_versions_before_3_12_is_answered) {
    channel::Handshake client(channel::Handshake::Side::client, "secret", true);
    client.start();
    EXPECT_EQ(client.receive("#CHALLENGE#is-twenty-bytes-long"), text_of_hex("f7528657e3de0259edd67ef81a92ac3f"));
}

TEST(RecordedBytes, the_challenge_of_versions_from_3_12_on_is_answered) {
    std::string challenge = "#CHALLENGE#{sha256}";
    for (char c = 0; c < 40; ++c) challenge += c;
    channel::Handshake client(channel::Handshake::Side::client, "secret", true);
    client.start();
    EXPECT_EQ(client.receive(challenge),
              "{sha256}" + text_of_hex("fc57fbe650d6124b98215e7b5d197d5807ad69982d275a9735ea2d56f1fa6989"));
}

TEST(RecordedBytes, messages_are_read_as_python_means_them) {
    std::ifstream file(kSource + "/tests/interop/recorded/messages.tsv");
    std::size_t count = 0;
    for (std::string line; std::getline(file, line); ++count) {
        std::istringstream fields(line);
        std::string protocol, hex, meaning;
        std::getline(fields, protocol, '\t');
        std::getline(fields, hex, '\t');
        std::getline(fields, meaning);
        const Object value = pickle::loads(cohort_test::from_hex(hex));
        EXPECT_EQ(value.repr(), meaning) << "protocol " << protocol;
        EXPECT_EQ(pickle::loads(pickle::dumps(value)).repr(), meaning);
    }
    EXPECT_EQ(count, 32U);
}

/// A server without sockets, which gets requests that were recorded.
class Replay {
public:
    Replay() : dispatcher_(built_in_types(timers_), "/address", {workers_, [] {}}) {
        const Object made =
            ask(pickle::dumps(Object::tuple({Object(), "create", Object::tuple({"list"}), Object::dict()})));
        prefix_ = made[1][0].str();
        prefix_.pop_back();
    }

    Object ask(std::string request) {
        for (auto at = request.find(kPlaceholder); at != std::string::npos; at = request.find(kPlaceholder, at + 1))
            request.replace(at, kPlaceholder.size(), prefix_);
        return ask(std::as_bytes(std::span(request)));
    }

private:
    static constexpr std::string_view kPlaceholder = "cohortprefix";
    struct AtOnce final : Workers {
        void run(std::function<std::function<void()>()> work) override { work()(); }
    };

    Object ask(std::span<const std::byte> request) {
        const auto answered = std::make_shared<Answered>();
        Peer peer{1, 0, true, false};
        dispatcher_.handle(request, peer, answered);
        timers_.run_all();
        return pickle::loads(dispatcher_.encode(answered->answer.value_or(Answer{}), peer).content());
    }

    TestTimers timers_;
    AtOnce workers_;
    Dispatcher dispatcher_;
    std::string prefix_;
};

TEST(RecordedBytes, requests_of_both_protocols_get_the_same_answers) {
    for (const std::string part : {"dict", "list", "nested", "others"}) {
        std::vector<std::string> answers;
        for (const std::string protocol : {"4", "5"}) {
            std::ifstream file(kSource + "/fuzz/corpus/dispatcher/" + part + "-" + protocol, std::ios::binary);
            const std::string bytes(std::istreambuf_iterator<char>(file), {});
            Replay server;
            std::string all;
            std::size_t requests = 0, failed = 0;
            for (std::size_t at = 0; at + 3 < bytes.size(); ++requests) {
                const auto number = [&](std::size_t i) { return static_cast<unsigned char>(bytes[at + i]); };
                const std::size_t length = number(1) + 256U * number(2);
                const Object answer = server.ask(bytes.substr(at + 3, length));
                failed += answer[0] == Object("#TRACEBACK");
                all += answer[0].str() + "\n";
                at += 3 + length;
            }
            EXPECT_GT(requests, 20U) << part;
            EXPECT_LT(failed * 5, requests) << part;
            answers.push_back(all);
        }
        EXPECT_EQ(answers[0], answers[1]) << part;
    }
}

}  // namespace
