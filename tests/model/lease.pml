/*
 * The lease protocol of the webhook's near cache, for spin: `make model` checks every interleaving of it.
 *
 * A holder is a webhook service that may answer checks from memory while its lease is valid. A revoker ends a session
 * and returns when no holder can grant it from memory any more. Checked: no check that began after the revoker had
 * returned is granted (the assertions on `late`), whatever is delayed, paused, crashed or lost on the way.
 *
 * What is atomic here is atomic there: one command of Redis, one script, or one stretch of JavaScript without `await`.
 * Between any two steps others may take any number of steps and time may pass, which is what a slow network and a paused
 * process are. Each step names the function that it stands for:
 *
 *   services/core/leases/hold-lease.ts    J1 J2 J3 (join), T1-T5 (turn, apply, lose)
 *   services/core/leases/holders.ts       the commands of J2 (joinHolders), R2 (readHolders), R3 (readAcks), R4 (evictHolders),
 *                                         R5 and J1 (forgetHolders)
 *   services/core/leases/read-streams.ts  J1 (readPositions), T2 T3 (takeTurn), T5 (findGaps)
 *   services/core/leases/lease-clock.ts   leaseLeft (isValid), sinceSent (read), prolong, lose (end)
 *   services/core/leases/await-holders.ts R2-R5 (awaitHolders)
 *   services/webhook/near-cache/          F1 F4 (fills.ts: begin), F2 (read-facts.ts), F3 (near-facts.ts: join), C1 (find);
 *                                         forget (near-cache.ts: empty), T4 T5 (drop-by-events.ts)
 *   redis/scripts/sessions-revoke.lua ... R1: every script that ends or changes something and appends its event
 *
 * Time: LEASE ticks are the life of a lease. Clocks are timers that start at some step and run at the same pace; in the
 * code the pace may differ by 5 %, which is the revoker's margin. Nothing depends on what time it is anywhere.
 *
 * Each session has one event, so a position in the stream is the set of the events up to it, as a mask of bits.
 */

#ifndef HOLDERS
#define HOLDERS 2
#endif
#ifndef REVOKERS
#define REVOKERS 1     /* each ends a session of its own; all sessions are in one partition */
#endif
#ifndef LEASE
#define LEASE 2
#endif
#ifndef JOINS
#define JOINS 2        /* a holder that joins again does so under another id */
#endif
#ifndef REJOINING
#define REJOINING HOLDERS   /* how many of the holders may join again */
#endif
#define IDS (HOLDERS * JOINS)
#define NOBODY IDS

#define absent 0
#define held 1
#define evicted 2

#define bit_of(session) (1 << (session))
#define has(set, session) (((set) >> (session)) & 1)

/* Redis */
byte ended;            /* sessions with a tombstone; the same script has appended the event */
byte record[IDS];      /* bn:{leases}:holders: id -> held | evicted */
byte acked[IDS];       /* bn:{leases}:acks:<id>: events that this id has told to have applied */

byte newest;           /* the session of the last event, as a mask */
byte returned;         /* sessions whose revoker has returned */

/* Timers, which only the clock moves. */
byte leaseLeft[HOLDERS];    /* until the holder's own clock says that the lease has run out */
byte sinceSent[HOLDERS];    /* since the renewal under way was sent */
byte waitLeft[REVOKERS];    /* until the revoker's own clock says that every lease from before has run out */

inline count_down(timer) { if :: timer > 0 -> timer-- :: else fi }

active proctype Clock() {
  byte i;
end:
  do
  :: atomic {
       i = 0;
       do
       :: i < HOLDERS ->
            count_down(leaseLeft[i]);
            if :: sinceSent[i] < LEASE -> sinceSent[i]++ :: else fi;
            i++
       :: else -> break
       od;
       i = 0;
       do
       :: i < REVOKERS -> count_down(waitLeft[i]); i++
       :: else -> break
       od;
       i = 0
     }
  od
}

#ifdef LOSE_RECORD
/* A fail-over to a replica that has not heard of a holder: NOT protected against, see docs. */
active proctype Lose() {
end:
  do
  :: atomic { record[0] != absent -> record[0] = absent }
  od
}
#endif

#ifdef KEEP_MEMORY
#define forget() true
#else
#define forget() cached = 0; isVoid = (fill > 0)
#endif

#ifdef LEASE_CLOCK_AFTER_SEND
#define prolong() leaseLeft[h] = LEASE; sinceSent[h] = LEASE
#else
#define prolong() leaseLeft[h] = LEASE - sinceSent[h]; sinceSent[h] = LEASE
#endif

#define mayBeginAgain (joins == 0 || (joins < JOINS && h < REJOINING))

