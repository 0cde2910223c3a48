// SPDX-License-Identifier: MIT
// The protocol of sync::ConditionState: waiters with a cell each, a notifier, and deaths at any step.
//
// No notification is lost: when nothing can go on, whoever still sleeps does so because every notification was used.
// None is doubled: no more waiters return than were notified. Nobody sleeps for ever on a notified cell.
//
// Wrong versions, which must be found:
//   -DFREE_BEFORE_LOCK  the waiter frees its cell before it has the lock again: its death loses the notification
//   -DINHERIT_IN_STEPS  the heir frees the dead one's cell, then notifies its own: a death between loses it
//   -DNOTIFY_OWN_FIRST  the other way round: a death between doubles it
//   -DKEEP_BOTH         an heir that was notified meanwhile keeps both: one is lost
#ifndef WAITERS
#define WAITERS 3
#endif
#ifndef KILLS
#define KILLS 2
#endif
#define NOTIFIER (WAITERS + 1)
#define NOBODY 0

mtype = { FREE, WAITING, NOTIFIED };

typedef Cell { mtype stage = FREE; byte owner; byte number };
Cell cell[WAITERS + 1];      // of waiter i at first: cell i
bool dead[WAITERS + 2];
bool came[WAITERS + 2];
bool sleeps[WAITERS + 2];
byte holder = NOBODY;        // of the lock
byte next = 1;
byte given, returned;

#define left_behind(c) (cell[c].stage == NOTIFIED && (cell[c].owner == NOBODY || dead[cell[c].owner]))
#define may_inherit(n, c) (left_behind(c) && n < cell[c].number)
#if WAITERS == 3
#define some_may_inherit(n) (may_inherit(n, 1) || may_inherit(n, 2) || may_inherit(n, 3))
#define all_came ((came[1] || dead[1]) && (came[2] || dead[2]) && (came[3] || dead[3]))
#else
#define some_may_inherit(n) (may_inherit(n, 1) || may_inherit(n, 2))
#define all_came ((came[1] || dead[1]) && (came[2] || dead[2]))
#endif

inline acquire(me) {
    atomic { (holder == NOBODY || dead[holder]) -> holder = me }
}

// The oldest living waiter whose number is lower than `end`, read cell by cell; 0: none. Cells of the dead are freed.
inline find_oldest(end, oldest) {
    searching = true;
    do
    :: searching ->
        oldest = 0; low = end; k = 1;
        do
        :: k <= WAITERS ->
            atomic {
                if
                :: cell[k].stage == WAITING && cell[k].number < low ->
                    oldest = k; low = cell[k].number; its = cell[k].owner
                :: else
                fi
            }
            k++
        :: else -> break
        od;
        if
        :: oldest != 0 && dead[its] ->
            atomic {
                if
                :: cell[oldest].stage == WAITING && cell[oldest].owner == its && cell[oldest].number == low ->
                    cell[oldest].stage = FREE; cell[oldest].owner = NOBODY; cell[oldest].number = 0
                :: else
                fi
            }
        :: else -> searching = false
        fi
    :: else -> break
    od
}

