// SPDX-License-Identifier: MIT
#include "manager/server/dispatcher.hpp"

#include <cohort/base/errors.hpp>
#include <cohort/serial/object_dict.hpp>
#include <cohort/serial/object_instance.hpp>

#include "manager/python_error.hpp"
#include "manager/server/registered_type.hpp"
#include "manager/types/methods.hpp"
#include "serial/pickle/reader.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace cohort::manager {

namespace {

constexpr std::array kServerFunctions{std::string_view("shutdown"),
                                      std::string_view("create"),
                                      std::string_view("accept_connection"),
                                      std::string_view("get_methods"),
                                      std::string_view("debug_info"),
                                      std::string_view("number_of_objects"),
                                      std::string_view("dummy"),
                                      std::string_view("incref"),
                                      std::string_view("decref"),
                                      Dispatcher::kOfferMemory,
                                      Dispatcher::kUseMemory,
                                      Dispatcher::kLend,
                                      Dispatcher::kTake};

Object names_of(const Referent& referent) {
    std::vector<Object> names;
    for (const std::string_view each : referent.exposed()) names.emplace_back(each);
    return Object::tuple(std::move(names));
}

bool names_a_proxy(const OutgoingMessage& message) {
    return std::ranges::any_of(message.text(), [](std::span<const std::byte> piece) {
        const std::string_view text(reinterpret_cast<const char*>(piece.data()), piece.size());
        return text.find("RebuildProxy") != std::string_view::npos;
    });
}

// Of several references to the object one.
void let_go(std::vector<std::shared_ptr<const Reference>>& references, std::string_view ident) {
    const auto found =
        std::ranges::find(references, ident, [](const auto& each) -> std::string_view { return each->ident(); });
    if (found != references.end()) references.erase(found);
}

std::string_view text_argument(const Object& args, std::size_t place) {
    if (args.size() <= place || !args[place].is(Object::Kind::str))
        raise_type_error("a str is expected as argument " + std::to_string(place + 1));
    return args[place].as_str();
}

std::string unexposed_text(std::string_view method, const Referent& referent) {
    std::string names;
    for (const std::string_view each : referent.exposed())
        names.append(names.empty() ? "'" : ", '").append(each).append("'");
    return "method " + Object(method).repr() + " of " + std::string(referent.type_name()) +
           " object is not in exposed={" + names + "}";
}

}  // namespace

struct Dispatcher::Request {
    Object ident;
    Object method;
    Object args;
    Object kwds;
    bool has_proxies = false;
};

Dispatcher::Dispatcher(ServedTypes types, Object address, Services services)
    : types_(std::move(types)),
      address_(std::move(address)),
      services_(std::move(services)),
      objects_(std::make_shared<ObjectTable>()) {}

Dispatcher::Request Dispatcher::parse(std::span<const std::byte> message, std::shared_ptr<const void> memory) {
    pickle::Reader reader(message, {}, std::move(memory));
    const Object request = reader.run();
    const bool is_sequence = request.is(Object::Kind::tuple) || request.is(Object::Kind::list);
    if (!is_sequence || request.size() != 4) raise_value_error("a request is a tuple of 4 elements");
    const auto parts = request.as_sequence();
    const bool has_args = parts[2].is(Object::Kind::tuple) || parts[2].is(Object::Kind::list);
    if (!parts[1].is(Object::Kind::str) || !has_args || !parts[3].is(Object::Kind::dict))
        raise_type_error("a request has the name of a method, a tuple and a dict of arguments");
    return {parts[0], parts[1], parts[2], parts[3], reader.names_proxies()};
}

void Dispatcher::handle(std::span<const std::byte> message, Peer& peer, const std::shared_ptr<ReplyTo>& reply_to,
                        std::shared_ptr<const void> memory) {
    peer.leaves = !peer.accepted;
    try {
        Request request = parse(message, std::move(memory));
        const bool keeps_given = counts(request, peer);
        if (!keeps_given) peer.given.clear();
        serve(request, peer, reply_to);
        if (keeps_given) let_go(peer.given, text_argument(request.args, 0));
    } catch (...) {
        Call(reply_to, peer.client, {}, {}, {}).fail_with_traceback(format_traceback(current_python_exception()));
    }
}

