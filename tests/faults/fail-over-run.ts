import type { Test } from 'tap';
import { needsCluster } from '../support/test-redis.ts';
import { expectStrictness, type ShortRun } from './short-run.ts';

/** At most. */
const durationMs = 100_000;
const failOvers = ['lose a primary', 'freeze a primary'];
const faults = [...failOvers, 'kill a webhook'];

/** A short run in which primaries fail; only `make test-cluster` takes the time. */
export function testFailOvers(t: Test, where: string, options: Pick<ShortRun, 'redis' | 'caches'>): void {
  t.test(`nothing is granted after its revocation, nor denied before, ${where}`, needsCluster, async (t) => {
    const { counts } = await expectStrictness(t, { ...options, faults, durationMs });

    for (const fault of failOvers) t.ok(counts.get(`fault: ${fault}`), `${fault}: at least once`);
  });
}
