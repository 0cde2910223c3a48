/* SPDX-License-Identifier: MIT */
/* The chain of rings of src/shm/queue_core.hpp: put, take, grow, reopen and close, where any process may be killed
   before any of its steps. Names and steps are those of the code; a step here is one load, store or CAS there.

   Asserted: no item is torn, doubled or out of order; every item that was published came out once, is still there, or
   was in the hands of a dead consumer. A consumer that waits for ever is an invalid end state.

   -DKILLED=n  who may be killed: 0 nobody, 1 and 2 the producers, 3 and 4 the consumers.
   -DWITH_FLAG  the version that must fail: a ring is ended by a flag instead of a bit in its claim tags. */
#ifndef CELLS
#define CELLS 2
#endif
#define RINGS 2

/* The word of a cell: ticket and state. */
#define FREE 1
#define FULL 2
#define SKIP 3
#define WORD(ticket, state) ((ticket) * 4 + (state))
#define TICKET(word) ((word) / 4)
/* A tag: lap, end bit, owner. */
#define END 8
#define FRESH 6
#define PASSED 7
#define LAP(ticket) ((ticket) / CELLS)
#define TAG(ticket, owner) (LAP(ticket) * 16 + (owner))
#define TAG_LAP(tag) ((tag) / 16)
#define OWNER(tag) ((tag) & 7)
#define AT(ticket) ((ticket) % CELLS)

#define CLOSED 255
#define RING(name) ((name) % RINGS)

typedef Ring {
    byte tail;
    byte head;
    byte word[CELLS];
    byte claim[CELLS];
    byte take[CELLS];
    byte item[CELLS];
    byte next;
    byte number;
    bool flag
};
Ring ring[RINGS];
byte put_at;
byte take_at;
byte intent;
byte intent_ticket;
byte lock;

/* Who was killed; nobody else ever writes for them. */
bool dead[PASSED + 1];

/* Only the assertions look at these. Item: producer * 4 + number. */
byte published[16];
byte consumed[16];
byte held[16];

#define CAS(place, old, new, won) \
    atomic { if :: place == (old) -> place = (new); won = true :: else -> won = false fi }
#define ADVANCE(place, ticket) \
    atomic { if :: place == (ticket) -> place = (ticket) + 1 :: else fi }

inline skip_cell(r, ticket) {
    CAS(ring[r].word[AT(ticket)], WORD(ticket, FREE), WORD(ticket, SKIP), won)
}

/* Sets the end bit at the tail, unless it is there. */
inline end_ring(r) {
#ifdef WITH_FLAG
    ring[r].flag = true
#else
    do
    :: t = ring[r].tail;
       tag = ring[r].claim[AT(t)];
       if
       :: TAG_LAP(tag) == LAP(t) -> ADVANCE(ring[r].tail, t)
       :: TAG_LAP(tag) == LAP(t) - 1 && (tag & END) != 0 -> break
       :: TAG_LAP(tag) == LAP(t) - 1 && (tag & END) == 0 ->
          CAS(ring[r].claim[AT(t)], tag, tag | END, won);
          if :: won -> break :: else fi
       :: else
       fi
    od
#endif
}

inline settle() {
    if
    :: intent != 0 ->
       n = RING(intent);
       if
       :: put_at != intent ->
          ring[n].next = 0;
          ring[n].number = intent;
          ring[RING(put_at)].next = intent;
          put_at = intent
       :: else
       fi;
       /* reopen */
       t = intent_ticket;
#ifdef WITH_FLAG
       ring[n].flag = false;
#else
       tag = ring[n].claim[AT(t)];
       if
       :: TAG_LAP(tag) == LAP(t) - 1 && (tag & END) != 0 ->
          CAS(ring[n].claim[AT(t)], tag, TAG(t, PASSED), won)
       :: else
       fi;
       ADVANCE(ring[n].tail, t);
       skip_cell(n, t);
       tag = ring[n].take[AT(t)];
       if
       :: TAG_LAP(tag) == LAP(t) - 1 -> CAS(ring[n].take[AT(t)], tag, TAG(t, PASSED), won)
       :: else
       fi;
       if
       :: TAG_LAP(tag) == LAP(t) - 1 || TAG_LAP(tag) == LAP(t) -> ADVANCE(ring[n].head, t)
       :: else
       fi;
       CAS(ring[n].word[AT(t)], WORD(t, SKIP), WORD(t + CELLS, FREE), won);
#endif
       intent = 0
    :: else
    fi
}

