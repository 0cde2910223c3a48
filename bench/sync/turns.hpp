// SPDX-License-Identifier: MIT
// Two processes that take turns by whatever has `give(to)`, which gives side `to` the turn, and `take(me)`, which waits
// for it and takes it.
#pragma once

#include "sync/contenders.hpp"
#include "sync/shared.hpp"

namespace bench {

inline constexpr int kTripsSameCore = 10'000;
inline constexpr int kTripsTwoCores = 5'000;
inline constexpr int kTripsAsleep = 500;
inline constexpr int kTripsBefore = 100;  // in which a contender may learn how to wait

/// What belongs to the side that has the turn.
struct TurnBoard {
    long turns = 0;
    Clock::time_point given{};
    Clock::duration on_the_way{};
    double seconds = 0;  ///< of the trips that count
};

template <class Turns>
class Player {
public:
    Player(Turns& turns, TurnBoard& board, bool asleep, int side)
        : turns_(turns), board_(board), asleep_(asleep), side_(side) {}

    void give() {
        expect(board_.turns++ % 2 == side_, "both sides have the turn");
        if (asleep_) keep_until_other_sleeps();
        turns_.give(1 - side_);
    }
    void take() {
        turns_.take(side_);
        if (asleep_) board_.on_the_way += Clock::now() - board_.given;
    }

private:
    void keep_until_other_sleeps() {
        const auto end = Clock::now() + kUntilAsleep;
        do board_.given = Clock::now();
        while (board_.given < end);
    }

    Turns& turns_;
    TurnBoard& board_;
    const bool asleep_;
    const int side_;
};

inline int trips_of(const Meeting& meeting) {
    if (meeting.asleep) return kTripsAsleep;
    return meeting.place == Place::same_core ? kTripsSameCore : kTripsTwoCores;
}

/// The side that begins, and measures.
template <class Turns>
void lead(Player<Turns> player, TurnBoard& board, const Meeting& meeting) {
    auto go = [&](int trips) {
        for (int i = 0; i != trips; ++i) {
            player.give();
            player.take();
        }
    };
    go(kTripsBefore);
    board.on_the_way = {};
    const auto begin = Clock::now();
    go(trips_of(meeting));
    const auto time = meeting.asleep ? board.on_the_way : Clock::now() - begin;
    board.seconds = std::chrono::duration<double>(time).count();
}

/// Microseconds of a turn there and back; where the sides sleep, without what they do with it.
template <class Turns>
double take_turns(const Meeting& meeting) {
    Turns turns;
    Shared<TurnBoard> board;
    Crew crew(meeting.place);
    crew.start([&](Gate& gate) {
        gate.wait();
        lead(Player(turns, *board, meeting.asleep, 0), *board, meeting);
    });
    crew.start([&](Gate& gate) {
        Player player(turns, *board, meeting.asleep, 1);
        gate.wait();
        for (int i = 0; i != kTripsBefore + trips_of(meeting); ++i) {
            player.take();
            player.give();
        }
    });
    crew.open();
    crew.join();
    expect(board->turns == 2L * (kTripsBefore + trips_of(meeting)), "turns were lost");
    return board->seconds / trips_of(meeting) * 1e6;
}

template <class Turns>
TurnContender turn_contender(std::string name) {
    return {std::move(name), take_turns<Turns>};
}

}  // namespace bench
