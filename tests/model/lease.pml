/*
 * The lease protocol of the webhook's near cache, for spin: `make model` checks every interleaving of it.
 *
 * A holder is a webhook service that may answer checks from memory while its lease is valid. A revoker ends a session
 * and returns when no holder can grant it from memory any more. Checked: no check that began after the revoker had
 * returned is granted (the assertions on `returned` and `isLateFill`), whatever is delayed, paused, crashed or lost on the
 * way. decision-cache.pml adds a broker that remembers grants, fail-over.pml a replica that is promoted.
 *
 * What is atomic here is atomic there: one command of Redis, one script, or one stretch of JavaScript without `await`.
 * Between any two steps others may take any number of steps and time may pass, which is what a slow network and a paused
 * process are. Each step begins with its letter, and stands for these functions (model.test.ts looks for them):
 *
 *   J1 J2 J3     services/core/leases/hold-lease.ts: join, isReplicated
 *   J1 J3        services/core/leases/abandoned-names.ts: keep, forget
 *   J1           services/core/leases/read-streams.ts: readPositions
 *   J2           services/core/leases/holders.ts: joinHolders
 *   T1 T2 T4 T5  services/core/leases/hold-lease.ts: turn, apply, isReplicated, prolong
 *   T2           services/core/leases/acknowledgements.ts: acknowledgementsOf
 *   T2 T3        services/core/leases/read-streams.ts: takeTurn
 *   T4 T5        services/core/leases/read-streams.ts: findGaps
 *   T4 T5        services/webhook/near-cache/drop-by-events.ts: dropByEvents
 *   L            services/core/leases/hold-lease.ts: lose
 *   L            services/webhook/near-cache/near-cache.ts: empty
 *   F1 C1        services/webhook/near-cache/near-facts.ts: find, fill
 *   E F1 C1      services/core/leases/lease-clock.ts: isValid, prolong
 *   F1 F4        services/webhook/near-cache/fills.ts: begin, voidKey
 *   F2           services/core/check/read-facts.ts: readFacts
 *   F3           services/webhook/near-cache/near-facts.ts: join
 *   R1           redis/scripts/sessions-revoke.lua
 *   R2 R3 R4 R5  services/core/leases/await-holders.ts: awaitHolders, evict, untilAcked, findLate
 *   R2 R3 R4 R5  services/core/leases/holders.ts: readHolders, readAcks, evictHolders, forgetHolders
 *   R5           services/core/leases/confirm-ended.ts: confirmEnded
 *   A1           services/webhook/decision-cache/offer.ts: createOffer, noteSlot
 *   A1 A2        services/webhook/decision-cache/noted-slots.ts: note, drop
 *   A2           services/webhook/near-cache/entries.ts: drop
 *   T4 T5 L      services/webhook/decision-cache/counters.ts: bump, bumpAll, prolong, end
 *   K            services/webhook/decision-cache/counter-file.ts: createCounterFile
 *   B1 B4        mosquitto-conf/plugin/decision-cache.c: note_stamps, decision_cache_grants, still_counts
 *   B2 B3        mosquitto-conf/plugin/decision-cache.c: decision_cache_store
 *   B4           mosquitto-conf/plugin/counter-stamps.c: counter_file_allows, counter_file_read
 *   B5           mosquitto-conf/plugin/counter-files.c: counter_files_look
 *   W S M        services/core/redis/barrier.ts: confirmAt
 *   W S M        services/core/redis/server-identity.ts: serverOf
 *
 * What keeps the number of states small, and why nothing that counts is lost by it:
 *
 * - Time. A clock is no number but the set of the revokers who began to wait after it had been started (`lease`, `sent`). It
 *   runs out at any time (E), at the latest when one of them has waited for the length of a lease. So leases of any length
 *   are checked at once. All clocks run at the same pace; in the code it may differ by 5 %, which is the revoker's margin.
 *   Nothing depends on what time it is.
 * - Names. A holder joins again and again, each time under a new name. A name that can grant nothing any more is taken off
 *   all lists in that moment: revokers wait for it here never, there a while, so they return here whenever they do there.
 * - Each session has one event, so a position in the stream is the set of the events up to it, as a mask of bits.
 */

#include "redis.pml"
#include "holder.pml"
#include "revoker.pml"

init {
  byte i;
  atomic {
    do :: i < HOLDERS -> run Holder(i); i++ :: else -> i = 0; break od;
    do :: i < REVOKERS -> run Revoker(i); i++ :: else -> i = 0; break od
  }
}
