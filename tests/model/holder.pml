/* A webhook service. Part of lease.pml, which names the functions that the steps stand for. */

#include "forget.pml"

proctype Holder(byte h) {
  bit joined;
  byte cached;                  /* live sessions in memory */
  byte position;                /* events applied */

  byte join;                    /* the steps of joining and of a turn that are done */
  byte turn;
  bit isHeld;
  byte read;
  byte gap;                     /* events that were trimmed away before they were read, though a later one was read */

  byte fill;                    /* the steps of a fill that are done */
  byte filling;                 /* its session */
  bit isLive;                   /* what Redis answered */
  bit isLateFill;               /* a check waits for it that began after the revoker had returned */
  bit isVoid;                   /* (planted bugs only) it is void, and goes on */

  byte asked;                   /* the session that a check from memory is about */
#ifdef CLOCK_BEFORE_START
  byte clockSaid;               /* what the clock said last: 1 = the lease has run out, 2 = it is valid */
#endif

end:
  do
  /* J1: read the ends of the streams; the clock starts. No read that fills the memory is sent before the join is known. */
  :: atomic { idle && !joined && join == 0 -> choose_server(h); read = ended[on(h)]; sent[h] = 1; join = 1 }
  /* J2: Redis notes the holder and what it has applied: all, as its memory is empty. */
  :: atomic { join == 1 -> recordOf(h) = held; ackedOf(h) = read; mustCopy(h); join = 2 }
  /* J3: the answer. */
  :: atomic { idle && join == 2 && isCopied(h) -> joined = 1; position = read; prolong(); read = 0; join = 0 }

  /*
   * T1: a turn begins: the clock starts, then the commands are sent. A lease that has run out is not renewed. (The blocking
   * read between two turns is left out: it is a turn that does not renew, after which less can happen.)
   */
  :: atomic { idle && joined && turn == 0 ->
       if
       :: lease[h] == 0 -> lose()
       :: lease[h] != 0 -> sent[h] = 1; turn = 1
       fi }
  /* T2: Redis notes what has been applied and says whether the holder is still one. */
  :: atomic { turn == 1 ->
       ackedOf(h) = ackedOf(h) | position; isHeld = (recordOf(h) == held);
#ifndef WAIT_WITHOUT_WRITE
       mustCopy(h);
#endif
       turn = 2 }
  /* T3: Redis reads the streams from the holder's positions on. Somebody may have trimmed them: then events are missed. */
  :: atomic { turn == 2 ->
       if
       :: read = ended[on(h)]
       :: ended[on(h)] != 0 -> read = position
#if REVOKERS > 1
       :: (ended[0] & ~newest & ~position) != 0 && (newest & ~position) != 0 ->
            read = ended[0]; gap = ended[0] & ~newest & ~position
#endif
       fi;
       turn = 3;
#ifdef ACK_BEFORE_DROP
       ackedOf(h) = ackedOf(h) | read
#endif
     }
  /* T4: the answer: what was read is applied at once. Then it is looked whether events are missing (findGaps). */
  :: atomic { idle && turn == 3 ->
       if
       :: !isHeld -> lose()
       :: else ->
            bump_late();
            if :: (cached & read & ~gap) != 0 -> cached = cached & ~(read & ~gap); drop_noted() :: else fi;
            if :: fill > 0 && has(read & ~gap & ~position, filling) -> void_fill() :: else fi;
            turn = 4; isHeld = 0
       fi }
  /* T5: whoever may have missed events drops all that they may be about. Then the lease counts. */
  :: atomic { idle && turn == 4 && isCopied(h) ->
#if REVOKERS > 1 && !defined(NO_GAP_CHECK)
       if :: gap != 0 -> forget() :: else fi;
#endif
       position = position | read; prolong(); end_turn() }

  /* E: the lease runs out. At the latest it does so when a revoker has waited for that (end_wait). */
  :: atomic { lease[h] != 0 -> lease[h] = 0 }
  /* L: the connection is closed: the lease is lost, whatever is under way. What was sent may still be carried out. */
  :: atomic { idle && (joined || join > 0) -> lose() }

  /* F1: a check begins a fill, as it finds nothing or wants to read again. */
  :: atomic { idle && fill == 0 && lease[h] != 0 ->
       select(filling : 0 .. REVOKERS - 1); isLateFill = has(returned, filling); fill = 1 }
  /* F2: Redis reads the session. */
  :: atomic { fill == 1 -> isLive = !has(ended[fillOn(h)], filling); fill = 2 }
  /* F3: another check joins the fill. */
  :: atomic { idle && fill > 0 && !isVoid && !isLateFill && has(returned, filling) && mayJoin -> isLateFill = 1 }
  /* F4: the answer: the checks that waited have theirs; it is kept. */
  :: atomic { idle && fill == 2 && !isVoid ->
       if
       :: isLive && joined -> cached = cached | bit_of(filling)
       :: !isLive && has(cached, filling) -> cached = cached & ~bit_of(filling); drop_noted()
       :: else
       fi;
       resolve_fill() }

  /*
   * C1: a check begins, then the clock is read, the memory looked up and the check answered. This is one step although the
   * process may be paused in it: nothing of its own changes meanwhile, so the answer is settled when the clock is read.
   */
#ifndef CLOCK_BEFORE_START
  :: atomic { cached != 0 && lease[h] != 0 ->
       select(asked : 0 .. REVOKERS - 1);
       assert(!(has(cached, asked) && has(returned, asked)));
#ifdef SEE_HIT_WHILE_REVOKING
       assert(!(has(cached, asked) && has(ended[0], asked)));
#endif
       asked = 0 }
#else
  :: atomic { idle && cached != 0 -> clockSaid = (lease[h] != 0 -> 2 : 1) }
  :: atomic { clockSaid != 0 ->
       select(asked : 0 .. REVOKERS - 1);
       assert(!(clockSaid == 2 && has(cached, asked) && has(returned, asked)));
       clockSaid = 0; asked = 0 }
#endif

  /* K: SIGKILL. The next process begins with J1. */
  :: atomic { joined || join > 0 -> leave_file(); cached = 0; end_lease(); end_fill();
#ifdef CLOCK_BEFORE_START
       clockSaid = 0
#endif
     }
#ifdef DECISION_CACHE
#include "answer.pml"
#endif
  od
}