inline acquire() {
    atomic { (lock == 0 || dead[lock]) -> lock = me };
    settle()
}

#ifdef WITH_FLAG
#define HAS_ENDED(r) (ring[r].flag)

#else
#define HAS_ENDED(r) (TAG_LAP(ring[r].claim[AT(ring[r].tail)]) == LAP(ring[r].tail) - 1 && \
                      (ring[r].claim[AT(ring[r].tail)] & END) != 0)
#endif
/* Ended, left by the consumers, empty, and nobody holds a cell. */
#define IDLE(n) (ring[n].number < take_at && HAS_ENDED(n) && ring[n].head == ring[n].tail && \
                 ring[n].word[0] == WORD(ring[n].tail + (CELLS - AT(ring[n].tail)) % CELLS, FREE) && \
                 ring[n].word[1] == WORD(ring[n].tail + (1 + CELLS - AT(ring[n].tail)) % CELLS, FREE))

/* Without an idle ring there is no memory: the put gives up, the queue stays whole. */
inline grow(name) {
    acquire();
    if
    :: put_at == name && ring[RING(name)].next == 0 && HAS_ENDED(RING(name)) ->
       n = RING(name + 1);
       if
       :: IDLE(n) ->
          intent_ticket = ring[n].tail;
          intent = name + 1;
          settle()
       :: else -> gave_up = true
       fi
    :: else
    fi;
    lock = 0
}

proctype Producer(byte me; byte items) {
    byte name, r, n, t, word, tag, i;
    bool won, gave_up;
    {
    i = 1;
    do
    :: i > items || gave_up -> break
    :: else ->
       name = put_at;
       r = RING(name);
       t = ring[r].tail;
       word = ring[r].word[AT(t)];
       if
       :: word == WORD(t, FREE) ->
          tag = ring[r].claim[AT(t)];
          if
          :: TAG_LAP(tag) == LAP(t) -> ADVANCE(ring[r].tail, t)
          :: TAG_LAP(tag) == LAP(t) - 1 ->
#ifdef WITH_FLAG
             if
             :: ring[r].flag -> goto at_end
             :: else
             fi;
#else
             if
             :: (tag & END) != 0 -> goto at_end
             :: else
             fi;
#endif
             CAS(ring[r].claim[AT(t)], tag, TAG(t, me), won);
             if
             :: won ->
                ADVANCE(ring[r].tail, t);
                ring[r].item[AT(t)] = me * 4 + i;
                d_step {
                    assert(ring[r].word[AT(t)] == WORD(t, FREE));
                    ring[r].word[AT(t)] = WORD(t, FULL);
                    published[me * 4 + i]++
                };
                i++
             :: else
             fi
          :: else
          fi
       :: TICKET(word) < t ->
          /* Full: nobody waits for a cell of an unbounded queue. */
          end_ring(r);
          goto at_end
       :: else
       fi;
       goto next_look;
at_end:
       if
       :: put_at != name
       :: put_at == name && ring[r].next == CLOSED -> break
       :: else -> grow(name)
       fi;
next_look: skip;
       d_step { name = 0; r = 0; n = 0; t = 0; word = 0; tag = 0; won = false }
    od
    } unless { dead[me] }
}

#define READABLE(name) (take_at != name || ring[RING(name)].next != 0 || \
    ring[RING(name)].word[AT(ring[RING(name)].head)] >= WORD(ring[RING(name)].head, FULL) || \
    (ring[RING(name)].tail > ring[RING(name)].head && \
     (dead[OWNER(ring[RING(name)].claim[AT(ring[RING(name)].head)])] || \
      OWNER(ring[RING(name)].claim[AT(ring[RING(name)].head)]) == PASSED)))