proctype waiter(byte me) {
    byte mine = me, number, j, low, k, its, oldest, from, limit;
    bool done, searching;
    {
        acquire(me);
        number = next; next++;
        atomic { cell[mine].stage = WAITING; cell[mine].owner = me; cell[mine].number = number }
        atomic { came[me] = true; holder = NOBODY }
sleep:
        // Woken, or a period is over: then it looks whether it inherits.
        sleeps[me] = true;
        if
        :: cell[mine].stage == NOTIFIED || some_may_inherit(number) -> sleeps[me] = false
#ifdef TIMEOUTS
        :: atomic {
            cell[mine].stage == WAITING -> cell[mine].stage = FREE; cell[mine].owner = NOBODY; cell[mine].number = 0;
            sleeps[me] = false
           }
           goto timed_out
#endif
        fi;
        if
        :: cell[mine].stage == NOTIFIED -> goto notified
        :: else
        fi;
        j = 1;
        do
        :: j <= WAITERS ->
            done = false;
            atomic {
                if
                :: may_inherit(number, j) -> from = cell[j].owner; limit = cell[j].number; done = true
                :: else
                fi
            }
            if
            :: done ->
                find_oldest(limit, oldest);
                if
                :: oldest == mine ->
#ifdef INHERIT_IN_STEPS
                    atomic {
                        if
                        :: cell[j].stage == NOTIFIED && cell[j].owner == from && cell[j].number == limit ->
                            cell[j].stage = FREE; cell[j].owner = NOBODY; cell[j].number = 0
                        :: else -> done = false
                        fi
                    }
                    if
                    :: done -> cell[mine].stage = NOTIFIED; goto notified
                    :: else
                    fi
#elif defined(NOTIFY_OWN_FIRST)
                    cell[mine].stage = NOTIFIED;
                    atomic {
                        if
                        :: cell[j].stage == NOTIFIED && cell[j].owner == from && cell[j].number == limit ->
                            cell[j].stage = FREE; cell[j].owner = NOBODY; cell[j].number = 0
                        :: else
                        fi
                    }
                    goto notified
#else
                    atomic {
                        if
                        :: cell[j].stage == NOTIFIED && cell[j].owner == from && cell[j].number == limit ->
                            cell[j].owner = me
                        :: else -> done = false
                        fi
                    }
                    if
                    :: done ->
                        atomic {
                            if
                            :: cell[mine].stage == WAITING ->
                                cell[mine].stage = FREE; cell[mine].owner = NOBODY; cell[mine].number = 0; mine = j
                            :: else -> done = false
                            fi
                        }
#ifndef KEEP_BOTH
                        if
                        :: !done -> cell[j].owner = NOBODY
                        :: else
                        fi;
#else
                        if
                        :: !done -> cell[j].stage = FREE
                        :: else
                        fi;
#endif
                        goto notified
                    :: else
                    fi
#endif
                :: else
                fi
            :: else
            fi;
            j++
        :: else -> break
        od;
        goto sleep;
notified:
#ifdef FREE_BEFORE_LOCK
        atomic { cell[mine].stage = FREE; cell[mine].owner = NOBODY; cell[mine].number = 0 }
        acquire(me);
        returned++;
#else
        acquire(me);
        atomic { cell[mine].stage = FREE; cell[mine].owner = NOBODY; cell[mine].number = 0; returned++ }
#endif
        holder = NOBODY;
        goto end;
timed_out:
        acquire(me);
        holder = NOBODY;
end:
        skip
    } unless { dead[me] }
}

proctype notifier() {
    byte low, k, its, oldest, end, c, from, limit, round;
    bool done, searching;
    all_came;
    do
    :: round < 2 ->
        acquire(NOTIFIER);
        end = next;
        done = false;
        do
        :: !done ->
            find_oldest(end, oldest);
            if
            :: oldest == 0 -> break
            :: else
            fi;
            atomic {
                if
                :: cell[oldest].stage == WAITING && cell[oldest].number == low ->
                    cell[oldest].stage = NOTIFIED; cell[oldest].number = end; given++; done = true
                :: else
                fi
            }
        :: else -> break
        od;
        // What nobody can inherit is forgotten.
        c = 1;
        do
        :: c <= WAITERS ->
            done = false;
            atomic {
                if
                :: left_behind(c) -> from = cell[c].owner; limit = cell[c].number; done = true
                :: else
                fi
            }
            if
            :: done ->
                find_oldest(limit, oldest);
                atomic {
                    if
                    :: oldest == 0 && cell[c].stage == NOTIFIED && cell[c].owner == from && cell[c].number == limit ->
                        cell[c].stage = FREE; cell[c].owner = NOBODY; cell[c].number = 0
                    :: else
                    fi
                }
            :: else
            fi;
            c++
        :: else -> break
        od;
        holder = NOBODY;
        round++
    :: else -> break
    od
}

proctype killer() {
    byte kills;
    do
    :: kills < KILLS -> kills++;
        if
        :: dead[1] = true
        :: dead[2] = true
#if WAITERS == 3
        :: dead[3] = true
#endif
        :: skip
        fi
    :: else -> break
    od
}

// When nothing can go on.
proctype judge() {
    byte i, sleepers;
    timeout;
    assert(returned <= given);
    for (i : 1 .. WAITERS) {
        if
        :: sleeps[i] && !dead[i] -> sleepers++; assert(cell[i].stage == WAITING)
        :: else
        fi
    }
    assert(sleepers == 0 || returned == given)
}

init {
    atomic {
        run waiter(1); run waiter(2);
#if WAITERS == 3
        run waiter(3);
#endif
        run notifier(); run killer(); run judge()
    }
}
