// SPDX-License-Identifier: MIT
#include "shm/arena.hpp"

#include <cohort/base/errors.hpp>

#include "os/limits.hpp"
#include "os/mapping.hpp"
#include "os/random.hpp"
#include "shm/arena_layout.hpp"
#include "shm/out_of_shared_memory.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>
#include <stdexcept>
#include <string>
#include <system_error>

namespace cohort::shm {

namespace {

constexpr std::uint64_t kMagic = 0x414e455241484f43;  // "COHARENA"
constexpr std::uint32_t kVersion = 3;
constexpr std::size_t kLeastBytes = std::size_t{16} << 20;

}  // namespace

const char* OutOfSharedMemory::what() const noexcept {
    static_assert(Arena::kMostPlaces == 16'777'216 && Arena::kMostBytes >> 30 == 256, "the text below says so");
    return "cohort: the shared memory of this tree of processes is used up: 16,777,216 shared objects and messages "
           "of more than 96 bytes at once, 256 GiB, or less under this process's limits";
}

Arena Arena::create() {
    for (std::size_t bytes = kMostBytes;; bytes /= 2) {
        try {
            return Arena(formatted(Segment::create("cohort", bytes)));
        } catch (const std::system_error& error) {
            const bool too_large = error.code() == std::errc::file_too_large ||
                                   error.code() == std::errc::not_enough_memory ||
                                   error.code() == std::errc::no_space_on_device;
            if (!too_large || bytes / 2 < kLeastBytes) throw;
        }
    }
}

Arena Arena::attach(Descriptor descriptor) {
    Segment segment = Segment::attach(std::move(descriptor));
    const auto& header = *segment.at<Header>(Segment::kFirstOffset);
    if (header.magic != kMagic || header.version != kVersion)
        throw std::runtime_error("cohort: the segment is no arena of layout version " + std::to_string(kVersion));
    return Arena(std::move(segment));
}

// What is zero is valid: a free line, a place that was never carved, a bitmap without holders. So this takes little
// memory, however large the segment is.
Segment Arena::formatted(Segment segment) {
    const std::size_t bytes = segment.size();
    const auto lines = static_cast<std::uint32_t>(std::min<std::size_t>(Owner::kSlots, bytes >> 18));
    const auto most_places =
        std::bit_floor(static_cast<std::uint32_t>(std::min<std::size_t>(kMostPlaces, bytes >> 14)));
    const std::size_t page = os::page_size();
    if (segment.carve(sizeof(Header), page) != Segment::kFirstOffset) throw std::logic_error("cohort: a used segment");
    const std::size_t roster = segment.carve(Roster::bytes(lines), page);
    const std::size_t table = segment.carve(sizeof(Place) * most_places, page);
    const std::size_t bitmaps = segment.carve(std::size_t{lines} * (most_places / 8), page);
    const std::size_t begin = segment.carve(0, kSlab);
    segment.populate(Segment::kFirstOffset, sizeof(Header));
    segment.populate(roster, page);
    auto* header = new (segment.at(Segment::kFirstOffset)) Header{};
    const std::string id = os::random_bytes(sizeof header->id);
    std::memcpy(&header->id, id.data(), sizeof header->id);
    header->most_places = most_places;
    header->roster = roster;
    header->table = table;
    header->bitmaps = bitmaps;
    header->begin = begin;
    header->end = begin;
    header->mutex.format();
    std::fill(std::begin(header->free), std::end(header->free), kNowhere);
    header->dying = kNowhere;
    Roster::format_zeroed(segment.at(roster), lines);
    header->version = kVersion;
    header->magic = kMagic;
    return segment;
}

Arena::Arena(Segment segment)
    : segment_(std::move(segment)), roster_(segment_.at(header().roster)), table_(segment_.at<Place>(header().table)) {}

Arena::Header& Arena::header() const noexcept {
    return *segment_.at<Header>(Segment::kFirstOffset);
}

std::uint64_t Arena::id() const noexcept {
    return header().id;
}

bool Arena::used() const noexcept {
    return !places().empty();
}

std::span<Arena::Place> Arena::places() const noexcept {
    return {table_, header().places.load(std::memory_order_acquire)};
}

std::uint32_t Arena::index_of(const Place& place) const noexcept {
    return static_cast<std::uint32_t>(&place - table_);
}

BlockName Arena::name_of(const Place& place) const noexcept {
    return {index_of(place), place.generation()};
}

BlockName Arena::name_at(std::uint32_t place) const noexcept {
    if (place >= places().size() || table_[place].kind() == Kind::free) return {};
    return name_of(table_[place]);
}

Arena::Place* Arena::find(BlockName name) const noexcept {
    if (name.place >= places().size()) return nullptr;
    Place& place = table_[name.place];
    return place.kind() != Kind::free && place.generation() == name.generation ? &place : nullptr;
}

Arena::BitWord& Arena::bits(Owner process, std::uint32_t index) const noexcept {
    auto* words = segment_.at<BitWord>(header().bitmaps + std::size_t{process.slot()} * (header().most_places / 8));
    return words[index / 64];
}

// A parcel: how many objects it pins, and their places.
std::span<const std::uint32_t> Arena::pinned(const Place& parcel) const noexcept {
    const auto* words = segment_.at<std::uint32_t>(parcel.offset);
    return {words + 1, *words};
}

// ---- taking ----

// A place that the tag claims: the first in the list of its class, or a new one.
Arena::Place& Arena::take(std::size_t bytes, BlockTag tag) {
    if (bytes > segment_.size()) throw OutOfSharedMemory();
    const unsigned size_class = class_of(bytes);
    Place* place = take_listed(size_class, tag);
    if (!place && header().has_unlisted.exchange(false)) {
        list_unlisted();
        place = take_listed(size_class, tag);
    }
    return place ? *place : carve(size_class, tag);
}

// Those in the list that somebody has taken by a hint are in no list any more.
Arena::Place* Arena::take_listed(unsigned size_class, BlockTag tag) noexcept {
    std::uint32_t& first = header().free[size_class];
    while (first != kNowhere) {
        Place& place = table_[first];
        first = place.next;
        place.is_listed = false;
        if (claim(place, tag)) return &place;
    }
    return nullptr;
}

bool Arena::claim(Place& place, BlockTag tag) noexcept {
    std::uint64_t nobody = 0;
    return place.tag.compare_exchange_strong(nobody, tag.raw(), std::memory_order_acquire, std::memory_order_relaxed);
}

// Its range is nobody's until the number of places says so.
Arena::Place& Arena::carve(unsigned size_class, BlockTag tag) {
    Header& own = header();
    const std::uint32_t index = own.places.load(std::memory_order_relaxed);
    const std::size_t bytes = bytes_of(size_class);
    const bool large = bytes >= kLarge;
    // The dead may have left one. Rather now and then: this looks at every process.
    if ((large || index % 64 == 0) && sweep_all() != 0)
        if (Place* left = take_listed(size_class, tag)) return *left;
    if (index == own.most_places) {
        list_unlisted();  // those that have a hint only
        if (Place* left = take_listed(size_class, tag)) return *left;
        throw OutOfSharedMemory();
    }
    if (!large && (own.slab == 0 || round_up(own.slab_end, bytes) + bytes > own.slab + kSlab)) begin_slab();
    const std::uint64_t offset = large ? own.end : round_up(own.slab_end, bytes);
    if (offset > segment_.size() || bytes > segment_.size() - offset) throw OutOfSharedMemory();
    const std::size_t in_table = own.table + index * sizeof(Place);
    if (in_table % os::page_size() == 0) segment_.populate(in_table, os::page_size());
    Place& place = *new (&table_[index]) Place{};
    place.offset = offset;
    place.populated = large ? 0 : bytes;
    place.next = kNowhere;
    place.state.store(Place::word(0, size_class, Kind::free), std::memory_order_relaxed);
    place.cleaned = place.pieces();
    place.tag.store(tag.raw(), std::memory_order_relaxed);
    own.places.store(index + 1, std::memory_order_release);
    (large ? own.end : own.slab_end) = offset + bytes;
    return place;
}

void Arena::begin_slab() {
    Header& own = header();
    if (own.end > segment_.size() || kSlab > segment_.size() - own.end) throw OutOfSharedMemory();
    segment_.populate(own.end, kSlab);
    own.slab = own.end;
    own.slab_end = own.slab;
    own.end = own.slab + kSlab;
}

// REQUIRES: the caller has the place, under the mutex. How many bytes of it have memory; what is to be populated is not
// told of until it is.
std::size_t Arena::reuse_memory(Place& place, std::size_t bytes) noexcept {
    const std::size_t populated = place.populated;
    if (place.is_large()) header().warm -= populated;
    if (populated < bytes) place.populated = 0;
    return populated;
}

// REQUIRES: the caller has the place, but not the mutex: this may take long.
void Arena::populate(Place& place, std::size_t from, std::size_t bytes) {
    if (from >= bytes) return;
    try {
        segment_.populate(place.offset + from, bytes - from);
    } catch (const std::system_error&) {
        clean_up();  // there may be memory that waits for being given back
        segment_.populate(place.offset + from, bytes - from);
    }
    place.populated = bytes;
}

// The same. Afterwards it reads as zeros.
void Arena::wipe(Place& place) const {
    if (!place.is_large()) {
        std::memset(segment_.at(place.offset), 0, place.bytes());
    } else if (!place.is_clean()) {
        place.populated = 0;
        segment_.discard(place.offset, place.bytes());
    }
}

// REQUIRES: the caller has the place.
BlockName Arena::put_to_use(Place& place, Kind kind) noexcept {
    const std::uint32_t next = place.generation() + 1;
    place.state.store(Place::word(next != 0 ? next : 1, place.size_class(), kind), std::memory_order_release);
    return name_of(place);
}

BlockName Arena::create_object(Owner me, std::size_t bytes, std::size_t needed) {
    Place* place = nullptr;
    BlockName name;
    {
        Guard guard(*this);
        place = &take(bytes, BlockTag::owned_by(me));
        reuse_memory(*place, bytes);
        place->has_parts.store(0, std::memory_order_relaxed);
        place->holders = 1;
        name = put_to_use(*place, Kind::object);
        bits(me, name.place).fetch_or(bit_of(name.place), std::memory_order_relaxed);
        place->tag.store(BlockTag::object().raw(), std::memory_order_release);
    }
    try {
        wipe(*place);
        if (place->is_large()) populate(*place, 0, std::min(needed, bytes));
        place->cleaned = 0;
    } catch (...) {
        drop(me, name);
        throw;
    }
    return name;
}

BlockName Arena::allocate(BlockTag tag, std::size_t bytes, const Deadline& deadline) {
    const bool small = bytes < kLarge;
    if (small && tag.is_owned())
        if (const BlockName block = take_hinted(class_of(bytes), tag)) return block;
    Place* place = nullptr;
    BlockName name;
    std::size_t populated = 0;
    {
        Guard guard(*this, deadline);
        if (!guard) return {};
        place = &take(bytes, tag);
        populated = reuse_memory(*place, bytes);
        if (place->is_large()) place->cleaned = 0;
        if (const auto whole = tag.whole()) table_[*whole].has_parts.store(1, std::memory_order_relaxed);
        name = put_to_use(*place, Kind::block);
    }
    try {
        populate(*place, populated, bytes);
    } catch (...) {
        free(name);
        throw;
    }
    return name;
}

// Without the mutex. Empty if there is no hint that holds.
BlockName Arena::take_hinted(unsigned size_class, BlockTag tag) noexcept {
    if (size_class >= FreeHints::kClasses) return {};
    while (const auto index = header().hints.pop(size_class)) {
        Place& place = table_[*index];
        if (claim(place, tag)) return put_to_use(place, Kind::block);
    }
    return {};
}

BlockName Arena::pack(BlockTag tag, std::span<const BlockName> objects) {
    const std::size_t bytes = sizeof(std::uint32_t) * (objects.size() + 1);
    Guard guard(*this);
    Place& place = take(bytes, tag);
    try {
        const std::size_t populated = reuse_memory(place, bytes);
        if (populated < bytes) segment_.populate(place.offset + populated, bytes - populated);
        place.populated = std::max(populated, bytes);
    } catch (...) {
        give_back(place);
        throw;
    }
    place.cleaned = 0;
    if (const auto whole = tag.whole()) table_[*whole].has_parts.store(1, std::memory_order_relaxed);
    auto* words = segment_.at<std::uint32_t>(place.offset);
    *words++ = static_cast<std::uint32_t>(objects.size());
    for (const BlockName object : objects) *words++ = object.place;
    const BlockName name = put_to_use(place, Kind::parcel);
    for (const BlockName object : objects) ++table_[object.place].holders;
    return name;
}

bool Arena::hold(Owner process, BlockName object) noexcept {
    Guard guard(*this);
    Place* place = find(object);
    if (!place || place->kind() != Kind::object) return false;
    const auto before = bits(process, object.place).fetch_or(bit_of(object.place), std::memory_order_relaxed);
    if ((before & bit_of(object.place)) == 0) ++place->holders;
    return true;
}

Arena::Place* Arena::find_tagged(BlockName block, BlockTag tag) const noexcept {
    Place* place = find(block);
    const bool is_it = place && place->is_block() && place->tag.load(std::memory_order_acquire) == tag.raw();
    return is_it ? place : nullptr;
}

void Arena::make_part(BlockName block, BlockTag tag) noexcept {
    Place* place = find(block);
    if (!place || !place->is_block()) return;
    if (const auto whole = tag.whole()) table_[*whole].has_parts.store(1, std::memory_order_relaxed);
    place->tag.store(tag.raw(), std::memory_order_release);
}

std::atomic<std::uint64_t>& Arena::tag(BlockName block) const noexcept {
    return table_[block.place].tag;
}

std::byte* Arena::data(BlockName block) const noexcept {
    return segment_.at(table_[block.place].offset);
}

std::size_t Arena::capacity(BlockName block) const noexcept {
    return table_[block.place].bytes();
}

// ---- processes ----

// Who reserved it signs it: lines that nobody signed are those of a process that died here.
Owner Arena::new_line() {
    Owner line = roster_.reserve();
    if (line.is_nobody() && sweep_all() != 0) line = roster_.reserve();
    if (line.is_nobody())
        throw Error("there are " + std::to_string(roster_.lines()) +
                    " processes that share objects of cohort, and no room for another one");
    return line;
}

Owner Arena::enter(const ProcessMark& mark) {
    const Owner me = reserve_own(mark);
    // Not under the mutex: the life lock stays taken, and the mutex is taken again and again while it is.
    if (!roster_.enter(me, mark)) throw Error("this process's line was ended while it entered the roster");
    return me;
}

Owner Arena::reserve_own(const ProcessMark& mark) {
    Guard guard(*this);
    const Owner me = new_line();
    roster_.note(me, kPid).store(static_cast<std::uint64_t>(mark.pid), std::memory_order_relaxed);
    roster_.note(me, kStartTime).store(mark.start_time, std::memory_order_relaxed);
    roster_.note(me, kReserver).store(me.raw(), std::memory_order_release);
    return me;
}

Owner Arena::reserve(Owner parent, bool copy) {
    Guard guard(*this);
    const Owner child = new_line();
    roster_.note(child, kReserver).store(parent.raw(), std::memory_order_release);
    if (!copy) return child;
    for_each_held(parent, [&](std::uint32_t index) {
        bits(child, index).fetch_or(bit_of(index), std::memory_order_relaxed);
        ++table_[index].holders;
    });
    return child;
}

void Arena::drop_all(Owner process) noexcept {
    for_each_held(process, [&](std::uint32_t index) {
        bits(process, index).fetch_and(~bit_of(index), std::memory_order_relaxed);
        count_down(table_[index]);
    });
}

// A process that was never seen to enter ends with the one that reserved its line, which may be itself.
bool Arena::ended(Owner owner) noexcept {
    const auto note = [&](std::size_t index) { return roster_.note(owner, index).load(std::memory_order_acquire); };
    const auto reserver = Owner::from_raw(static_cast<std::uint32_t>(note(kReserver)));
    if (reserver == owner) {
        const ProcessMark mark{.pid = static_cast<pid_t>(note(kPid)), .start_time = note(kStartTime)};
        if (!roster_.is_live(owner) && process_has_ended(mark)) roster_.bury(owner, kUnknown);
    } else if (roster_.is_reserved(owner)) {
        if (roster_.is_dead(reserver)) roster_.end_reserved(owner, kUnknown);
    } else {
        roster_.end_entering(owner, kUnknown);
    }
    return roster_.is_dead(owner);
}

void Arena::sweep_line(Owner dead) noexcept {
    drop_all(dead);
    free_owned_by(dead);
    roster_.retire(dead);
}

std::size_t Arena::sweep_all() noexcept {
    std::size_t swept = 0;
    for (std::uint32_t slot = 0; slot != roster_.used_lines(); ++slot) {
        const Owner owner = roster_.at(slot);
        if (owner.is_nobody() || !ended(owner)) continue;
        sweep_line(owner);
        ++swept;
    }
    return swept;
}

void Arena::sweep(Owner dead) noexcept {
    {
        Guard guard(*this);
        if (roster_.at(dead.slot()) == dead && roster_.is_dead(dead)) sweep_line(dead);
    }
    clean_up();
}

std::size_t Arena::reap() noexcept {
    std::size_t swept = 0;
    {
        Guard guard(*this);
        swept = sweep_all();
    }
    clean_up();
    return swept;
}

Arena::Usage Arena::usage() noexcept {
    Guard guard(*this);
    Usage usage;
    usage.bytes = header().end - header().begin;
    for (const Place& place : places()) {
        if (place.kind() == Kind::object) ++usage.objects;
        if (place.is_block()) ++usage.blocks;
    }
    return usage;
}

}  // namespace cohort::shm
