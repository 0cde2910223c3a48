/* SPDX-License-Identifier: MIT */
/* The doorbell of src/shm/doorbell.hpp: two sleepers wait for one item each, two ringers bring them. Bounded sleeps are
   left out: with them every wake that is lost costs a period, and here it shall not be lost. A sleeper that is not woken
   is an invalid end state.

   -DBARE_FLAG  the version that must fail: a flag without a count. */
byte items;
bool sleeper;  /* bit 0 */
byte count;    /* bits 1 to 31 */
byte asleep;   /* who waits in the kernel, a bit each */

proctype Sleeper(byte me) {
    byte seen;
    do
    :: /* look */
       atomic { if :: items > 0 -> items--; break :: else fi };
       /* listen: one read-modify-write */
       d_step { sleeper = true; seen = count };
       atomic { if :: items > 0 -> items--; break :: else fi };
       /* The kernel compares the word and sleeps in one step. */
       atomic {
           if
#ifdef BARE_FLAG
           :: sleeper -> asleep = asleep | (1 << me)
#else
           :: sleeper && count == seen -> asleep = asleep | (1 << me)
#endif
           :: else
           fi
       };
       (asleep & (1 << me)) == 0
    od
}

proctype Ringer() {
    byte seen;
    bool won;
    items++;
    do
    :: /* full fence, then the look */
       if
       :: !sleeper -> break
       :: else -> seen = count
       fi;
#ifdef BARE_FLAG
       sleeper = false;
       asleep = 0;
       break
#else
       d_step {
           if
           :: sleeper && count == seen -> sleeper = false; count = (count + 1) % 8; won = true
           :: else -> won = false
           fi
       };
       if
       :: won -> asleep = 0; break
       :: else
       fi
#endif
    od
}

init {
    atomic { run Sleeper(0); run Sleeper(1); run Ringer(); run Ringer() }
}
