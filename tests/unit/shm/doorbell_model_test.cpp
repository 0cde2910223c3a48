// SPDX-License-Identifier: MIT
// The doorbell's protocol as a model: every interleaving of sleepers and ringers, an atomic step at a time. Plausible
// variants that lose a wake are part of it, so that the model is known to find them.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <set>
#include <vector>

namespace {

enum class Protocol {
    doorbell,       ///< as in shm/doorbell.cpp
    bare_flag,      ///< sleepers wait on a flag that ringers just clear: no count
    wake_one,       ///< the bit goes away, but only one sleeper is woken
    look_early,     ///< the ringer looks at the bit before its change is visible: no fence
    no_second_look  ///< the sleeper does not look again after it has announced itself
};

constexpr std::uint8_t kSleeper = 1;
constexpr std::uint8_t kRing = 2;

// Where a sleeper or a ringer is in its program.
enum class At : std::uint8_t { look, listen, look_again, wait, asleep, change, look_at_bit, replace, wake, done };

struct Actor {
    At at;
    std::uint8_t seen = 0;  // the sleeper's ticket, or the word as the ringer saw it
    auto operator<=>(const Actor&) const = default;
};

constexpr std::size_t kSleepers = 2;
constexpr std::size_t kRingers = 2;

// Sleepers wait for as many changes as there are ringers.
struct World {
    std::uint8_t value = 0;
    std::uint8_t word = 0;
    std::array<Actor, kSleepers + kRingers> actors{};
    auto operator<=>(const World&) const = default;
};

class Model {
public:
    explicit Model(Protocol protocol) : protocol_(protocol) {
        World world;
        for (std::size_t i = 0; i != kSleepers; ++i) world.actors[i].at = At::look;
        for (std::size_t i = kSleepers; i != world.actors.size(); ++i)
            world.actors[i].at = protocol == Protocol::look_early ? At::look_at_bit : At::change;
        explore(world);
    }
    bool loses_a_wake() const { return loses_; }
    std::size_t states() const { return seen_.size(); }

private:
    void explore(const World& start) {
        std::vector<World> open{start};
        while (!open.empty()) {
            const World world = open.back();
            open.pop_back();
            if (!seen_.insert(world).second) continue;
            bool moved = false;
            for (std::size_t i = 0; i != world.actors.size(); ++i) {
                World next = world;
                if (!step(next, i)) continue;
                moved = true;
                open.push_back(next);
            }
            if (!moved) loses_ = loses_ || somebody_sleeps(world);
        }
    }

    static bool somebody_sleeps(const World& world) {
        for (const Actor& actor : world.actors)
            if (actor.at == At::asleep) return true;
        return false;
    }

    // One atomic step of actor i. False if it has none.
    bool step(World& world, std::size_t i) const {
        Actor& me = world.actors[i];
        const bool found = world.value == kRingers;
        switch (me.at) {
            case At::look:
                return go(me, found ? At::done : At::listen);
            case At::listen:
                world.word |= kSleeper;
                me.seen = world.word;
                return go(me, protocol_ == Protocol::no_second_look ? At::wait : At::look_again);
            case At::look_again:
                return go(me, found ? At::done : At::wait);
            case At::wait:
                return go(me, world.word == me.seen ? At::asleep : At::look);
            case At::change:
                ++world.value;
                return go(me, protocol_ == Protocol::look_early ? after_look(me) : At::look_at_bit);
            case At::look_at_bit:
                me.seen = world.word;
                return go(me, protocol_ == Protocol::look_early ? At::change : after_look(me));
            case At::replace:
                return replace(world, me);
            case At::wake:
                return wake(world, me);
            case At::asleep:
            case At::done:
                return false;
        }
        return false;
    }

    static bool go(Actor& actor, At at) {
        actor.at = at;
        return true;
    }
    static At after_look(const Actor& me) { return (me.seen & kSleeper) != 0 ? At::replace : At::done; }

    bool replace(World& world, Actor& me) const {
        if (protocol_ == Protocol::bare_flag) {
            world.word = 0;
            return go(me, At::wake);
        }
        if (world.word != me.seen) {  // the compare-and-swap fails and gives the new value
            me.seen = world.word;
            return go(me, after_look(me));
        }
        world.word = static_cast<std::uint8_t>((me.seen & ~kSleeper) + kRing);
        return go(me, At::wake);
    }

    bool wake(World& world, Actor& me) const {
        me.at = At::done;
        me.seen = 0;
        for (Actor& actor : world.actors) {
            if (actor.at != At::asleep) continue;
            actor.at = At::look;
            if (protocol_ == Protocol::wake_one) break;
        }
        return true;
    }

    const Protocol protocol_;
    bool loses_ = false;
    std::set<World> seen_;
};

TEST(DoorbellModel, the_doorbell_never_loses_a_wake) {
    const Model model(Protocol::doorbell);
    EXPECT_FALSE(model.loses_a_wake());
    EXPECT_GT(model.states(), 1000U);
}

TEST(DoorbellModel, a_bare_flag_loses_one) {
    EXPECT_TRUE(Model(Protocol::bare_flag).loses_a_wake());
}
TEST(DoorbellModel, waking_one_loses_one) {
    EXPECT_TRUE(Model(Protocol::wake_one).loses_a_wake());
}
TEST(DoorbellModel, looking_before_the_change_loses_one) {
    EXPECT_TRUE(Model(Protocol::look_early).loses_a_wake());
}
TEST(DoorbellModel, sleeping_without_a_second_look_loses_one) {
    EXPECT_TRUE(Model(Protocol::no_second_look).loses_a_wake());
}

}  // namespace
