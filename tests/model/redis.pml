/* What Redis knows, the clocks, and the sizes. Part of lease.pml, which explains them. */

#ifndef HOLDERS
#define HOLDERS 2
#endif
#ifndef REVOKERS
#define REVOKERS 1     /* each ends a session of its own; all sessions are in one partition */
#endif
#ifndef FAIL_OVER      /* fail-over.pml: two servers, and which one a connection leads to */
#define SERVERS 1
#define on(h) 0
#define revokerOn(r) 0
#define mustCopy(it) skip
#define isCopied(it) true
#define choose_server(h) skip
#define fillOn(h) 0
#endif
#ifdef DECISION_CACHE  /* decision-cache.pml: the name of a dead service whose counter file a broker still reads */
#define IDS (HOLDERS + 1)
#else
#define IDS HOLDERS
#define end_file() skip
#define drop_noted() skip
#define bump_late() skip
#define leave_file() skip
#endif

#define absent 0
#define held 1
#define evicted 2

#define bit_of(session) (1 << (session))
#define has(set, session) (((set) >> (session)) & 1)
#define recordOf(h) record[on(h) * IDS + h]
#define ackedOf(h) acked[on(h) * IDS + h]

byte ended[SERVERS];          /* sessions with a tombstone; the same script has appended the event */
byte record[SERVERS * IDS];   /* bn:{leases}:holders: name -> held | evicted */
byte acked[SERVERS * IDS];    /* bn:{leases}:acks:<name>: events that this name has told to have applied */
byte newest;                  /* the session of the last event, as a mask */
byte returned;                /* sessions whose revoker has returned */
byte waiting[REVOKERS];       /* names that a revoker waits for, as a mask */

/*
 * Clocks that run since a holder sent what its lease counts from: 0 = none runs, 1 = it runs, and another bit for each
 * revoker that began to wait for a lease's end after it had been started; `over` = a lease's time has passed since.
 */
byte lease[IDS];              /* of the lease that the holder has */
byte sent[HOLDERS];           /* of the question under way */
#define over 128
#define waitBit(r) (2 << (r))

inline start_wait(r) {
  i = 0;
  do
  :: i < IDS ->
       if :: lease[i] != 0 -> lease[i] = lease[i] | waitBit(r) :: else fi;
       if :: i < HOLDERS && sent[i % HOLDERS] != 0 && sent[i % HOLDERS] != over ->
               sent[i % HOLDERS] = sent[i % HOLDERS] | waitBit(r)
          :: else fi;
       i++
  :: else -> break
  od;
  i = 0
}

/* The time that revoker r waits is over: so is each clock's that was started before. */
inline end_wait(r) {
  i = 0;
  do
  :: i < IDS ->
       if :: lease[i] & waitBit(r) -> lease[i] = 0 :: else fi;
       if :: i < HOLDERS && (sent[i % HOLDERS] & waitBit(r)) -> sent[i % HOLDERS] = over :: else fi;
       i++
  :: else -> break
  od;
  i = 0
}

/* It need not wait any longer. */
inline cancel_wait(r) {
  i = 0;
  do
  :: i < IDS ->
       lease[i] = lease[i] & ~waitBit(r);
       if :: i < HOLDERS -> sent[i % HOLDERS] = sent[i % HOLDERS] & ~waitBit(r) :: else fi;
       i++
  :: else -> break
  od;
  i = 0
}

/* A name that can grant nothing any more: no revoker need wait for it. */
inline drop_name(id) {
  record[id] = absent; acked[id] = 0;
#if SERVERS > 1
  record[IDS + id] = absent; acked[IDS + id] = 0;
#endif
  waiting[0] = waiting[0] & ~bit_of(id);
#if REVOKERS > 1
  waiting[1] = waiting[1] & ~bit_of(id);
#endif
}
