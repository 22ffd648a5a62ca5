import type { ModelCheck } from './spin.ts';

const oneHolder = ['HOLDERS=1', 'REVOKERS=1'];
const twoRevokers = ['HOLDERS=1', 'REVOKERS=2'];

/** The protocol as it is; holders lose their lease, crash and join again as often as they like. The large ones take up to a minute. */
export const protocol: readonly ModelCheck[] = [
  holds('one holder, one revoker', 'lease', oneHolder),
  holds('one holder, two revokers', 'lease', twoRevokers),
  holds('a replica is promoted, with WAIT', 'fail-over', []),
  { ...holds('two holders, one revoker', 'lease', ['HOLDERS=2', 'REVOKERS=1']), isLarge: true },
  { ...holds('a broker that remembers grants', 'decision-cache', []), isLarge: true },
];

/** What the models must be able to tell: a planted bug each. */
export const plantedBugs: readonly ModelCheck[] = [
  ofLease('the revoker does not wait', 'NO_WAIT'),
  ofLease('it reads the holders before it writes', 'HOLDERS_BEFORE_WRITE'),
  ofLease('it waits for the lease without evicting the holder', 'NO_EVICTION'),
  ofLease('a read that was overtaken by an event is kept', 'NO_FENCE'),
  ofLease('the clock of the lease starts at the answer', 'LEASE_CLOCK_AFTER_SEND'),
  ofLease('an event is acknowledged before it is applied', 'ACK_BEFORE_DROP'),
  ofLease('a lost lease leaves the memory as it is', 'KEEP_MEMORY'),
  ofLease('a check joins a read though the lease has run out', 'JOIN_WITHOUT_LEASE'),
  ofLease('a check goes by a clock that was read before it began', 'CLOCK_BEFORE_START'),
  ofLease('an evicted holder is forgotten at once', 'EVICTION_REMOVES', twoRevokers),
  ofLease('a gap in the stream is not noticed', 'NO_GAP_CHECK', twoRevokers),
  ofCache('the broker takes the snapshot after the answer', 'SNAPSHOT_AFTER_ANSWER'),
  ofCache('the stamp changes after the event is acknowledged', 'BUMP_AFTER_ACK'),
  ofCache('the broker does not look at the deadline', 'DEADLINE_NOT_CHECKED'),
  ofCache('it looks at the stamp first and at the deadline then', 'STAMP_BEFORE_DEADLINE'),
  ofCache('a void read is answered with the header', 'HEADER_OF_VOID_FILL'),
  ofCache('a restart brings an old stamp back', 'STAMP_COMES_BACK'),
  ofCache('a lost lease leaves the file as it is', 'LOST_LEASE_LEAVES_FILE'),
  ofCache('a lost lease sets the deadline to 0 and no more', 'LOST_LEASE_KEEPS_STAMP'),
  ofCache('what was not asked for the longest goes without a change of its stamp', 'NO_BUMP_OF_OLDEST'),
  ofFailOver('a lease begins and goes on without WAIT', 'LEASE_WITHOUT_WAIT'),
  ofFailOver('WAIT comes without a write before it', 'WAIT_WITHOUT_WRITE'),
  ofFailOver('the memory is filled from another server than the lease is of', 'FILL_FROM_ANYWHERE'),
  ofFailOver('WAIT is asked of another server than the one that took the revocation', 'BARRIER_ANYWHERE'),
];

/** Not bugs: what the models must reach, so that they do not hold by doing nothing. */
export const reachable: readonly ModelCheck[] = [
  ofLease('a check is granted from memory while a revoker waits', 'SEE_HIT_WHILE_REVOKING'),
  ofLease('a holder is evicted and its lease waited for', 'SEE_EVICTION'),
  ofCache('a broker grants by the file of a dead service while a revoker waits', 'SEE_HIT_OF_DEAD'),
];

/** Faults that the protocol does not outlive, which the docs have to say. */
export const notCovered: readonly ModelCheck[] = [
  ofFailOver('a service without a lease asks a primary that was cut off', 'CHECK_WITHOUT_LEASE'),
  ofFailOver('a revoker goes back to that primary between two commands', 'REVOKER_GOES_BACK'),
];

function holds(name: string, model: ModelCheck['model'], defines: readonly string[]): ModelCheck {
  return { name, model, defines, expected: 'holds' };
}

function ofLease(name: string, define: string, size: readonly string[] = oneHolder): ModelCheck {
  return { name, model: 'lease', defines: [...size, define], expected: 'fails' };
}

function ofCache(name: string, define: string): ModelCheck {
  return { name, model: 'decision-cache', defines: [define], expected: 'fails' };
}

function ofFailOver(name: string, define: string): ModelCheck {
  return { name, model: 'fail-over', defines: [define], expected: 'fails' };
}
