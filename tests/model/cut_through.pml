/* SPDX-License-Identifier: MIT */
/* A long message through a window, as in src/channel/cut_through.cpp: a producer that shows its block and streams,
   leaves the stream and puts the item into a cell; two consumers that read what is shown or take from the queue; the
   memory of a dead producer is given to somebody else. A step here is one load, store or CAS there. The bytes of piece
   i are i; whoever overwrites a place says what is there now. The producer had put an item before, which comes first.

   Asserted: what is read as piece i is piece i; the message comes out at most once, after the item before it, and does
   come out if the producer and a consumer live.

   -DKILLED=n  who may be killed: 0 nobody, 1 the producer, 2 a consumer.
   The versions that must fail:
   -DSTAY           the producer goes to its cell and leaves the word as it is.
   -DNO_LOOK        the taker does not look whether the block is there still.
   -DLOOK_BEFORE    a consumer finds the queue empty before it sees the block.
   -DREAD_LATER     the word says that a piece was read before it was. */
#define PIECES 3
#define WINDOW 2
#define GARBAGE 9 /* what somebody else writes */

/* The word: nothing, open, left, taken, or read and so many pieces. */
#define NONE 0
#define OPEN 1
#define LEFT 2
#define TAKEN 3
#define READ(pieces) (4 + (pieces))

byte word;
byte window[WINDOW];
byte streamed;      /* of the block's front, garbage after the block is gone */
bool exists;        /* the block */
byte cells;         /* items that were put into cells: 1 is the one before, 2 the message */
byte taken_cells;
byte got;           /* how often the message came out, and the item before */
byte got_before;
bool dead[4];

#define CAS(old, new, won) atomic { if :: word == (old) -> word = (new); won = true :: else -> won = false fi }

proctype Producer() {
    byte i, seen;
    bool won;
    {
    cells = 1;
    exists = true;
    word = OPEN;
    if
    :: word >= READ(0) -> skip
    :: goto cell       /* nobody came in time */
    fi;
    do
    :: i == PIECES -> break
    :: else ->
       if
       :: i < WINDOW
       :: i >= WINDOW ->
          do
          :: seen = word;
             if
             :: seen == LEFT || seen >= READ(i - WINDOW + 1) -> break
             :: else
             fi
          :: goto leave  /* no progress */
          od
       fi;
       if :: word == LEFT -> goto leave :: else fi;
       window[i % WINDOW] = i;
       i++;
       streamed = i
    od;
    if
    :: (word == TAKEN || word == LEFT)
    :: skip
    fi;
leave:
#ifndef STAY
    do
    :: seen = word;
       if
       :: seen < READ(0) -> break
       :: else -> CAS(seen, LEFT, won)
       fi
    od;
#endif
    if
    :: word == TAKEN -> goto end
    :: else
    fi;
cell:
    cells = 2;
end: word = NONE
    } unless { dead[1] }
}

/* The sweep of what a dead producer had, and somebody else who gets that memory. */
proctype Sweeper() {
    do
    :: dead[1] && exists ->
       exists = false;
       window[0] = GARBAGE;
       window[1] = GARBAGE;
       streamed = PIECES;
       break
    :: _nr_pr == 2 -> break
    od
}

#define HAS_ITEM (taken_cells < cells)
#define OVER ((got == 1 && got_before == 1) || (dead[1] && !HAS_ITEM))

proctype Consumer(byte me) {
    byte i, piece;
    bool won, none, reader, torn;
    {
    do
    :: OVER -> break
    :: HAS_ITEM || word == OPEN || cells == 0 ->
       /* A look for an item. */
       atomic {
           none = !HAS_ITEM;
           if
           :: !none && taken_cells == 0 -> taken_cells++; got_before++
           :: !none && taken_cells == 1 -> taken_cells++; got++; assert(got == 1)
           :: none
           fi
       };
       if :: !none || word != OPEN -> goto next :: else fi;
#ifndef LOOK_BEFORE
       if :: HAS_ITEM -> goto next :: else fi;
#endif
       CAS(OPEN, READ(0), reader);
       if :: !reader -> goto next :: else fi;
       i = 0;
       do
       :: i < streamed ->
#ifdef READ_LATER
          if :: i + 1 < PIECES -> CAS(READ(i), READ(i + 1), won) :: else fi;
#endif
          piece = window[i % WINDOW];
          torn = torn || piece != i;
          assert(!torn || !exists);
          i++;
          if :: i == PIECES -> break :: else fi;
#ifndef READ_LATER
          CAS(READ(i - 1), READ(i), won);
#endif
          if :: word < READ(0) -> goto next :: else fi
       :: word < READ(0) -> goto next
       :: CAS(READ(i), LEFT, won); goto next     /* no progress */
       od;
#ifndef NO_LOOK
       if :: !exists -> CAS(READ(i - 1), LEFT, won); goto next :: else fi;
#endif
       atomic {
           if
           :: word == READ(i - 1) -> word = TAKEN; got++; assert(got == 1 && got_before == 1 && !torn)
           :: else
           fi
       };
next:  skip;
       d_step { i = 0; piece = 0; won = false; none = false; reader = false; torn = false }
    od
    } unless { dead[me] }
}

/* At any moment. */
proctype Killer() {
    if
    :: skip
    :: atomic { (KILLED != 0) -> dead[KILLED] = true }
    fi
}

init {
    atomic {
        run Sweeper();
        run Producer();
        run Consumer(2);
        run Consumer(3);
        run Killer()
    };
    (_nr_pr == 1);
    /* Whoever lives is done. */
    assert(dead[1] || (got == 1 && got_before == 1))
}
