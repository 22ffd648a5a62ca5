#define FAIL_OVER
#define HOLDERS 1
#define SERVERS 2

byte server[2];        /* where a connection leads to, the holder's and the revoker's: 0 = the first primary, 1 = its replica */
byte uncopied;         /* of whom the replica lacks a write, as a mask of the same two */
bit isPromoted;

#define on(h) server[h]
#define revokerOn(r) server[HOLDERS + r]
inline mustCopy(it) { if :: server[it] == 0 -> uncopied = uncopied | (1 << it) :: else fi }
#ifdef LEASE_WITHOUT_WAIT
#define isCopied(it) (it < HOLDERS || !((uncopied >> (it)) & 1))
#else
#define isCopied(it) (!((uncopied >> (it)) & 1))
#endif

/* The primary that was cut off can still be reached by some. */
inline choose_server(it) {
  if :: server[it] = 0 :: isPromoted -> server[it] = 1 fi;
  uncopied = uncopied & ~(1 << it)
}

#ifdef FILL_FROM_ANYWHERE
byte fillServer;
#define fillOn(h) fillServer
#else
#define fillOn(h) server[h]
#endif

#include "redis.pml"
#include "holder.pml"
#include "revoker.pml"

active proctype Servers() {
end:
  do
  /* W: the replica gets all that was written so far. It may lag behind by any number of writes. */
  :: atomic { !isPromoted && (uncopied != 0 || ended[0] != ended[1] || record[0] != record[1] || acked[0] != acked[1]) ->
       ended[1] = ended[0]; record[1] = record[0]; acked[1] = acked[0]; uncopied = 0 }
  /* S: the primary is cut off, and the replica promoted. */
  :: atomic { !isPromoted -> isPromoted = 1 }
  /* M: a revoker's connection is led to the new primary, between any two of its commands. */
  :: atomic { isPromoted && server[HOLDERS] == 0 -> server[HOLDERS] = 1;
#ifdef BARRIER_ANYWHERE
       uncopied = uncopied & ~(1 << HOLDERS)
#endif
     }
#ifdef REVOKER_GOES_BACK
  :: atomic { isPromoted -> server[HOLDERS] = 0 }
#endif
#ifdef FILL_FROM_ANYWHERE
  :: atomic { isPromoted && fillServer == 0 -> fillServer = 1 }
#endif
#ifdef CHECK_WITHOUT_LEASE
  /* D: a check by a service without a lease reads what its connection leads to. */
  :: atomic { lease[0] == 0 && has(returned, 0) -> assert(has(ended[0], 0)) }
#endif
  od
}

init {
  atomic { run Holder(0); run Revoker(0) }
}