// Whether the client counts proxies that it was given, one after the other.
bool Dispatcher::counts(const Request& request, const Peer& peer) {
    if (peer.given.empty() || !request.ident.is_none()) return false;
    return request.method.as_str() == "incref" || request.method.as_str() == "decref";
}

// Code of the program gets proxies as they are: what it keeps may end in any thread.
void Dispatcher::adopt_arguments(Request& request) {
    if (!request.has_proxies) return;
    request.args = objects_->adopt(request.args);
    request.kwds = objects_->adopt(request.kwds);
}

void Dispatcher::serve(Request& request, Peer& peer, const std::shared_ptr<ReplyTo>& reply_to) {
    const bool for_server = request.ident.is_none() || !peer.accepted;
    if (!for_server) return call_method(request, peer, reply_to);
    const bool for_segments = services_.segments && Segments::offers(request.method.as_str());
    if (!for_segments && std::ranges::find(kServerFunctions, request.method.as_str()) == kServerFunctions.end())
        raise("AssertionError", request.method.repr() + " unrecognized");
    if (request.method.as_str() == "create") return create(request, peer, reply_to);
    Object result = call_server(request, peer);
    Call(reply_to, peer.client, {}, {}, {}).reply(std::move(result));
}

Object Dispatcher::call_server(const Request& request, Peer& peer) {
    const std::string_view name = request.method.as_str();
    const Object& args = request.args;
    if (Segments::offers(name)) return services_.segments->call(name, args);
    if (name == "incref")
        objects_->incref(text_argument(args, 0), peer.holder);
    else if (name == "decref")
        objects_->decref(text_argument(args, 0), peer.holder);
    else if (name == "get_methods")
        return names_of(*objects_->at(ObjectToken::from(args[0]).id).referent);
    else if (name == "number_of_objects")
        return objects_->size();
    else if (name == "debug_info")
        return Object(objects_->describe());
    else if (name == "shutdown")
        services_.shut_down();
    else if (name == "accept_connection") {
        peer.accepted = true;
        peer.leaves = false;
        return Object(kGreeting);
    }
    if (name == kOfferMemory) return Object(peer.memory && peer.memory->offer_memory());
    if (name == kUseMemory) return Object(peer.memory && peer.memory->use_memory());
    if (name == kLend) return lend(args);
    if (name == kTake) take(args, peer.holder);
    return {};
}

// @returns the number of the loan; 0: there is none
Object Dispatcher::lend(const Object& args) {
    const auto& referent = objects_->at(text_argument(args, 0)).referent;
    return Object(services_.loans ? services_.loans->add(objects_->reference_to(*referent)) : 0);
}

void Dispatcher::take(const Object& args, HolderId holder) {
    const std::string_view ident = text_argument(args, 0);
    objects_->incref(ident, holder);
    if (services_.loans && args.size() == 2 && args[1].is(Object::Kind::integer))
        services_.loans->end(args[1].to<std::uint64_t>(), ident);
}

Object Dispatcher::made(const std::string& type_id, std::shared_ptr<Referent> referent, HolderId holder) {
    const Object names = names_of(*referent);
    return Object::tuple({Object(objects_->add(type_id, std::move(referent), holder)), names});
}

void Dispatcher::create(Request& request, const Peer& peer, const std::shared_ptr<ReplyTo>& reply_to) {
    const std::string type_id(text_argument(request.args, 0));
    const auto found = types_.find(type_id);
    if (found == types_.end()) raise_key_error(Object(type_id));
    const ServedType& type = found->second;
    if (!type.produce) adopt_arguments(request);
    const auto work = [this, &type, request] { return produce(type, request); };
    const auto finish = [this, type_id, holder = peer.holder, client = peer.client, reply_to,
                         typed = peer.accepted](const std::function<std::shared_ptr<Referent>()>& result) {
        Call call(reply_to, client, {}, {}, {});
        if (!reply_to->waits()) return call.forget();  // nobody would give the reference back
        try {
            call.reply(made(type_id, result(), holder));
        } catch (...) {
            const Object exception = current_python_exception();
            if (typed)
                call.fail(exception);
            else
                call.fail_with_traceback(format_traceback(exception));
        }
    };
    if (!type.may_wait && !type.produce) return finish([&] { return work()(); });
    services_.workers.run([work, finish]() -> std::function<void()> {
        try {
            return [finish, made = work()] { finish(made); };
        } catch (...) {
            return [finish, error = std::current_exception()] {
                finish([&]() -> std::shared_ptr<Referent> { std::rethrow_exception(error); });
            };
        }
    });
}

