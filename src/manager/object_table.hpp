// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/serial/object.hpp>

#include "manager/reference.hpp"
#include "manager/referent.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace cohort::manager {

/// The objects of a server and how many references each has: one for each proxy that a client has counted, and one for
/// each value in the server in which a proxy stands. An object without references is gone.
///
/// Values that contain each other in a ring keep each other, as in Python.
///
/// Thread safety: none; it belongs to the server's thread.
class ObjectTable : public std::enable_shared_from_this<ObjectTable> {
public:
    struct Entry {
        std::shared_ptr<Referent> referent;
        std::string type_id;
        std::int64_t references = 0;
        std::map<HolderId, std::int64_t> holders;     ///< of those references that are a known process's
        std::shared_ptr<const Reference> own_lock{};  ///< goes with the object
    };

    /// Of an object's own lock.
    static constexpr const char* kOwnLockType = "RLock";

    ObjectTable();

    /// Takes in an object, or one more reference to the one of the same identity that is there already.
    /// @returns its name
    std::string add(const std::string& type_id, std::shared_ptr<Referent> referent, HolderId holder);
    /// @throws PythonError  KeyError: there is no such object
    Entry& at(std::string_view ident);
    /// @throws PythonError  KeyError: there is no such object
    void incref(std::string_view ident, HolderId holder);
    /// The last one ends the object. @throws PythonError  KeyError: there is no such object
    void decref(std::string_view ident, HolderId holder);
    /// The object's own lock, which is made at the first call and lives as long as the object.
    /// @param make  makes it
    /// @throws PythonError  KeyError: there is no such object
    std::shared_ptr<Referent> own_lock(std::string_view ident, const std::function<std::shared_ptr<Referent>()>& make);
    /// A process has ended: its references go with it.
    void holder_gone(HolderId holder);
    /// A client's connection has ended.
    void client_gone(ClientId client);

    std::size_t size() const noexcept { return entries_.size(); }
    /// The lines that Python's debug_info() gives.
    std::string describe() const;

    /// A value from a client in which the proxies of own objects are references to them.
    Object adopt(const Object& value);
    /// Whether there ever was such a proxy.
    bool has_adopted() const noexcept { return has_adopted_; }
    /// One reference more to an object that is there.
    std::shared_ptr<const Reference> reference_to(const Referent& referent);

private:
    struct Hash {
        using is_transparent = void;  // a name is looked up without a copy
        std::size_t operator()(std::string_view ident) const noexcept { return std::hash<std::string_view>()(ident); }
    };
    using Entries = std::unordered_map<std::string, Entry, Hash, std::equal_to<>>;

    void drop(Entries::iterator entry, std::int64_t references);
    void bury_doomed();
    template <class Tell>
    void tell_watchers(const Tell& tell);
    Object adopt_proxy(const Object& proxy);

    const std::string prefix_;  // random: nobody confuses a name with one of another server
    std::uint64_t last_number_ = 0;
    Entries entries_;
    std::map<Referent::Identity, std::string> idents_;
    std::set<Referent*> watch_clients_;
    std::vector<std::shared_ptr<Referent>> doomed_;
    bool burying_ = false;
    bool has_adopted_ = false;
};

/// Whether a proxy stands anywhere in a value.
bool has_proxy(const Object& value);

}  // namespace cohort::manager
