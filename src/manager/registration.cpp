// SPDX-License-Identifier: MIT
#include "manager/registration.hpp"

#include <cohort/serial/code_pointer.hpp>

#include <cstdint>
#include <utility>

namespace cohort::manager {

void Registrations::add(Registration registration) {
    std::erase_if(all, [&](const Registration& each) { return each.name == registration.name; });
    all.push_back(std::move(registration));
}

}  // namespace cohort::manager

namespace cohort::serial {

namespace {

using manager::Registration;
using manager::Registrations;
using manager::detail::Code;
using manager::detail::ExposedClass;
using manager::detail::ReadCode;

// Each code is read by the function that stands before it.
void write_code(Sink& sink, const std::shared_ptr<Code>& code) {
    serial::write(sink, code != nullptr);
    if (code) code->write(sink);
}

std::shared_ptr<Code> read_code(Source& source) {
    if (!serial::read<bool>(source)) return nullptr;
    const auto read = serial::read<ReadCode>(source);
    return read(source);
}

void write_class(Sink& sink, const ExposedClass& what) {
    serial::write(sink, what.name);
    serial::write(sink, what.type);
    write_code(sink, what.constructor);
    serial::write(sink, static_cast<std::uint64_t>(what.methods.size()));
    for (const auto& each : what.methods) {
        serial::write(sink, each.name);
        write_code(sink, each.code);
    }
    serial::write(sink, static_cast<std::uint64_t>(what.attributes.size()));
    for (const auto& each : what.attributes) {
        serial::write(sink, each.name);
        write_code(sink, each.get);
        write_code(sink, each.set);
    }
    serial::write(sink, what.concurrent);
}

ExposedClass read_class(Source& source) {
    ExposedClass what;
    what.name = serial::read<std::string>(source);
    what.type = serial::read<const std::type_info& (*)()>(source);
    what.constructor = read_code(source);
    for (auto left = serial::read<std::uint64_t>(source); left != 0; --left) {
        auto name = serial::read<std::string>(source);
        what.methods.push_back({std::move(name), read_code(source)});
    }
    for (auto left = serial::read<std::uint64_t>(source); left != 0; --left) {
        auto name = serial::read<std::string>(source);
        auto get = read_code(source);
        what.attributes.push_back({std::move(name), std::move(get), read_code(source)});
    }
    what.concurrent = serial::read<bool>(source);
    return what;
}

}  // namespace

void Codec<Registrations>::write(Sink& sink, const Registrations& registrations) {
    serial::write(sink, static_cast<std::uint64_t>(registrations.all.size()));
    for (const Registration& each : registrations.all) {
        serial::write(sink, each.name);
        write_code(sink, each.code);
        serial::write(sink, each.exposed.has_value());
        if (each.exposed) write_class(sink, *each.exposed);
    }
}

Registrations Codec<Registrations>::read(Source& source) {
    Registrations registrations;
    for (auto left = serial::read<std::uint64_t>(source); left != 0; --left) {
        Registration each;
        each.name = serial::read<std::string>(source);
        each.code = read_code(source);
        if (serial::read<bool>(source)) each.exposed = read_class(source);
        registrations.all.push_back(std::move(each));
    }
    return registrations;
}

}  // namespace cohort::serial
