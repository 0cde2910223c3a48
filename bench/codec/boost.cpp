// SPDX-License-Identifier: MIT
// Boost.Serialization with its binary archives, over streams in memory, without headers.
#include <boost/archive/binary_iarchive.hpp>
#include <boost/archive/binary_oarchive.hpp>
#include <boost/serialization/map.hpp>
#include <boost/serialization/string.hpp>
#include <boost/serialization/vector.hpp>

#include "memory_stream.hpp"

namespace bench {

template <class Archive>
void serialize(Archive& archive, Item& item, unsigned) {
    archive& item.number& item.amount& item.price;
}
template <class Archive>
void serialize(Archive& archive, Customer& customer, unsigned) {
    archive& customer.name& customer.town;
}
template <class Archive>
void serialize(Archive& archive, Order& order, unsigned) {
    archive& order.number& order.customer& order.items& order.paid;
}

namespace {

class Boost {
public:
    static constexpr const char* kName = "Boost.Serialization";

    template <class T>
    std::span<const std::byte> encode(const T& value) {
        buffer_.clear();
        MemoryOutput memory(buffer_);
        boost::archive::binary_oarchive archive(memory, boost::archive::no_header);
        archive << value;
        return buffer_.bytes();
    }
    template <class T>
    T decode(std::span<const std::byte> bytes) {
        MemoryInput memory(bytes);
        boost::archive::binary_iarchive archive(memory, boost::archive::no_header);
        T value{};
        archive >> value;
        return value;
    }

private:
    Buffer buffer_;
};

}  // namespace

void add_boost(Workload& workload, const Samples& samples) {
    add_samples<Boost>(workload, samples);
}

}  // namespace bench