proctype Consumer(byte me) {
    byte name, r, t, word, tag, next, got;
    byte last1, last2;
    bool won, second;
    {
    do
    :: name = take_at;
       r = RING(name);
       second = false;
look:  t = ring[r].head;
       word = ring[r].word[AT(t)];
       if
       :: TICKET(word) > t -> goto next_look
       :: word < WORD(t, FULL) ->
          if
          :: ring[r].tail > t && ring[r].head == t ->
             /* Claimed, not published: waited for while its owner lives. */
             tag = ring[r].claim[AT(t)];
             if
             :: TAG_LAP(tag) == LAP(t) && (dead[OWNER(tag)] || OWNER(tag) == PASSED) -> skip_cell(r, t)
             :: else -> READABLE(name)
             fi
          :: ring[r].tail <= t && ring[r].head == t ->
             next = ring[r].next;
             if
             :: take_at != name
             :: take_at == name && next == 0 -> READABLE(name)
             :: take_at == name && next != 0 && !second -> second = true; goto look
             :: take_at == name && next == CLOSED && second -> break
             :: take_at == name && next != 0 && next != CLOSED && second -> CAS(take_at, name, next, won)
             fi
          :: else
          fi;
          goto next_look
       :: else
       fi;
       tag = ring[r].take[AT(t)];
       if
       :: TAG_LAP(tag) == LAP(t) -> ADVANCE(ring[r].head, t)
       :: TAG_LAP(tag) == LAP(t) - 1 ->
          if
          :: take_at != name -> goto next_look
          :: else
          fi;
          /* The ghost changes with the take: who dies now has the item in his hands. */
          d_step {
              if
              :: ring[r].take[AT(t)] == tag ->
                 ring[r].take[AT(t)] = TAG(t, me);
                 won = true;
                 if :: word == WORD(t, FULL) -> held[ring[r].item[AT(t)]]++ :: else fi
              :: else -> won = false
              fi
          };
          if
          :: won && word == WORD(t, FULL) ->
             ADVANCE(ring[r].head, t);
             got = ring[r].item[AT(t)];
             /* In the order of their puts: this consumer takes later items of a producer later. */
             if
             :: got / 4 == 1 -> assert(got % 4 > last1); last1 = got % 4
             :: got / 4 == 2 -> assert(got % 4 > last2); last2 = got % 4
             :: else -> assert(false)
             fi;
             d_step {
                 consumed[got]++;
                 assert(consumed[got] == 1);
                 ring[r].word[AT(t)] = WORD(t + CELLS, FREE)
             }
          :: won && word == WORD(t, SKIP) ->
             ADVANCE(ring[r].head, t);
             ring[r].word[AT(t)] = WORD(t + CELLS, FREE)
          :: else
          fi
       :: else
       fi;
next_look: skip;
       d_step { name = 0; r = 0; t = 0; word = 0; tag = 0; next = 0; got = 0; won = false }
    od
    } unless { dead[me] }
}

proctype Closer(byte me) {
    byte r, n, t, tag;
    bool won;
    {
    acquire();
    r = RING(put_at);
    end_ring(r);
    ring[r].next = CLOSED;
    lock = 0
    } unless { dead[me] }
}

/* Kills one of them at any moment, or nobody. The closer lives: without it consumers wait, as they should. */
proctype Killer() {
    if
    :: skip
    :: atomic { (KILLED != 0) -> dead[KILLED] = true }
    fi
}

init {
    byte r, i;
    d_step {
        for (r : 0 .. RINGS - 1) {
            ring[r].tail = CELLS;
            ring[r].head = CELLS;
            for (i : 0 .. CELLS - 1) {
                ring[r].word[i] = WORD(CELLS + i, FREE);
                ring[r].claim[i] = TAG(i, FRESH);
                ring[r].take[i] = TAG(i, FRESH)
            }
        };
        /* The second one is as new rings are: ended and idle. */
#ifdef WITH_FLAG
        ring[1].flag = true;
#else
        ring[1].claim[0] = ring[1].claim[0] | END;
#endif
        ring[0].number = 2;
        put_at = 2;
        take_at = 2
    };
    atomic {
        run Producer(1, FIRST_PUTS);
        run Producer(2, SECOND_PUTS);
        run Consumer(3);
#if CONSUMERS > 1
        run Consumer(4);
#endif
        run Closer(5);
        run Killer()
    };
    (_nr_pr == 1);
    /* Whoever lives is done. */
    byte left;
    for (i : 4 .. 11) {
        if
        :: published[i] == 1 && consumed[i] == 0 && held[i] == 0 -> left++
        :: else
        fi;
        assert(published[i] <= 1 && held[i] <= 1 && consumed[i] <= published[i])
    };
    /* All consumers were killed: then the rest is still there. */
    assert(left == 0 || (dead[3] && (CONSUMERS == 1 || dead[4])))
}