// What is left to do in the server's thread.
std::function<std::shared_ptr<Referent>()> Dispatcher::produce(const ServedType& type, const Request& request) {
    const auto args = request.args.as_sequence().subspan(1);
    if (!type.produce) return [made = type.make(args, request.kwds)] { return made; };
    const auto result = std::make_shared<const detail::Result>(type.produce(args, request.kwds));
    if (!result->object && !has_proxy(result->value)) return [made = value_referent(result->value)] { return made; };
    return [this, result]() -> std::shared_ptr<Referent> {
        if (auto shared = shared_object_in(*result, host())) return shared;
        return value_referent(objects_->adopt(result->value));
    };
}

void Dispatcher::call_method(Request& request, const Peer& peer, const std::shared_ptr<ReplyTo>& reply_to) {
    if (!request.ident.is(Object::Kind::str)) raise_key_error(request.ident);
    const std::shared_ptr<Referent> referent = objects_->at(request.ident.as_str()).referent;
    if (referent->keeps_values()) adopt_arguments(request);
    Call call(reply_to, peer.client, request.method, request.args, request.kwds, peer.holder);
    try {
        referent->call(call);
    } catch (const NoSuchMethod&) {
        call.forget();
        fall_back(request, *referent, reply_to);
    } catch (...) {
        call.fail(current_python_exception());
    }
}

void Dispatcher::fall_back(const Request& request, const Referent& referent, const std::shared_ptr<ReplyTo>& reply_to) {
    Call call(reply_to, 0, {}, {}, {});
    const std::string_view method = request.method.as_str();
    try {
        if (method == "__str__") return call.reply(Object(referent.str()));
        if (method == "__repr__") return call.reply(Object(referent.repr()));
        if (method == "#cohort.lock")
            return call.reply_proxy(ObjectTable::kOwnLockType, own_lock(request.ident.as_str()));
        if (method == "#GETVALUE") return call.reply(referent.value());
    } catch (...) {
        const std::string traceback = format_traceback(current_python_exception());
        return method == "#GETVALUE" ? call.fail_to_send(traceback) : call.fail_with_traceback(traceback);
    }
    const Object unexposed = Object::exception("AttributeError", {Object(unexposed_text(method, referent))});
    const Object unknown = Object::exception("KeyError", {request.method});
    call.fail_with_traceback(format_traceback(unexposed) +
                             "\nDuring handling of the above exception, another exception occurred:\n\n" +
                             format_traceback(unknown));
}

std::shared_ptr<Referent> Dispatcher::own_lock(std::string_view ident) {
    return objects_->own_lock(ident,
                              [&] { return types_.find(ObjectTable::kOwnLockType)->second.make({}, Object::dict()); });
}

Object Dispatcher::message_of(Answer answer, HolderId holder) {
    switch (answer.kind) {
        case Answer::Kind::value:
            return Object::tuple({"#RETURN", std::move(answer.content)});
        case Answer::Kind::error:
            return Object::tuple({"#ERROR", std::move(answer.content)});
        case Answer::Kind::traceback:
            return Object::tuple({"#TRACEBACK", std::move(answer.content)});
        case Answer::Kind::unserializable:
            return Object::tuple({"#UNSERIALIZABLE", std::move(answer.content)});
        case Answer::Kind::proxy:
            break;
    }
    const Object names = names_of(*answer.referent);
    const std::string ident = objects_->add(answer.type_id, std::move(answer.referent), holder);
    return Object::tuple({"#PROXY", Object::tuple({names, Object::token(answer.type_id, address_, ident)})});
}

OutgoingMessage Dispatcher::encode(Answer answer, Peer& peer) {
    try {
        const Object content = message_of(std::move(answer), peer.holder);
        OutgoingMessage message = answer_.write(content);
        if (objects_->has_adopted() && names_a_proxy(message)) peer.given = references_in(content);
        return message;
    } catch (const Error&) {
        const std::string traceback = format_traceback(current_python_exception());
        return answer_.write(Object::tuple({"#UNSERIALIZABLE", Object(traceback)}));
    }
}

}  // namespace cohort::manager