#define lose() forget(); leaseLeft[h] = 0; sinceSent[h] = LEASE; id = NOBODY; position = 0
#ifdef JOIN_WITHOUT_LEASE
#define mayJoin (true)
#else
#define mayJoin (leaseLeft[h] > 0)
#endif
#ifdef CLOCK_BEFORE_START
#define idle (clockSaid == 0)
#else
#define idle true
#endif

proctype Holder(byte h) {
  byte id = NOBODY;
  byte joins;
  byte cached;                  /* live sessions in memory */
  byte position;                /* events applied */

  byte join;                    /* the steps of joining and of a turn that are done */
  byte turn;
  bit isHeld;
  byte read;
  byte gap;                     /* events that were trimmed away before they were read, though a later one was read */

  byte fill;                    /* the steps of a fill that are done */
  byte filling;                 /* its session */
  bit isVoid;                   /* something was invalidated since it was sent */
  bit isLive;                   /* what Redis answered */
  bit isLateFill;               /* a check waits for it that began after the revoker had returned */

  byte asked;                   /* the session that a check from memory is about */
#ifdef CLOCK_BEFORE_START
  byte clockSaid;               /* what the clock said last: 1 = the lease has run out, 2 = it is valid */
#endif

end:
  do
  /* J1: forget the name of before, if it is known still; read the ends of the streams. No read that fills the memory is sent before the join is known. */
  :: atomic { idle && id == NOBODY && join == 0 && mayBeginAgain ->
       if :: joins > 0 -> record[h * JOINS] = absent :: true fi;
       read = ended; sinceSent[h] = 0; join = 1 }
  /* J2: Redis notes the holder and what it has applied: all, as its memory is empty. */
  :: atomic { join == 1 ->
       record[h * JOINS + joins] = held; acked[h * JOINS + joins] = read; join = 2 }
  /* J3: the answer. */
  :: atomic { idle && join == 2 ->
       forget(); id = h * JOINS + joins; joins++; position = read; prolong(); read = 0; join = 0 }

  /*
   * T1: a turn begins: the clock starts, then the commands are sent. A lease that has run out is not renewed. (The blocking
   * read between two turns is left out: it is a turn that does not renew, after which less can happen.)
   */
  :: atomic { idle && id != NOBODY && turn == 0 ->
       if
       :: leaseLeft[h] == 0 -> lose()
       :: leaseLeft[h] > 0 -> sinceSent[h] = 0; turn = 1
       fi }
  /* T2: Redis notes what has been applied and says whether the holder is still one. */
  :: atomic { turn == 1 ->
       acked[id] = acked[id] | position; isHeld = (record[id] == held); turn = 2 }
  /* T3: Redis reads the streams from the holder's positions on. Somebody may have trimmed them: then events are missed. */
  :: atomic { turn == 2 ->
       if
       :: read = ended
       :: ended != 0 -> read = position
       :: (ended & ~newest & ~position) != 0 && (newest & ~position) != 0 ->
            read = ended; gap = ended & ~newest & ~position
       fi;
       turn = 3;
#ifdef ACK_BEFORE_DROP
       acked[id] = acked[id] | read
#endif
     }
  /* T4: the answer: what was read is applied at once. Then it is looked whether events are missing (findGaps). */
  :: atomic { idle && turn == 3 ->
       if
       :: !isHeld -> lose(); turn = 0; read = 0; gap = 0
       :: else ->
            cached = cached & ~(read & ~gap);
            if :: fill > 0 && has(read & ~gap & ~position, filling) -> isVoid = 1 :: else fi;
            turn = 4
       fi;
       isHeld = 0 }
  /* T5: whoever may have missed events drops all that they may be about. Then the lease counts. */
  :: atomic { idle && turn == 4 ->
#ifndef NO_GAP_CHECK
       if :: gap != 0 -> forget() :: else fi;
#endif
       position = position | read;
       prolong();
       turn = 0; read = 0; gap = 0 }

  /* F1: a check that finds nothing begins a fill. */
  :: atomic { idle && fill == 0 && id != NOBODY && leaseLeft[h] > 0 ->
       select(filling : 0 .. REVOKERS - 1);
       if :: has(cached, filling) -> filling = 0
          :: else -> isLateFill = has(returned, filling); isVoid = 0; fill = 1 fi }
  /* F2: Redis reads the session. */
  :: atomic { fill == 1 -> isLive = !has(ended, filling); fill = 2 }
  /* F3: another check joins the fill. */
  :: atomic { idle && fill > 0 && !isVoid && !isLateFill && has(returned, filling) && mayJoin -> isLateFill = 1 }
  /* F4: the answer: the checks that waited have theirs; it is kept unless it is void. */
  :: atomic { idle && fill == 2 ->
       assert(!(isLive && isLateFill));
#ifdef NO_FENCE
       if :: isLive && id != NOBODY -> cached = cached | bit_of(filling) :: else fi;
#else
       if :: isLive && !isVoid -> cached = cached | bit_of(filling) :: else fi;
#endif
       fill = 0; filling = 0; isVoid = 0; isLive = 0; isLateFill = 0 }

  /*
   * C1: a check begins, then the clock is read, the memory looked up and the check answered. This is one step although the
   * process may be paused in it: nothing of its own changes meanwhile, so the answer is settled when the clock is read.
   */
#ifndef CLOCK_BEFORE_START
  :: atomic { cached != 0 ->
       select(asked : 0 .. REVOKERS - 1);
       if
       :: leaseLeft[h] > 0 && has(cached, asked) ->
            assert(!has(returned, asked));
#ifdef SEE_HIT_WHILE_REVOKING
            assert(!has(ended, asked))
#endif
       :: else
       fi;
       asked = 0 }
#else
  :: atomic { idle && cached != 0 -> clockSaid = (leaseLeft[h] > 0 -> 2 : 1) }
  :: atomic { clockSaid != 0 ->
       select(asked : 0 .. REVOKERS - 1);
       assert(!(clockSaid == 2 && has(cached, asked) && has(returned, asked)));
       clockSaid = 0; asked = 0 }
#endif

  /* SIGKILL: Redis keeps its record; what was sent may still be carried out, which changes nothing that counts. */
  :: atomic { id != NOBODY ->
       id = NOBODY; cached = 0; position = 0; leaseLeft[h] = 0; sinceSent[h] = LEASE;
       turn = 0; isHeld = 0; read = 0; gap = 0;
       fill = 0; filling = 0; isVoid = 0; isLive = 0; isLateFill = 0; asked = 0 }
  od
}

