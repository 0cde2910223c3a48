// SPDX-License-Identifier: MIT
#include <cohort/base/errors.hpp>
#include <cohort/serial/codec.hpp>
#include <cohort/serial/handle_carrier.hpp>

namespace cohort::serial {

HandleCarrier& carrier_of(Sink& sink, const char* type) {
    HandleCarrier* carrier = sink.carrier();
    if (carrier && carrier->takes_handles()) return *carrier;
    throw SerializationError(type, std::string("a ") + type +
                                       " cannot be sent this way, which carries no descriptors: send it through a "
                                       "cohort::Pipe or a cohort::Queue, or give it to a cohort::Process or a task of "
                                       "a cohort::Pool as an argument");
}

HandleCarrier& carrier_of(Source& source, const char* type) {
    if (HandleCarrier* carrier = source.carrier()) return *carrier;
    throw SerializationError(type, std::string("a ") + type + " came in a message that brings no descriptors");
}

void Codec<Descriptor>::write(Sink& sink, const Descriptor& descriptor) {
    serial::write(sink, static_cast<bool>(descriptor));
    if (descriptor) serial::write(sink, carrier_of(sink, "cohort::Descriptor").add_descriptor(descriptor.get()));
}

Descriptor Codec<Descriptor>::read(Source& source) {
    if (!serial::read<bool>(source)) return {};
    const auto number = serial::read<std::uint32_t>(source);
    return Descriptor(carrier_of(source, "cohort::Descriptor").take_descriptor(number));
}

}  // namespace cohort::serial
