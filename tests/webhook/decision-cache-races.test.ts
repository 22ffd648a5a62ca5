import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { Counters } from '../../services/webhook/decision-cache/counters.ts';
import { runRaces, type Outcome } from '../support/race-world.ts';
import type { Bug } from '../support/raced-service.ts';

/** Each seed is one order of things. BEDNET_SEED=<first> and BEDNET_SEEDS=<how many> for others. */
const firstSeed = Number(process.env['BEDNET_SEED'] ?? 1);
const seeds = Number(process.env['BEDNET_SEEDS'] ?? 60);

const folder = mkdtempSync('/dev/shm/bednet-test-');
t.teardown(() => rmSync(folder, { recursive: true }));

const runOne = (t: Test, seed: number, bug?: Bug) => runRaces(t, join(folder, 'counters'), seed, bug);

t.test(
  'no grant is used after a change that forbids it was acknowledged, in any order of things',
  async (t) => {
    const sum: Outcome = { violations: 0, remembered: 0, hits: 0, denials: 0, revocations: 0 };
    for (let seed = firstSeed; seed < firstSeed + seeds; seed += 1) {
      const one = await runOne(t, seed);
      t.equal(one.violations, 0, `seed ${seed}`);
      for (const name of Object.keys(sum) as (keyof Outcome)[])
        Object.assign(sum, { [name]: sum[name] + one[name] });
    }
    t.comment(JSON.stringify(sum));
    t.ok(
      sum.hits > seeds * 10 && sum.remembered > seeds * 50 && sum.revocations > seeds,
      JSON.stringify(sum),
    );
  },
);

/** Counters that are written when the event has been acknowledged. */
function bumpAfterAck(): Bug {
  const late: (() => void)[] = [];
  const counters = (real: Counters): Counters => ({
    ...real,
    bump: (slots) => void late.push(() => real.bump(slots)),
    bumpAll: () => void late.push(() => real.bumpAll()),
  });
  return { counters, afterAck: () => late.splice(0).forEach((write) => write()) };
}

/** Whatever was read is offered, whether it is kept or not. */
function offerOfVoidedReads(): Bug {
  return {
    decisions: (real) => ({
      ...real,
      offerBy(lease, memory) {
        let checked: ReturnType<typeof memory.entries.find>;
        const entries = { ...memory.entries, find: () => checked, charge: () => true };
        const offer = real.offerBy(lease, { ...memory, entries });
        return (clientId, result) => {
          checked = result.facts ?? result.deviceFacts;
          return offer(clientId, result);
        };
      },
    }),
  };
}

const bugs: Readonly<Record<string, () => Bug>> = {
  'the plugin looks at the counters after the answer': () => ({ snapshotAfter: true }),
  'the counters are written after the acknowledgement': bumpAfterAck,
  'a read that was voided is offered': offerOfVoidedReads,
  'an entry that is pushed out voids nothing': () => ({
    decisions: (real, isApplying) => ({
      ...real,
      onDropped: (key) => (isApplying() ? real.onDropped(key) : undefined),
    }),
  }),
  'an event voids nothing': () => ({ counters: (real) => ({ ...real, bump: () => {} }) }),
  'a change of rules voids nothing': () => ({
    decisions: (real) => ({ ...real, onRulesForgotten: () => {} }),
  }),
  'the loss of the lease voids nothing': () => ({
    counters: (real) => ({ ...real, end: () => true }),
    decisions: (real) => ({ ...real, onRulesForgotten: () => {} }),
  }),
};

for (const [name, plant] of Object.entries(bugs)) {
  t.test(`planted bug, which this finds: ${name}`, async (t) => {
    const mostSeeds = 10 * seeds;
    let found: number | undefined;
    for (let seed = 1; seed <= mostSeeds && found === undefined; seed += 1)
      if ((await runOne(t, seed, plant())).violations > 0) found = seed;
    t.ok(found, `seed ${found}`);
  });
}
