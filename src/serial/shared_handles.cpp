// SPDX-License-Identifier: MIT
#include <cohort/serial/shared_handles.hpp>

#include <cohort/base/errors.hpp>
#include <cohort/serial/code_pointer.hpp>
#include <cohort/serial/codec.hpp>
#include <cohort/serial/handle_carrier.hpp>
#include <cohort/serial/sink.hpp>
#include <cohort/serial/source.hpp>
#include <cohort/shm/shared_handle.hpp>
#include <cohort/sync/barrier.hpp>
#include <cohort/sync/condition.hpp>

#include "shm/tree.hpp"

namespace cohort::serial {

void write_object(Sink& sink, const shm::SharedHandle& handle) {
    const auto& object = handle.object();
    if (!object) throw ValueError("cannot send a handle that was moved from");
    shm::this_process();
    static_cast<void>(object->data());  // still there?
    HandleCarrier* carrier = sink.carrier();
    if (!carrier || !carrier->takes_handles())
        throw SerializationError({},
                                 "shared objects travel between the processes of one tree: as arguments, in pipes and "
                                 "queues, and to the tasks of a pool; not this way");
    const auto name = object->name();
    write(sink, shm::tree_arena().id());
    write(sink, name.place);
    write(sink, name.generation);
    carrier->add_object(object);
}

std::shared_ptr<shm::Object> read_object(Source& source) {
    const auto arena = read<std::uint64_t>(source);
    const auto place = read<std::uint32_t>(source);
    const auto generation = read<std::uint32_t>(source);
    if (!source.trusted()) throw SerializationError({}, "shared objects travel between the processes of one tree only");
    if (shm::tree_arena().id() != arena)
        throw SerializationError({},
                                 "the message names a shared object of another tree of processes: only processes that "
                                 "one program has started share memory");
    auto object = shm::open_object({place, generation});
    if (!object) throw SerializationError({}, "the message names a shared object that is gone");
    return object;
}

void Codec<Condition>::write(Sink& sink, const Condition& condition) {
    write_object(sink, condition);
    const auto* recursive = std::get_if<RLock>(&condition.get_lock());
    serial::write(sink, recursive != nullptr);
    if (recursive)
        write_object(sink, *recursive);
    else
        write_object(sink, std::get<Lock>(condition.get_lock()));
}

Condition Codec<Condition>::read(Source& source) {
    auto object = read_object(source);
    if (serial::read<bool>(source)) return {std::move(object), RLock(read_object(source))};
    return {std::move(object), Lock(read_object(source))};
}

void Codec<Barrier>::write(Sink& sink, const Barrier& barrier) {
    using Function = void (*)();
    write_object(sink, barrier);
    const auto* function = barrier.action().target<Function>();
    if (barrier.action() && !function)
        throw SerializationError("cohort::Barrier",
                                 "the action of a barrier can be sent if it is a function, or a lambda without "
                                 "captures: give the barrier one, or start the process by fork");
    serial::write(sink, barrier.action() ? std::optional<Function>(*function) : std::nullopt);
    serial::write(sink, barrier.timeout().duration());
}

Barrier Codec<Barrier>::read(Source& source) {
    auto object = read_object(source);
    const auto function = serial::read<std::optional<void (*)()>>(source);
    const auto timeout = serial::read<std::optional<Timeout::Clock::duration>>(source);
    return {std::move(object), function ? Barrier::Action(*function) : Barrier::Action(),
            timeout ? Timeout(*timeout) : Timeout(forever)};
}

}  // namespace cohort::serial
