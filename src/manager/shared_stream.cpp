// SPDX-License-Identifier: MIT
#include "manager/shared_stream.hpp"

#include "os/memfd.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>

namespace cohort::manager {

namespace {

constexpr std::uint32_t kMagic = 0x4d524853;  // "SHRM"
constexpr std::uint32_t kVersion = 2;
constexpr std::size_t kApart = 128;
constexpr shm::SpscRing::Shape kShape{16, 4096};

constexpr std::size_t kPieceBytes = kShape.cell_bytes - 2 * sizeof(std::uint64_t);

/// What is in a cell. The size is atomic to be read once: a hostile side may change it at any time.
struct Piece {
    std::atomic<std::uint64_t> size;
    std::byte bytes[kPieceBytes];
};

/// Moves the front of a part to `room`. @returns how many bytes
std::size_t move_front(std::span<const std::byte>& part, std::span<std::byte> room) noexcept {
    const std::size_t count = std::min(part.size(), room.size());
    if (count != 0) std::memcpy(room.data(), part.data(), count);
    part = part.subspan(count);
    return count;
}

}  // namespace

struct SharedStream::Layout {
    std::uint32_t magic;
    std::uint32_t version;
    alignas(kApart) Word server_sleeps;
    alignas(kApart) Word client_sleeps;
    alignas(kApart) Word crowd;  // written by the server; a hint

    static std::size_t ring_bytes() noexcept { return shm::SpscRing::bytes(kShape); }
    static std::size_t bytes() noexcept { return sizeof(Layout) + 2 * ring_bytes(); }
    static Layout& at(const os::Mapping& memory) noexcept { return *reinterpret_cast<Layout*>(memory.data()); }
    std::byte* to_server() noexcept { return reinterpret_cast<std::byte*>(this) + sizeof(Layout); }
    std::byte* to_client() noexcept { return to_server() + ring_bytes(); }
};

SharedStream::SharedStream(os::Mapping memory, Side side)
    : memory_(std::move(memory)),
      writer_(side == Side::server ? Layout::at(memory_).to_client() : Layout::at(memory_).to_server()),
      reader_(side == Side::server ? Layout::at(memory_).to_server() : Layout::at(memory_).to_client()),
      own_sleep_(side == Side::server ? &Layout::at(memory_).server_sleeps : &Layout::at(memory_).client_sleeps),
      other_sleep_(side == Side::server ? &Layout::at(memory_).client_sleeps : &Layout::at(memory_).server_sleeps),
      crowd_(&Layout::at(memory_).crowd) {}

SharedStream SharedStream::create() {
    static_assert(sizeof(Layout) % kApart == 0);
    Descriptor memory = os::memfd_of_fixed_size("cohort-manager", Layout::bytes());
    os::Mapping mapping = os::Mapping::map_shared(memory.get(), Layout::bytes());
    mapping.populate(0, Layout::bytes());
    auto* layout = new (mapping.data()) Layout{kMagic, kVersion, {}, {}, {}};
    shm::SpscRing::format(layout->to_server(), kShape);
    shm::SpscRing::format(layout->to_client(), kShape);
    SharedStream stream(std::move(mapping), Side::server);
    stream.descriptor_ = std::move(memory);
    return stream;
}

SharedStream SharedStream::attach(const Descriptor& memory) {
    if (os::size(memory.get()) != Layout::bytes()) throw std::runtime_error("the server has shared other memory");
    os::Mapping mapping = os::Mapping::map_shared(memory.get(), Layout::bytes());
    const Layout& layout = Layout::at(mapping);
    if (layout.magic != kMagic || layout.version != kVersion)
        throw std::runtime_error("the shared memory is of another version");
    return SharedStream(std::move(mapping), Side::client);
}

std::size_t SharedStream::send(std::span<const std::byte> head, std::span<const std::byte> body) noexcept {
    std::size_t sent = 0;
    while (!head.empty() || !body.empty()) {
        std::byte* const room = writer_.room();
        if (!room) break;
        auto& piece = *reinterpret_cast<Piece*>(room);
        std::size_t size = move_front(head, piece.bytes);
        size += move_front(body, std::span(piece.bytes).subspan(size));
        piece.size.store(size, std::memory_order_relaxed);  // publish() orders it
        sent += size;
        writer_.publish();
    }
    return sent;
}

std::size_t SharedStream::receive(std::span<std::byte> buffer) noexcept {
    std::size_t received = 0;
    for (std::uint32_t cells = 0; cells != kShape.cells && received != buffer.size(); ++cells) {
        const std::byte* const front = reader_.front();
        if (!front) break;
        const auto& piece = *reinterpret_cast<const Piece*>(front);
        const std::size_t size = std::min<std::size_t>(piece.size.load(std::memory_order_relaxed), kPieceBytes);
        const std::size_t count = std::min(size - std::min(taken_, size), buffer.size() - received);
        std::memcpy(buffer.data() + received, piece.bytes + taken_, count);
        received += count;
        taken_ += count;
        if (taken_ < size) break;
        reader_.release();
        taken_ = 0;
    }
    return received;
}

}  // namespace cohort::manager
