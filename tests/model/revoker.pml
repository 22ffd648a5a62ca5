/* Who ends session r. Part of lease.pml, which names the functions that the steps stand for. */

#define recordSeen(id) record[revokerOn(r) * IDS + id]
#define ackedSeen(id) acked[revokerOn(r) * IDS + id]

/* Who may still grant: has not acknowledged the event of session r and is on the list. */
inline keep_unacked() {
  i = 0;
  do
  :: i < IDS ->
       if
       :: has(waiting[r], i) && (has(ackedSeen(i), r) || recordSeen(i) == absent) ->
            waiting[r] = waiting[r] & ~bit_of(i)
       :: else
       fi;
       i++
  :: else -> break
  od;
  i = 0
}

inline read_holders() {
  i = 0;
  do
  :: i < IDS -> if :: recordSeen(i) != absent -> waiting[r] = waiting[r] | bit_of(i) :: else fi; i++
  :: else -> break
  od;
  i = 0
}

inline change_records(to) {
  i = 0;
  do
  :: i < IDS -> if :: has(waiting[r], i) -> recordSeen(i) = to :: else fi; i++
  :: else -> break
  od;
  i = 0
}

proctype Revoker(byte r) {
  byte i;

#ifdef HOLDERS_BEFORE_WRITE
  atomic { read_holders() }
#endif
  /* R1: tombstone and event. */
  atomic { choose_server(HOLDERS + r); ended[revokerOn(r)] = ended[revokerOn(r)] | bit_of(r); newest = bit_of(r); mustCopy(HOLDERS + r) }
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
  :: waiting[r] == 0 -> goto done
  :: waiting[r] != 0 -> break
  od;

  /* R4: evict who has not acknowledged: no renewal succeeds from here on. The clock starts after Redis has answered. */
#ifdef EVICTION_REMOVES
  atomic { change_records(absent) }
#else
#ifndef NO_EVICTION
  atomic { change_records(evicted) }
#endif
#endif
  atomic { start_wait(r) }
  do
  :: atomic { keep_unacked() }
  :: atomic { waiting[r] == 0 -> cancel_wait(r); goto done }
  :: atomic { waiting[r] != 0 -> end_wait(r); break }
  od;
  /* R5: their leases are over for good: forget them. */
#ifndef NO_EVICTION
  atomic { change_records(absent) }
#endif
#ifdef SEE_EVICTION
  assert(false);
#endif

done:
  atomic { isCopied(HOLDERS + r) -> returned = returned | bit_of(r); waiting[r] = 0 }
}
