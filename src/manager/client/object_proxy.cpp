// SPDX-License-Identifier: MIT
#include <cohort/manager/object_proxy.hpp>

#include <cohort/base/errors.hpp>
#include <cohort/base/type_name.hpp>
#include <cohort/manager/detail/element_reference.hpp>
#include <cohort/serial/handle_carrier.hpp>
#include <cohort/serial/object_instance.hpp>

#include "manager/address_object.hpp"
#include "manager/client/handle.hpp"
#include "manager/client/proxy_maker.hpp"

#include <cstdint>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <utility>

namespace cohort {

const manager::Handle& ObjectProxy::handle() const {
    if (!handle_) throw ValueError("the proxy stands for no object");
    return *handle_;
}

Object ObjectProxy::call_with(std::string_view method, const Object& args, const Object& kwds) const {
    manager::Reply reply = handle().call(method, args, kwds);
    if (reply.kind != "#PROXY") return std::move(reply.content);
    const auto token = ObjectToken::from(reply.content[1]);
    return manager::ProxyMaker::make(
               manager::handle_of_new(handle().place(), token.type_id, token.id, reply.content[0]))
        .to_object();
}

std::vector<std::string> ObjectProxy::methods() const {
    if (!handle().exposed().empty()) return handle().exposed();
    const Object names =
        manager::call_server(handle().place(), "get_methods", Object::tuple({handle().token().to_object()}));
    std::vector<std::string> all;
    for (const Object& each : names) all.push_back(each.to<std::string>());
    return all;
}

std::string ObjectProxy::type_id() const {
    return handle().token().type_id;
}

std::string ObjectProxy::id() const {
    return handle().token().id;
}

const Address& ObjectProxy::address() const {
    return handle().place().address;
}

bool ObjectProxy::is_atomic() const {
    return manager::is_cohort_server(handle().place());
}

std::ostream& operator<<(std::ostream& out, const ObjectProxy& proxy) {
    return out << proxy.repr();
}

bool operator==(const ObjectProxy& one, const ObjectProxy& other) {
    if (!one || !other) return !one && !other;
    return one.id() == other.id() && one.address() == other.address();
}

Object ObjectProxy::to_object() const {
    ObjectInstance parts = handle().to_object().as_instance();
    parts.keeps = handle_;
    return Object::instance(std::move(parts));
}

ObjectProxy ObjectProxy::from_object(const Object& object) {
    return manager::ProxyMaker::make(manager::handle_of(object));
}

void ObjectProxy::write(serial::Sink& sink, const ObjectProxy& proxy) {
    serial::write(sink, proxy.handle_ ? proxy.handle().to_object() : Object());
    const serial::HandleCarrier* within_program = sink.carrier();
    serial::write(sink, proxy.handle_ && within_program ? proxy.handle().place().authkey : std::nullopt);
    const bool parts = proxy.handle_ && within_program && within_program->parts();
    serial::write(sink, parts ? proxy.handle().lend() : std::uint64_t{0});
}

ObjectProxy ObjectProxy::read(serial::Source& source) {
    const auto proxy = serial::read<Object>(source);
    const auto authkey = serial::read<std::optional<std::string>>(source);
    const auto loan = serial::read<std::uint64_t>(source);
    if (proxy.is_none()) return {};
    if (authkey) manager::remember_key({manager::address_from(ObjectProxyParts::from(proxy).token.address), authkey});
    return manager::ProxyMaker::make(manager::handle_of(proxy, loan));
}

namespace manager::detail {

namespace {

Object changing_args(const Object* key, std::initializer_list<Object> more) {
    std::vector<Object> args;
    if (key) args.push_back(*key);
    args.insert(args.end(), more);
    return Object::tuple(std::move(args));
}

void require_atomic(const ObjectProxy& proxy) {
    require_cohort(proxy, "changes nothing atomically");
}

}  // namespace

void require_cohort(const ObjectProxy& proxy, const char* lacks) {
    if (!proxy.is_atomic()) throw Error("the manager at " + proxy.address().to_string() + " is Python's: it " + lacks);
}

void fail_overflow(std::string_view raw_type_name) {
    throw std::overflow_error("the result does not fit in " + cohort::detail::readable_type_name(raw_type_name));
}

void fail_division() {
    throw std::domain_error("division by zero");
}

std::optional<Object> compare_exchange(const ObjectProxy& proxy, const Object* key, const Object& expected,
                                       const Object& desired) {
    require_atomic(proxy);
    const Object answer =
        proxy.call_with("#cohort.compare_exchange", changing_args(key, {expected, desired}), Object::dict());
    if (answer[0].as_bool()) return {};
    return answer[1];
}

Object add_number(const ObjectProxy& proxy, const Object* key, const Object& number, const Object& least,
                  const Object& most) {
    require_atomic(proxy);
    const auto args = least.is_none() ? changing_args(key, {number}) : changing_args(key, {number, least, most});
    return proxy.call_with("#cohort.add", args, Object::dict());
}

}  // namespace manager::detail

}  // namespace cohort
