// SPDX-License-Identifier: MIT
// cereal with its own binary archives, over streams in memory.
#include <cereal/archives/binary.hpp>
#include <cereal/types/map.hpp>
#include <cereal/types/string.hpp>
#include <cereal/types/vector.hpp>

#include <istream>
#include <ostream>

#include "memory_stream.hpp"

namespace bench {

template <class Archive>
void serialize(Archive& archive, Item& item) {
    archive(item.number, item.amount, item.price);
}
template <class Archive>
void serialize(Archive& archive, Customer& customer) {
    archive(customer.name, customer.town);
}
template <class Archive>
void serialize(Archive& archive, Order& order) {
    archive(order.number, order.customer, order.items, order.paid);
}

namespace {

class Cereal {
public:
    static constexpr const char* kName = "cereal";

    template <class T>
    std::span<const std::byte> encode(const T& value) {
        buffer_.clear();
        MemoryOutput memory(buffer_);
        std::ostream stream(&memory);
        cereal::BinaryOutputArchive archive(stream);
        archive(value);
        return buffer_.bytes();
    }
    template <class T>
    T decode(std::span<const std::byte> bytes) {
        MemoryInput memory(bytes);
        std::istream stream(&memory);
        cereal::BinaryInputArchive archive(stream);
        T value{};
        archive(value);
        return value;
    }

private:
    Buffer buffer_;
};

}  // namespace

void add_cereal(Workload& workload, const Samples& samples) {
    add_samples<Cereal>(workload, samples);
}

}  // namespace bench
