// SPDX-License-Identifier: MIT
// The handshake as a machine. The vectors are what CPython computes.
#include "channel/network/handshake.hpp"

#include <cohort/base/errors.hpp>
#include <cohort/channel/authentication.hpp>
#include <cohort/channel/pipe.hpp>

#include "support/error_text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace cohort::test {
namespace {

using channel::Digest;
using channel::Handshake;
using channel::keyed_digest;
using Side = Handshake::Side;
using namespace std::string_literals;

const std::string kWelcome = "#WELCOME#";
const std::string kFailure = "#FAILURE#";

std::string hex(std::string_view bytes) {
    std::string text;
    for (const char byte : bytes) {
        constexpr std::string_view kDigits = "0123456789abcdef";
        text += kDigits[static_cast<unsigned char>(byte) >> 4];
        text += kDigits[static_cast<unsigned char>(byte) & 15];
    }
    return text;
}

std::string counting(int count) {
    std::string bytes;
    for (int i = 0; i != count; ++i) bytes += static_cast<char>(i);
    return bytes;
}

Handshake make(Side side, std::string key = "secret", bool allow_md5 = true, Digest digest = Digest::sha256) {
    return {side, std::move(key), allow_md5, digest};
}

std::string answer_of(const std::string& challenge, bool allow_md5 = true, Side side = Side::client) {
    return make(side, "secret", allow_md5).receive("#CHALLENGE#" + challenge);
}

/// What a peer that delivers a challenge says to this answer.
std::string verdict(std::string_view digest, bool prefixed, bool allow_md5 = true) {
    Handshake handshake = make(Side::deliver, "secret", allow_md5);
    const std::string challenge = handshake.start().substr(11);
    const std::string code = keyed_digest(*channel::digest_named(digest), "secret", challenge);
    return handshake.receive(prefixed ? "{" + std::string(digest) + "}" + code : code);
}

/// Lets two machines talk, and says how it ended for each.
std::pair<std::string, std::string> talk(Handshake& one, Handshake& other) {
    std::string to_other = one.start(), to_one = other.start();
    while (!to_other.empty() || !to_one.empty()) {
        if (!to_other.empty()) to_one = other.receive(std::exchange(to_other, {}));
        if (!to_one.empty()) to_other = one.receive(std::exchange(to_one, {}));
    }
    return {one.done() ? "done" : one.error(), other.done() ? "done" : other.error()};
}

TEST(Digests, vectors) {
    EXPECT_EQ(hex(keyed_digest(Digest::md5, "secret", "is-twenty-bytes-long")), "f7528657e3de0259edd67ef81a92ac3f");
    const std::string message = "{sha256}" + counting(40);
    EXPECT_EQ(hex(keyed_digest(Digest::sha256, "secret", message)),
              "fc57fbe650d6124b98215e7b5d197d5807ad69982d275a9735ea2d56f1fa6989");
    EXPECT_EQ(hex(keyed_digest(Digest::md5, "secret", message)), "8e48d2bb349b4b72b9382999ed5b62eb");
    EXPECT_EQ(keyed_digest(Digest::sha384, "", "x").size(), 48U);
    EXPECT_EQ(keyed_digest(Digest::sha3_256, "", "x").size(), 32U);
    EXPECT_EQ(keyed_digest(Digest::sha3_384, "", "x").size(), 48U);
}

TEST(Digests, names) {
    for (const char* name : {"md5", "sha256", "sha384", "sha3_256", "sha3_384"})
        EXPECT_EQ(channel::name_of(channel::digest_named(name).value()), name);
    EXPECT_FALSE(channel::digest_named("sha1"));
    EXPECT_FALSE(channel::digest_named(""));
}

TEST(Handshake, both_sides_prove_themselves) {
    for (const char* key : {"secret", "", "\xff\x01"}) {
        Handshake listener = make(Side::listener, key), client = make(Side::client, key);
        EXPECT_EQ(talk(listener, client), std::pair("done"s, "done"s));
    }
}

TEST(Handshake, another_key_is_refused_on_both_sides) {
    for (const char* key : {"", "Secret", "secret "}) {
        Handshake listener = make(Side::listener), client = make(Side::client, key);
        const auto [of_listener, of_client] = talk(listener, client);
        EXPECT_EQ(of_listener, "digest received was wrong: the peer has another authkey");
        EXPECT_EQ(of_client, "digest sent was rejected: the peer has another authkey");
    }
}

TEST(Handshake, a_challenge_says_its_digest) {
    const std::string challenge = make(Side::listener).start();
    EXPECT_TRUE(challenge.starts_with("#CHALLENGE#{sha256}"));
    EXPECT_EQ(challenge.size(), 11U + 8 + 40);
    EXPECT_NE(challenge, make(Side::listener).start());
    EXPECT_TRUE(make(Side::deliver, "", true, Digest::sha3_384).start().starts_with("#CHALLENGE#{sha3_384}"));
}

TEST(Handshake, answers_are_those_of_python) {
    EXPECT_EQ(hex(answer_of("is-twenty-bytes-long")), "f7528657e3de0259edd67ef81a92ac3f");
    const std::string answer = answer_of("{sha256}" + counting(40));
    EXPECT_TRUE(answer.starts_with("{sha256}"));
    EXPECT_EQ(hex(answer.substr(8)), "fc57fbe650d6124b98215e7b5d197d5807ad69982d275a9735ea2d56f1fa6989");
    for (const char* digest : {"md5", "sha384", "sha3_256", "sha3_384"}) {
        const std::string challenge = "{" + std::string(digest) + "}" + counting(30);
        EXPECT_EQ(answer_of(challenge),
                  "{" + std::string(digest) + "}" + keyed_digest(*channel::digest_named(digest), "secret", challenge));
    }
}

TEST(Handshake, any_digest_is_an_answer) {
    EXPECT_EQ(verdict("md5", false), kWelcome);  // Python before 3.12
    for (const char* digest : {"md5", "sha256", "sha384", "sha3_256", "sha3_384"})
        EXPECT_EQ(verdict(digest, true), kWelcome) << digest;
    EXPECT_EQ(verdict("sha256", false), kFailure);
}

TEST(Handshake, md5_is_refused_both_ways_where_it_is_not_allowed) {
    EXPECT_EQ(verdict("md5", false, false), kFailure);
    EXPECT_EQ(verdict("md5", true, false), kFailure);
    EXPECT_EQ(verdict("sha256", true, false), kWelcome);
    EXPECT_EQ(answer_of("is-twenty-bytes-long", false), "");
    EXPECT_EQ(answer_of("{md5}" + counting(40), false), "");
    EXPECT_NE(answer_of("{sha256}" + counting(40), false), "");
}

TEST(Handshake, bad_answers) {
    const std::string long_answer = "{sha256}" + std::string(248, 'x');
    for (const std::string& answer :
         {""s, "x"s, "something bogus"s, "{sha256}"s, "{sha256"s, "{sha1}" + std::string(20, 'x'),
          "{sha256}" + std::string(31, 'x'), std::string(16, '\0'), kWelcome, long_answer}) {
        Handshake handshake = make(Side::listener);
        handshake.start();
        EXPECT_EQ(handshake.receive(answer), kFailure) << answer;
        EXPECT_TRUE(handshake.failed());
        EXPECT_FALSE(handshake.done());
    }
}

TEST(Handshake, bad_challenges) {
    for (const std::string& message :
         {""s, "something bogus"s, "#CHALLENGE#"s, "#CHALLENGE#" + counting(19), "#CHALLENGE#" + counting(21),
          "#CHALLENGE#{sha1}" + counting(40), kWelcome, "#CHALLENGE" + counting(20)}) {
        Handshake handshake = make(Side::client);
        EXPECT_EQ(handshake.receive(message), "") << message;
        EXPECT_TRUE(handshake.failed()) << message;
    }
}

TEST(Handshake, only_a_welcome_is_a_welcome) {
    for (const std::string& message : {""s, kFailure, "#WELCOME"s, "#WELCOME#\0"s, "#CHALLENGE#" + counting(20)}) {
        Handshake handshake = make(Side::client);
        handshake.receive("#CHALLENGE#{sha256}" + counting(40));
        EXPECT_EQ(handshake.receive(message), "");
        EXPECT_EQ(handshake.error(), "digest sent was rejected: the peer has another authkey");
    }
}

// A peer without the key hands everything back.
TEST(Handshake, messages_that_are_sent_back_are_refused) {
    Handshake listener = make(Side::listener);
    const std::string challenge = listener.start();
    EXPECT_EQ(listener.receive(challenge), kFailure);

    Handshake stripped = make(Side::listener);
    EXPECT_EQ(stripped.receive(stripped.start().substr(11)), kFailure);
}

TEST(Handshake, an_answer_is_good_for_its_own_challenge_only) {
    Handshake first = make(Side::listener), second = make(Side::listener), client = make(Side::client);
    const std::string answer = client.receive(first.start());
    second.start();
    EXPECT_EQ(second.receive(answer), kFailure);
    EXPECT_EQ(first.receive(answer), kWelcome);
}

// Two connections of clients to one attacker, who lets the second answer the challenge of the first.
TEST(Handshake, a_clients_challenge_is_answered_by_no_client) {
    Handshake first = make(Side::client), second = make(Side::client);
    first.receive("#CHALLENGE#{sha256}" + counting(40));
    const std::string challenge = first.receive(kWelcome);
    ASSERT_TRUE(challenge.starts_with("#CHALLENGE#{sha256}"));
    EXPECT_EQ(second.receive(challenge), "");
    EXPECT_NE(second.error().find("sent back"), std::string::npos) << second.error();
    Handshake of_another_key = make(Side::client, "another");
    EXPECT_NE(of_another_key.receive(challenge), "");
}

// A listener answers only to who has answered before.
TEST(Handshake, a_listener_answers_nobody_first) {
    Handshake listener = make(Side::listener);
    listener.start();
    EXPECT_EQ(listener.receive("#CHALLENGE#{sha256}" + counting(40)), kFailure);
}

/// What one end of a pipe sends while the other runs `call`, and how that ended.
template <class Call>
std::string error_with_messages(std::initializer_list<std::string> messages, Call&& call) {
    auto [here, there] = Pipe();
    for (const std::string& each : messages) there.send_bytes(each);
    return error_text<AuthenticationError>([&, end = here] { call(end); });
}

TEST(OtherTest, deliver_challenge_auth_failure) {
    EXPECT_NE(error_with_messages({"something bogus"}, [](auto& end) { deliver_challenge(end, "abc"); }), "");
}

TEST(OtherTest, answer_challenge_auth_failure) {
    EXPECT_NE(error_with_messages({"#CHALLENGE#", "something bogus"}, [](auto& end) { answer_challenge(end, "abc"); }),
              "");
    EXPECT_NE(error_with_messages({"#CHALLENGE#" + counting(20), "something bogus"},
                                  [](auto& end) { answer_challenge(end, "abc"); }),
              "");
}

TEST(ChallengeResponse, challengeresponse) {
    const std::string message = "is-twenty-bytes-long";
    for (const std::string& prefix : {""s, "{md5}"s, "{sha256}"s}) {
        Handshake answers = make(Side::answer, "supadupasecretkey");
        EXPECT_TRUE(answers.receive("#CHALLENGE#" + prefix + message).starts_with(prefix));
    }
}

TEST(Challenges, over_a_connection) {
    for (const char* digest : {"md5", "sha256", "sha384", "sha3_256", "sha3_384"}) {
        auto [one, other] = Pipe();
        std::jthread peer([end = other] {
            answer_challenge(end, "key");
            deliver_challenge(end, "key");
        });
        deliver_challenge(one, "key", digest);
        answer_challenge(one, "key");
    }
}

TEST(Challenges, another_key) {
    auto [one, other] = Pipe();
    std::jthread peer([end = other] { EXPECT_THROW(answer_challenge(end, "another"), AuthenticationError); });
    EXPECT_THROW(deliver_challenge(one, "key"), AuthenticationError);
}

TEST(Challenges, misuse) {
    auto [one, other] = Pipe();
    EXPECT_THROW(deliver_challenge(one, "key", "sha1"), ValueError);
    other.send_bytes(std::string(257, 'x'));
    EXPECT_THROW(answer_challenge(one, "key"), ValueError);
    auto [third, fourth] = Pipe();
    fourth.close();
    EXPECT_THROW(answer_challenge(third, "key"), EofError);
}

}  // namespace
}  // namespace cohort::test
