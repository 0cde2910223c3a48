// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/manager/detail/registered.hpp>

#include <memory>
#include <string>
#include <typeinfo>
#include <vector>

namespace cohort::manager::detail {

/// What a server knows of a class of the program: made by exposed.
struct ExposedClass {
    struct Method {
        std::string name{};
        std::shared_ptr<Code> code{};
    };
    struct Attribute {
        std::string name{};
        std::shared_ptr<Code> get{};
        std::shared_ptr<Code> set{};  ///< null: it is constant
    };

    std::string name{};
    const std::type_info& (*type)() = nullptr;  ///< a function, which travels
    std::shared_ptr<Code> constructor{};        ///< returns a std::shared_ptr; null: clients make none
    std::vector<Method> methods{};
    std::vector<Attribute> attributes{};
    bool concurrent = false;
};

template <class T>
const std::type_info& type_of() {
    return typeid(T);
}

template <class T, class... Args>
struct Construct {
    std::shared_ptr<T> operator()(Args... args) const { return std::make_shared<T>(static_cast<Args&&>(args)...); }
};

template <class T, class M>
struct SetMember {
    M T::*member;
    void operator()(T& object, const M& value) const { object.*member = value; }
};

}  // namespace cohort::manager::detail
