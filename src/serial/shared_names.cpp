// SPDX-License-Identifier: MIT
#include <cohort/serial/shared_names.hpp>

#include <cohort/serial/codec.hpp>
#include <cohort/shm/shareable_list.hpp>
#include <cohort/shm/shared_memory.hpp>

#include <string>

namespace cohort::serial {

namespace {

std::string read_name(Source& source, const char* type) {
    if (!source.trusted())
        throw SerializationError(type, std::string(type) + " can only be sent between processes of one tree");
    return read<std::string>(source);
}

}  // namespace

void Codec<SharedMemory>::write(Sink& sink, const SharedMemory& memory) {
    serial::write(sink, memory.name());
}

SharedMemory Codec<SharedMemory>::read(Source& source) {
    return SharedMemory({.name = read_name(source, "cohort::SharedMemory")});
}

void Codec<ShareableList>::write(Sink& sink, const ShareableList& list) {
    serial::write(sink, list.name());
}

ShareableList Codec<ShareableList>::read(Source& source) {
    return ShareableList({.name = read_name(source, "cohort::ShareableList")});
}

}  // namespace cohort::serial
