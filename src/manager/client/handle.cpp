// SPDX-License-Identifier: MIT
#include "manager/client/handle.hpp"

#include <cohort/base/errors.hpp>
#include <cohort/process/current_process.hpp>
#include <cohort/serial/object_dict.hpp>

#include "manager/address_object.hpp"
#include "manager/server/dispatcher.hpp"
#include "manager/workers.hpp"
#include "os/process_identity.hpp"

#include <algorithm>
#include <atomic>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <utility>

namespace cohort::manager {

namespace {

/// A reference that is given back later.
struct Parting {
    ServerPlace place;
    std::string id;
    std::vector<pid_t> children;  // that may have a copy of the proxy and rely on this reference
};

/// What this process remembers of its children. Another thread of the parent may have had the mutex at a fork: the
/// child has a record of its own, and leaves its copy of the parent's as it is.
struct Kin {
    const pid_t pid = os::current_pid();
    std::mutex mutex;
    std::set<pid_t> servers;
    std::vector<Parting> partings;
};

Kin& kin() {
    static std::atomic<Kin*> known{nullptr};  // never destroyed: proxies may be static objects
    Kin* current = known.load();
    if (current && current->pid == os::current_pid()) return *current;
    auto own = std::make_unique<Kin>();
    if (known.compare_exchange_strong(current, own.get())) return *own.release();
    return *current;
}

/// The key of a server. A list that only grows at the front: a forked child can read it, whatever other threads did.
struct KnownKey {
    const ServerPlace place;
    const KnownKey* const next;
};

std::atomic<const KnownKey*> known_keys{nullptr};

// With TLS a server does not know which files its clients have: what it sends names none.
bool is_named_by(const Address& known, const Address& address) {
    return known == address || (known.is_tls() && address == Address::tls(known.host(), known.port()));
}

const KnownKey* find_key(const Address& address) {
    const KnownKey* each = known_keys.load();
    while (each && !is_named_by(each->place.address, address)) each = each->next;
    return each;
}

void give_back(const ServerPlace& place, const std::string& id) noexcept {
    try {
        call_server(place, "decref", Object::tuple({Object(id)}));
    } catch (...) {
        // The server has gone, and the object with it.
    }
}

std::vector<pid_t> living_children(const std::set<pid_t>& servers) {
    std::vector<pid_t> children;
    for (const ProcessInfo& each : active_children())
        if (!servers.contains(each.pid)) children.push_back(each.pid);
    return children;
}

bool is_over(const Parting& parting, const std::vector<pid_t>& living) {
    return std::ranges::none_of(parting.children,
                                [&](pid_t child) { return std::ranges::find(living, child) != living.end(); });
}

// Those whose children have ended, and this one if there are none.
void part_from(const ServerPlace& place, const std::string& id) {
    std::vector<Parting> over;
    {
        Kin& shared = kin();
        const std::lock_guard guard(shared.mutex);
        const auto living = living_children(shared.servers);
        shared.partings.push_back({place, id, living});
        const auto kept = std::partition(shared.partings.begin(), shared.partings.end(),
                                         [&](const Parting& each) { return !is_over(each, living); });
        over.assign(std::make_move_iterator(kept), std::make_move_iterator(shared.partings.end()));
        shared.partings.erase(kept, shared.partings.end());
    }
    for (const Parting& each : over) give_back(each.place, each.id);
}

void part_or_give_back(const ServerPlace& place, const std::string& id) noexcept {
    try {
        part_from(place, id);
    } catch (...) {
        give_back(place, id);
    }
}

ServerPlace place_of_server(const Address& address) {
    const KnownKey* known = find_key(address);
    return known ? known->place : ServerPlace{address, current_process().authkey()};
}

/// What makes a proxy of this type in Python.
std::string proxy_class(std::string_view type_id) {
    static const std::map<std::string_view, std::string_view> known{
        {"dict", "DictProxy"},
        {"list", "ListProxy"},
        {"Namespace", "NamespaceProxy"},
        {"Value", "ValueProxy"},
        {"Array", "ArrayProxy"},
        {"Iterator", "IteratorProxy"},
        {"Event", "EventProxy"},
        {"Lock", "AcquirerProxy"},
        {"RLock", "AcquirerProxy"},
        {"Semaphore", "AcquirerProxy"},
        {"BoundedSemaphore", "AcquirerProxy"},
        {"Condition", "ConditionProxy"},
        {"Barrier", "BarrierProxy"},
        {"Pool", "PoolProxy"},
    };
    const auto found = known.find(type_id);
    return std::string(found == known.end() ? "AutoProxy" : found->second);
}

std::vector<std::string> names_in(const Object& names) {
    std::vector<std::string> all;
    for (const Object& each : names) all.push_back(each.to<std::string>());
    return all;
}

}  // namespace

Handle::Handle(ServerPlace place, ObjectToken token, std::vector<std::string> exposed, Counted counted,
               std::uint64_t loan)
    : place_(std::move(place)), token_(std::move(token)), ident_(token_.id), exposed_(std::move(exposed)) {
    if (counted == Counted::no && loan != 0)
        call_server(place_, Dispatcher::kTake, Object::tuple({Object(token_.id), Object(loan)}));
    else if (counted == Counted::no)
        count_for_this_process();
    counted_by_ = os::current_pid();
}

Handle::~Handle() {
    if (counted_by_ != os::current_pid()) return;
    try {
        run_where_it_may_wait([place = place_, id = token_.id] { part_or_give_back(place, id); });
    } catch (...) {
        // No thread could be had for it, or no memory: the server has the reference until this process ends.
    }
}

void Handle::count_for_this_process() const {
    const pid_t own = os::current_pid();
    if (counted_by_.load(std::memory_order_relaxed) == own) return;  // before each call: no write
    const pid_t before = counted_by_.exchange(own);
    if (before == own) return;
    try {
        call_server(place_, "incref", Object::tuple({Object(token_.id)}));
    } catch (...) {
        counted_by_ = before;
        throw;
    }
}

// A server of Python cannot; one that has gone, or an object that has, is the receiver's error.
std::uint64_t Handle::lend() const noexcept {
    if (this_thread_workers()) return 0;  // the server must not wait for itself
    try {
        if (!is_cohort_server(place_)) return 0;
        return call_server(place_, Dispatcher::kLend, Object::tuple({Object(token_.id)})).to<std::uint64_t>();
    } catch (...) {
        return 0;
    }
}

Reply Handle::call(std::string_view method, const Object& args, const Object& kwds) const {
    count_for_this_process();
    return call_object(place_, ident_, method, args, kwds);
}

Object Handle::to_object() const {
    const std::string name = proxy_class(token_.type_id);
    Object kwds = Object::dict();
    if (name == "AutoProxy")
        kwds.assign("exposed", Object::tuple(std::vector<Object>(exposed_.begin(), exposed_.end())));
    return Object::proxy(Object::global("multiprocessing.managers", name), token_.to_object(), kwds);
}

std::shared_ptr<const Handle> handle_of(const Object& proxy, std::uint64_t loan) {
    ObjectProxyParts parts = ObjectProxyParts::from(proxy);
    if (auto known = std::dynamic_pointer_cast<const Handle>(proxy.as_instance().keeps)) return known;
    const Object* exposed = parts.kwds.find("exposed");
    ServerPlace place = place_of_server(address_from(parts.token.address));
    if (place.address.is_tls()) parts.token.address = address_object(place.address);
    return std::make_shared<const Handle>(std::move(place), parts.token,
                                          exposed ? names_in(*exposed) : std::vector<std::string>(),
                                          Handle::Counted::no, loan);
}

std::shared_ptr<const Handle> handle_of_new(const ServerPlace& place, const std::string& type_id, const std::string& id,
                                            const Object& exposed) {
    remember_key(place);
    return std::make_shared<const Handle>(place, ObjectToken{type_id, address_object(place.address), id},
                                          names_in(exposed), Handle::Counted::yes);
}

void remember_key(const ServerPlace& place) {
    const KnownKey* known = find_key(place.address);
    if (known && known->place == place) return;
    const KnownKey* first = known_keys.load();
    const auto* own = new KnownKey{place, first};
    while (!known_keys.compare_exchange_weak(first, own)) {
        delete own;
        own = new KnownKey{place, first};
    }
}

void note_server_process(pid_t pid) {
    Kin& shared = kin();
    const std::lock_guard guard(shared.mutex);
    shared.servers.insert(pid);
}

}  // namespace cohort::manager
