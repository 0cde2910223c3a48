// SPDX-License-Identifier: MIT
#pragma once

#include "os/shared_name.hpp"

#include <string>

namespace cohort::shm {

/// Who sees to it that named segments are gone when the processes are that could use them. Declared here so that a
/// segment can ask for it; the layer `process` knows which processes belong together, and implements it.
///
/// Thread safety: safe, from any process of the tree.
class NameRegistrar {
public:
    NameRegistrar(const NameRegistrar&) = delete;
    NameRegistrar& operator=(const NameRegistrar&) = delete;

    /// From now on, when the last process of this tree has ended, the name is removed if it is that of this file then.
    /// To be called before the file gets the name.
    /// @throws std::system_error  nothing is promised then
    virtual void add(const std::string& name, const os::FileIdentity& file) = 0;

    /// Takes that back. Does nothing for what nobody has added.
    virtual void remove(const std::string& name, const os::FileIdentity& file) noexcept = 0;

protected:
    NameRegistrar() = default;
    ~NameRegistrar() = default;
};

/// The registrar of this process's tree. Defined by the layer `process`.
NameRegistrar& name_registrar();

}  // namespace cohort::shm
