// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/manager/detail/exposed_class.hpp>
#include <cohort/serial/codec.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cohort::manager {

/// What clients can ask for under a name.
struct Registration {
    std::string name{};
    std::shared_ptr<detail::Code> code{};  ///< null: nothing can be made
    std::optional<detail::ExposedClass> exposed{};
};

/// What a program has registered.
struct Registrations {
    std::vector<Registration> all{};

    /// What has the same name is replaced.
    void add(Registration registration);
};

}  // namespace cohort::manager

namespace cohort::serial {

/// It travels to a fresh image of the program, if all its code does.
template <>
struct Codec<manager::Registrations> {
    /// @throws SerializationError  code that cannot travel; the text names its type and the cure
    static void write(Sink& sink, const manager::Registrations& registrations);
    static manager::Registrations read(Source& source);
};

}  // namespace cohort::serial
