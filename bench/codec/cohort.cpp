// SPDX-License-Identifier: MIT
// cohort's codec, and memcpy of the same bytes: what the copy alone costs.
#include <cohort/serial/codec.hpp>

#include "samples.hpp"

namespace bench {

namespace {

class Cohort {
public:
    static constexpr const char* kName = "cohort";

    template <class T>
    std::span<const std::byte> encode(const T& value) {
        sink_.clear();
        cohort::serial::write_message(sink_, value);
        return sink_.bytes();
    }
    template <class T>
    T decode(std::span<const std::byte> bytes) {
        cohort::serial::Source source(bytes);
        return cohort::serial::read_message<T>(source);
    }

private:
    cohort::serial::BufferSink sink_;
};

template <class T>
void add_copy(Workload& workload, const std::string& name, const T& sample) {
    auto bytes = std::make_shared<std::vector<std::byte>>();
    cohort::serial::BufferSink sink;
    cohort::serial::write_message(sink, sample);
    bytes->assign(sink.bytes().begin(), sink.bytes().end());
    auto into = std::make_shared<std::vector<std::byte>>(bytes->size());
    workload.add({.name = "memcpy, " + name, .unit = "ns", .run = [=] {
                      const double figure = nanoseconds([&] {
                          std::memcpy(into->data(), bytes->data(), bytes->size());
                          asm volatile("" : : "r"(into->data()) : "memory");  // somebody may look at the copy
                      });
                      if (*into != *bytes) throw std::runtime_error("not the same bytes");
                      return figure;
                  }});
}

}  // namespace

void add_cohort(Workload& workload, const Samples& samples) {
    add_samples<Cohort>(workload, samples);
}

void add_memcpy(Workload& workload, const Samples& samples) {
    add_copy(workload, "int", samples.number);
    add_copy(workload, "8 doubles", samples.few_doubles);
    add_copy(workload, "131,072 doubles", samples.many_doubles);
    add_copy(workload, "10,000 strings", samples.strings);
    add_copy(workload, "map of 10,000 strings", samples.map);
    add_copy(workload, "10,000 nested aggregates", samples.orders);
}

}  // namespace bench
