// SPDX-License-Identifier: MIT
#pragma once

#include "support/workload.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace bench {

struct Item {
    std::uint32_t number;
    std::uint32_t amount;
    double price;
    bool operator==(const Item&) const = default;
};

struct Customer {
    std::string name;
    std::string town;
    bool operator==(const Customer&) const = default;
};

struct Order {
    std::uint64_t number;
    Customer customer;
    std::vector<Item> items;
    bool paid;
    bool operator==(const Order&) const = default;
};

/// What is written and read.
struct Samples {
    Samples();
    int number = 42;
    std::vector<double> few_doubles;
    std::vector<double> many_doubles;
    std::vector<std::string> strings;
    std::map<std::string, std::string> map;
    std::vector<Order> orders;
};

/// Memory that is used again for each message.
class Buffer {
public:
    void clear() noexcept { size_ = 0; }
    void append(const void* data, std::size_t size) {
        if (bytes_.size() - size_ < size) bytes_.resize(2 * (size_ + size));
        std::memcpy(bytes_.data() + size_, data, size);
        size_ += size;
    }
    std::span<const std::byte> bytes() const noexcept { return {bytes_.data(), size_}; }

private:
    std::vector<std::byte> bytes_ = std::vector<std::byte>(64);
    std::size_t size_ = 0;
};

/// Nanoseconds for one call, of as many as take a few milliseconds.
double nanoseconds(const std::function<void()>& work);

/// One sample through one competitor. `Format` has a buffer: `encode(value)` fills it and returns its bytes,
/// `decode<T>(bytes)` gives the value.
template <class Format, class T>
void add_sample(Workload& workload, const std::string& name, const T& sample) {
    auto format = std::make_shared<Format>();
    auto once = [format, &sample] {
        if (!(format->template decode<T>(format->encode(sample)) == sample))
            throw std::runtime_error("not the same value");
    };
    const std::string prefix = std::string(Format::kName) + ", " + name;
    workload.add({.name = prefix + ", encode", .unit = "ns", .run = [=, &sample] {
                      once();
                      return nanoseconds([&] { format->encode(sample); });
                  }});
    workload.add({.name = prefix + ", decode", .unit = "ns", .run = [=, &sample] {
                      once();
                      std::span<const std::byte> bytes = format->encode(sample);
                      return nanoseconds([&] { static_cast<void>(format->template decode<T>(bytes)); });
                  }});
}

template <class Format>
void add_samples(Workload& workload, const Samples& samples) {
    add_sample<Format>(workload, "int", samples.number);
    add_sample<Format>(workload, "8 doubles", samples.few_doubles);
    add_sample<Format>(workload, "131,072 doubles", samples.many_doubles);
    add_sample<Format>(workload, "10,000 strings", samples.strings);
    add_sample<Format>(workload, "map of 10,000 strings", samples.map);
    add_sample<Format>(workload, "10,000 nested aggregates", samples.orders);
}

void add_cohort(Workload& workload, const Samples& samples);
void add_memcpy(Workload& workload, const Samples& samples);
void add_cereal(Workload& workload, const Samples& samples);
void add_boost(Workload& workload, const Samples& samples);

}  // namespace bench
