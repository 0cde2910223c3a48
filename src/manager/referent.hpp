// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/serial/object.hpp>

#include "manager/call.hpp"

#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cohort::manager {

/// The object has no method of the call's name.
class NoSuchMethod : public std::exception {
public:
    const char* what() const noexcept override { return "there is no such method"; }
};

/// An object in a server: what proxies refer to.
///
/// Thread safety: none; it is used by the thread of the server alone.
class Referent {
public:
    Referent() = default;
    virtual ~Referent();
    Referent(const Referent&) = delete;
    Referent& operator=(const Referent&) = delete;

    /// The methods that clients are told of.
    virtual const std::vector<std::string_view>& exposed() const = 0;
    /// How Python names the type: `<class 'dict'>`, for errors.
    virtual std::string_view type_name() const = 0;

    /// Calls a method: one of exposed(), or one that only cohort knows, whose name begins with `#cohort.`
    /// What it throws is the call's failure. @throws NoSuchMethod
    virtual void call(Call& call) = 0;

    /// A copy of the value, which a client can have as its own.
    /// @throws PythonError  there is none: a lock
    virtual Object value() const = 0;
    virtual std::string repr() const { return value().repr(); }
    virtual std::string str() const { return repr(); }

    /// Equal for two that stand for one object.
    using Identity = std::pair<const void*, const void*>;
    virtual Identity identity() const noexcept { return {this, nullptr}; }

    /// Whether it keeps what it is given: proxies of the server's own are references then.
    virtual bool keeps_values() const { return true; }
    /// Whether client_gone() is called: always the same.
    virtual bool watches_clients() const { return false; }
    /// A client's connection has ended: it waits no more, and holds nothing.
    virtual void client_gone(ClientId) {}
    /// A process whose end is seen has ended.
    virtual void process_gone(std::uint64_t) {}
};

}  // namespace cohort::manager
