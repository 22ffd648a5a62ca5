import type { ModelCheck } from './spin.ts';

const oneHolder = ['HOLDERS=1', 'REVOKERS=1'];
const twoRevokers = ['HOLDERS=1', 'REVOKERS=2', 'JOINS=1'];

/** The protocol as it is, in several sizes; the first two take seconds. */
export const protocol: readonly ModelCheck[] = [
  { name: 'one holder that may join again, one revoker', defines: oneHolder, expected: 'holds' },
  { name: 'one holder, two revokers', defines: twoRevokers, expected: 'holds' },
  {
    name: 'two holders, one of which may join again, one revoker',
    defines: ['HOLDERS=2', 'REVOKERS=1', 'REJOINING=1'],
    expected: 'holds',
  },
];

/** What the model must be able to tell: a planted bug each, and states that must be possible. */
export const plantedBugs: readonly ModelCheck[] = [
  broken('the revoker does not wait', 'NO_WAIT'),
  broken('it reads the holders before it writes', 'HOLDERS_BEFORE_WRITE'),
  broken('it waits for the lease without evicting the holder', 'NO_EVICTION'),
  broken('a read that was overtaken by an event is kept', 'NO_FENCE'),
  broken('the clock of the lease starts at the answer', 'LEASE_CLOCK_AFTER_SEND'),
  broken('an event is acknowledged before it is applied', 'ACK_BEFORE_DROP'),
  broken('a lost lease leaves the memory as it is', 'KEEP_MEMORY'),
  broken('a check joins a read though the lease has run out', 'JOIN_WITHOUT_LEASE'),
  broken('a check goes by a clock that was read before it began', 'CLOCK_BEFORE_START'),
  broken('an evicted holder is forgotten at once', 'EVICTION_REMOVES', twoRevokers),
  broken('a gap in the stream is not noticed', 'NO_GAP_CHECK', twoRevokers),
];

/** Not bugs: what the model must reach, so that it does not hold by doing nothing. */
export const reachable: readonly ModelCheck[] = [
  broken('a check is granted from memory while a revoker waits', 'SEE_HIT_WHILE_REVOKING'),
  broken('a holder is evicted and its lease waited for', 'SEE_EVICTION'),
];

/** Faults that the protocol does not outlive, which the docs have to say. */
export const notCovered: readonly ModelCheck[] = [
  broken('Redis loses the record of a holder whose lease is valid', 'LOSE_RECORD'),
];

function broken(name: string, define: string, size: readonly string[] = oneHolder): ModelCheck {
  return { name, defines: [...size, define], expected: 'fails' };
}
