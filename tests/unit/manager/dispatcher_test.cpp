// SPDX-License-Identifier: MIT
#include "manager/server/dispatcher.hpp"

#include <cohort/serial/object_instance.hpp>
#include <cohort/serial/pickle.hpp>

#include "calls.hpp"

#include <stdexcept>

namespace {

using namespace cohort;
using namespace cohort::manager;

/// Does at once what would be done in another thread.
struct Immediately : Workers {
    void run(std::function<std::function<void()>()> work) override { work()(); }
};

class DispatcherTest : public testing::Test {
protected:
    DispatcherTest() : dispatcher(types(), "/address", {workers, [this] { shut_down = true; }}) {}

    ServedTypes types() {
        ServedTypes all = built_in_types(timers);
        all["fails"] = {[](auto, auto&) -> std::shared_ptr<Referent> { throw std::out_of_range("no such thing"); },
                        true};
        return all;
    }

    Object request(const Object& content) {
        const auto answered = std::make_shared<Answered>();
        dispatcher.handle(pickle::dumps(content), peer, answered);
        if (!answered->answer) return "waits";
        return pickle::loads(dispatcher.encode(*answered->answer, peer).content());
    }
    Object ask(const Object& ident, const char* method, std::vector<Object> args = {}) {
        return request(Object::tuple({ident, Object(method), Object::tuple(std::move(args)), Object::dict()}));
    }
    std::string create(const char* type) { return ask({}, "create", {type})[1][0].str(); }
    void accept() { ask({}, "accept_connection", {"name"}); }

    TestTimers timers;
    Immediately workers;
    bool shut_down = false;
    Peer peer{};
    Dispatcher dispatcher;
};

std::string last_line(const Object& reply) {
    std::string text = reply[1].str();
    text.pop_back();
    return reply[0].str() + " " + text.substr(text.rfind('\n') + 1);
}

TEST_F(DispatcherTest, an_object_is_made_counted_and_dropped) {
    const Object made = ask({}, "create", {"list", Object::list({1, 2})});
    EXPECT_EQ(made[0], Object("#RETURN"));
    EXPECT_TRUE(made[1][1].contains("append"));
    const Object ident = made[1][0];
    EXPECT_EQ(ask({}, "incref", {ident}).repr(), "('#RETURN', None)");
    EXPECT_EQ(ask({}, "number_of_objects").repr(), "('#RETURN', 1)");
    EXPECT_TRUE(ask({}, "get_methods", {Object::token("list", "/address", ident.as_str())})[1].contains("append"));
    ask({}, "decref", {ident});
    EXPECT_EQ(ask({}, "debug_info")[1].str(), "  " + ident.str() + ":       refcount=1\n    [1, 2]");
    ask({}, "decref", {ident});
    EXPECT_EQ(last_line(ask({}, "decref", {ident})), "#TRACEBACK KeyError: " + ident.repr());
}

TEST_F(DispatcherTest, a_connection_ends_with_its_first_answer_unless_it_is_accepted) {
    ask({}, "dummy");
    EXPECT_TRUE(peer.leaves);
    accept();
    EXPECT_FALSE(peer.leaves);
    ask({}, "dummy");
    EXPECT_FALSE(peer.leaves);
}

TEST_F(DispatcherTest, methods_are_called_on_accepted_connections) {
    const std::string list = create("list");
    EXPECT_EQ(last_line(ask(Object(list), "append", {1})), "#TRACEBACK AssertionError: 'append' unrecognized");
    accept();
    EXPECT_EQ(ask(Object(list), "append", {1}).repr(), "('#RETURN', None)");
    EXPECT_EQ(ask(Object(list), "#GETVALUE").repr(), "('#RETURN', [1])");
    EXPECT_EQ(ask(Object(list), "__str__").repr(), "('#RETURN', '[1]')");
    EXPECT_EQ(ask(Object(list), "pop", {5}).repr(), "('#ERROR', IndexError('pop index out of range'))");
    const Object unknown = ask(Object(list), "nothing");
    EXPECT_EQ(last_line(unknown), "#TRACEBACK KeyError: 'nothing'");
    EXPECT_NE(unknown[1].str().find("method 'nothing' of <class 'list'> object is not in exposed={"),
              std::string::npos);
    EXPECT_EQ(last_line(ask("00", "pop")), "#TRACEBACK KeyError: '00'");
}

TEST_F(DispatcherTest, an_object_that_a_method_makes_is_told_as_a_proxy) {
    const std::string dict = create("dict");
    accept();
    const Object reply = ask(Object(dict), "__iter__");
    EXPECT_EQ(reply[0], Object("#PROXY"));
    const auto token = ObjectToken::from(reply[1][1]);
    EXPECT_EQ(token.type_id, "Iterator");
    EXPECT_EQ(token.address, Object("/address"));
    EXPECT_EQ(ask(Object(token.id), "__next__").repr(), "('#ERROR', StopIteration())");
}

TEST_F(DispatcherTest, what_is_no_request_is_answered_with_a_traceback) {
    EXPECT_EQ(last_line(request(5)), "#TRACEBACK ValueError: a request is a tuple of 4 elements");
    EXPECT_EQ(last_line(ask({}, "create", {"nothing"})), "#TRACEBACK KeyError: 'nothing'");
    EXPECT_EQ(last_line(ask({}, "create")), "#TRACEBACK TypeError: a str is expected as argument 1");
    EXPECT_EQ(last_line(ask({}, "get_methods")).substr(0, 10), "#TRACEBACK");
    EXPECT_EQ(last_line(ask({}, "__init__")), "#TRACEBACK AssertionError: '__init__' unrecognized");
    const auto answered = std::make_shared<Answered>();
    dispatcher.handle(std::as_bytes(std::span("nonsense", 8)), peer, answered);
    EXPECT_EQ(answered->answer->kind, Answer::Kind::traceback);
}

TEST_F(DispatcherTest, what_a_callable_throws_is_told_to_the_client) {
    EXPECT_EQ(last_line(ask({}, "create", {"fails"})), "#TRACEBACK IndexError: no such thing");
    accept();
    EXPECT_EQ(ask({}, "create", {"fails"}).repr(), "('#ERROR', IndexError('no such thing'))");
}

TEST_F(DispatcherTest, an_object_without_a_value_cannot_be_copied) {
    const std::string event = create("Event");
    accept();
    EXPECT_EQ(last_line(ask(Object(event), "#GETVALUE")),
              "#UNSERIALIZABLE TypeError: cannot pickle '_thread.lock' object");
    EXPECT_EQ(ask(Object(event), "wait"), Object("waits"));
    EXPECT_EQ(ask(Object(event), "__repr__").repr(), "('#RETURN', '<threading.Event: unset>')");
}

TEST_F(DispatcherTest, a_client_can_end_the_server) {
    EXPECT_EQ(ask({}, "shutdown").repr(), "('#RETURN', None)");
    EXPECT_TRUE(shut_down);
}

}  // namespace
