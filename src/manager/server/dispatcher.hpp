// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/serial/object.hpp>

#include "manager/message_buffer.hpp"
#include "manager/object_table.hpp"
#include "manager/server/loans.hpp"
#include "manager/server/segments.hpp"
#include "manager/server/served_types.hpp"
#include "manager/shared/shared_referent.hpp"
#include "manager/workers.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cohort::manager {

/// Where messages can go through memory instead of a socket.
class MemoryOffer {
public:
    virtual ~MemoryOffer() = default;
    /// Makes memory, which goes with the answer to this request. @returns false if there is none
    virtual bool offer_memory() = 0;
    /// Uses it, from behind the answer to this request on. @returns false if none was offered
    virtual bool use_memory() = 0;
};

/// A client as the dispatcher knows it.
struct Peer {
    ClientId client = 0;
    HolderId holder = 0;
    /// Whether it said accept_connection: it calls methods now.
    bool accepted = false;
    /// Whether the connection ends with the next answer.
    bool leaves = false;
    /// Null where there is none.
    MemoryOffer* memory = nullptr;
    /// What its last answer refers to, and it has not counted yet: kept until it asks for something else.
    std::vector<std::shared_ptr<const Reference>> given{};
};

/// The protocol of Python's managers above the messages: requests in, answers out.
///
/// A client of cohort may also ask for what concerns the server on a connection where it calls methods, and calls
/// methods whose names begin with `#cohort.`; it knows by the answer to accept_connection that it may. Python's peers
/// see nothing of this.
///
/// Thread safety: none; it belongs to the server's thread.
class Dispatcher {
public:
    /// What accept_connection answers; Python's clients do not look at it.
    static constexpr std::string_view kGreeting = "#cohort.1";
    /// What a client of cohort asks for that calls often; then it says that it has the memory.
    static constexpr std::string_view kOfferMemory = "#cohort.offer_memory";
    static constexpr std::string_view kUseMemory = "#cohort.use_memory";
    /// A client of cohort is about to send a proxy to another: the object is kept until that has taken it.
    static constexpr std::string_view kLend = "#cohort.lend";
    static constexpr std::string_view kTake = "#cohort.take";

    struct Services {
        Workers& workers;
        std::function<void()> shut_down;
        Segments* segments = nullptr;  ///< null: it keeps none
        Loans* loans = nullptr;        ///< null: it lends nothing
    };

    /// @param address  as a token has it
    Dispatcher(ServedTypes types, Object address, Services services);

    /// Takes a request; the answer comes at once or later.
    /// @param memory  what the message stands in, if values may share it: nobody changes it any more
    void handle(std::span<const std::byte> message, Peer& peer, const std::shared_ptr<ReplyTo>& reply_to,
                std::shared_ptr<const void> memory = {});
    /// The message that brings an answer to a client; until the next one, or answer_is_sent().
    /// @param peer  who gets it: what it refers to stays there until the client had time to count its proxies
    OutgoingMessage encode(Answer answer, Peer& peer);
    void answer_is_sent() noexcept { answer_.clear(); }

    ObjectTable& objects() noexcept { return *objects_; }

private:
    struct Request;

    static Request parse(std::span<const std::byte> message, std::shared_ptr<const void> memory);
    void serve(Request& request, Peer& peer, const std::shared_ptr<ReplyTo>& reply_to);
    Object call_server(const Request& request, Peer& peer);
    Object lend(const Object& args);
    void take(const Object& args, HolderId holder);
    void create(Request& request, const Peer& peer, const std::shared_ptr<ReplyTo>& reply_to);
    void adopt_arguments(Request& request);
    static bool counts(const Request& request, const Peer& peer);
    SharedHost host() const { return {services_.workers, objects_}; }
    std::function<std::shared_ptr<Referent>()> produce(const ServedType& type, const Request& request);
    void call_method(Request& request, const Peer& peer, const std::shared_ptr<ReplyTo>& reply_to);
    void fall_back(const Request& request, const Referent& referent, const std::shared_ptr<ReplyTo>& reply_to);
    std::shared_ptr<Referent> own_lock(std::string_view ident);
    Object made(const std::string& type_id, std::shared_ptr<Referent> referent, HolderId holder);
    Object message_of(Answer answer, HolderId holder);

    ServedTypes types_;
    const Object address_;
    Services services_;
    std::shared_ptr<ObjectTable> objects_;
    MessageBuffer answer_;
};

}  // namespace cohort::manager
