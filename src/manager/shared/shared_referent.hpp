// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/manager/detail/shared_object.hpp>

#include "manager/object_table.hpp"
#include "manager/referent.hpp"
#include "manager/workers.hpp"

#include <cstddef>
#include <deque>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace cohort::manager {

/// What the server lends to objects of the program. It outlives them.
struct SharedHost {
    Workers& workers;
    std::weak_ptr<ObjectTable> objects;
};

/// An object of the program: its calls run beside the server's thread, each with a reference to the object, so that it
/// stays the same one however its clients end.
///
/// Thread safety: as Referent; the calls themselves run in other threads. DEATH: of a client: what its call waits for
/// is given up within 100 ms, and what it has taken meanwhile is given back.
class SharedReferent final : public Referent, public std::enable_shared_from_this<SharedReferent> {
public:
    SharedReferent(std::shared_ptr<detail::SharedObject> object, SharedHost host);
    /// The object ends beside the server, too.
    ~SharedReferent() override;

    const std::vector<std::string_view>& exposed() const override { return object_->methods(); }
    std::string_view type_name() const override { return type_name_; }
    void call(Call& call) override;
    Object value() const override;
    std::string repr() const override { return "<" + object_->class_name() + " object>"; }
    Identity identity() const noexcept override { return {object_->identity(), object_->kind()}; }
    bool keeps_values() const override { return false; }
    bool watches_clients() const override { return true; }
    void client_gone(ClientId client) override;
    void holder_gone(HolderId holder) override { object_->process_gone(holder); }

private:
    struct Running;

    bool has(std::string_view method) const;
    bool start(const std::shared_ptr<Running>& running);
    void start_next();
    void finish(const std::shared_ptr<Running>& running);
    void answer(Running& running);
    void give_back(Running& running);

    std::shared_ptr<detail::SharedObject> object_;
    const SharedHost host_;
    const std::string type_name_;
    std::set<std::shared_ptr<Running>> running_;
    std::deque<std::shared_ptr<Running>> waiting_;  // where one call waits for another
};

/// The object that code of the program has returned: one of this server's own, or one that is new in it; null if it is
/// a plain value. In the server's thread.
std::shared_ptr<Referent> shared_object_in(const detail::Result& result, const SharedHost& host);

}  // namespace cohort::manager
