// SPDX-License-Identifier: MIT
#include <cohort/serial/shared_handles.hpp>

#include <cohort/base/errors.hpp>
#include <cohort/serial/codec.hpp>
#include <cohort/serial/handle_carrier.hpp>
#include <cohort/serial/sink.hpp>
#include <cohort/serial/source.hpp>
#include <cohort/shm/shared_handle.hpp>

#include "shm/tree.hpp"

namespace cohort::serial {

namespace {

/// How an object is called in a message.
struct ObjectName {
    std::uint64_t arena;
    std::uint32_t place;
    std::uint32_t generation;
};

}  // namespace

void write_object(Sink& sink, const shm::SharedHandle& handle) {
    const auto& object = handle.object();
    if (!object) throw ValueError("cannot send a handle that was moved from");
    shm::this_process();
    static_cast<void>(object->data());  // still there?
    HandleCarrier* carrier = sink.carrier();
    if (!carrier)
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
    ObjectName name{};
    name.arena = read<std::uint64_t>(source);
    name.place = read<std::uint32_t>(source);
    name.generation = read<std::uint32_t>(source);
    if (!source.trusted()) throw SerializationError({}, "shared objects travel between the processes of one tree only");
    if (shm::tree_arena().id() != name.arena)
        throw SerializationError({},
                                 "the message names a shared object of another tree of processes: only processes that "
                                 "one program has started share memory");
    auto object = shm::open_object({name.place, name.generation});
    if (!object) throw SerializationError({}, "the message names a shared object that is gone");
    return object;
}

}  // namespace cohort::serial
