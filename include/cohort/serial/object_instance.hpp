// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/serial/object.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cohort {

/// What a value can keep alive beside its parts.
struct COHORT_API ObjectAnchor {
    virtual ~ObjectAnchor();
};

/// The parts of which Python makes an object of some class: what its pickle says. Python carries them out in this
/// order.
struct ObjectInstance {
    /// How the object is made.
    enum class Form : std::uint8_t {
        call,      ///< `callable(*args)`
        new_call,  ///< `callable.__new__(callable, *args)`
        new_kwds,  ///< `callable.__new__(callable, *args, **kwds)`
    };

    Object callable{};                                    ///< a global, or an instance that can be called
    Object args = Object::tuple();                        ///< a tuple
    Object kwds{};                                        ///< a dict, for Form::new_kwds
    std::vector<Object> list_items{};                     ///< then appended
    std::vector<std::pair<Object, Object>> dict_items{};  ///< then set
    std::optional<Object> state{};                        ///< then given to `__setstate__`, or its attributes
    /// How it is made.
    Form form = Form::call;
    /// What lives as long as this value does; no part of it: neither sent nor compared.
    std::shared_ptr<const ObjectAnchor> keeps{};
};

/// What refers to an object in a manager's server.
struct ObjectToken {
    std::string type_id{};  ///< the name it was registered with, as `dict`
    Object address{};       ///< of the server: a path, or a tuple of host and port
    std::string id{};       ///< the object's name in the server

    /// @throws SerializationError  it is no token
    static ObjectToken from(const Object& object);
    /// The token as an object that can be sent.
    Object to_object() const { return Object::token(type_id, address, id); }
};

/// What a manager's proxy is made of.
struct ObjectProxyParts {
    GlobalName function{};  ///< what makes it: as multiprocessing.managers.ListProxy
    ObjectToken token{};    ///< what it refers to
    Object serializer{};    ///< "pickle"
    Object kwds{};          ///< a dict; `exposed` has the methods of an AutoProxy

    /// @throws SerializationError  it is no proxy
    static ObjectProxyParts from(const Object& object);
};

}  // namespace cohort