/*
 * Who of `waiting` may still grant: has not acknowledged the event of session r and is on the list. A holder takes itself
 * off it when it has lost its lease (J1), a revoker when the lease is over (R5).
 */
inline keep_unacked() {
  i = 0;
  do
  :: i < IDS ->
       if
       :: has(waiting, i) && (has(acked[i], r) || record[i] == absent) -> waiting = waiting & ~(1 << i)
       :: else
       fi;
       i++
  :: else -> break
  od;
  i = 0
}

inline read_holders() {
  i = 0; waiting = 0;
  do
  :: i < IDS -> if :: record[i] != absent -> waiting = waiting | (1 << i) :: else fi; i++
  :: else -> break
  od;
  i = 0
}

inline change_records(to) {
  i = 0;
  do
  :: i < IDS -> if :: has(waiting, i) -> record[i] = to :: else fi; i++
  :: else -> break
  od;
  i = 0
}

proctype Revoker(byte r) {
  byte waiting;       /* ids that may still grant */
  byte i;

#ifdef HOLDERS_BEFORE_WRITE
  atomic { read_holders() }
#endif
  /* R1: tombstone and event. */
  atomic { ended = ended | bit_of(r); newest = bit_of(r) }
#ifdef NO_WAIT
  goto done;
#endif
#ifndef HOLDERS_BEFORE_WRITE
  /* R2: read the holders, those that somebody else is evicting too. */
  atomic { read_holders() }
#endif

  /* R3: read the acknowledgements, again and again, for as long as patience lasts. */
  do
  :: atomic { keep_unacked() }
  :: waiting == 0 -> goto done
  :: waiting != 0 -> break
  od;

  /* R4: evict who has not acknowledged: no renewal succeeds from here on. The clock starts after Redis has answered. */
#ifdef EVICTION_REMOVES
  atomic { change_records(absent) }
#else
#ifndef NO_EVICTION
  atomic { change_records(evicted) }
#endif
#endif
  waitLeft[r] = LEASE;
  do
  :: atomic { waiting != 0 -> keep_unacked() }
  :: waiting == 0 -> waitLeft[r] = 0; goto done
  :: waitLeft[r] == 0 -> break
  od;
  /* R5: their leases are over for good: forget them. */
#ifndef NO_EVICTION
  atomic { change_records(absent) }
#endif
#ifdef SEE_EVICTION
  assert(false);
#endif

done:
  atomic { returned = returned | bit_of(r); waiting = 0 }
}

init {
  byte i;
  atomic {
    do :: i < HOLDERS -> sinceSent[i] = LEASE; i++ :: else -> i = 0; break od;
    do :: i < HOLDERS -> run Holder(i); i++ :: else -> i = 0; break od;
    do :: i < REVOKERS -> run Revoker(i); i++ :: else -> i = 0; break od
  }
}
