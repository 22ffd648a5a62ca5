import type { Test } from 'tap';
import { allFaults } from './faults/inject.ts';
import { explain } from './history/explain.ts';
import type { History } from './history/history.ts';
import { judge } from './history/judge.ts';
import { run, type Run } from './run.ts';
import { startFaultStage, type StageOptions } from './stage/stage.ts';
import { countChecks } from './summary.ts';

const seed = 20_26;
const crowd = { accounts: 4, sessions: 20, clients: 10 };

/** How a short run is done. */
export interface ShortRun extends StageOptions {
  readonly durationMs: number;
  /** Names of the faults, and the run is over when each has been once; by default all that the stage can have, to the end. */
  readonly faults?: readonly string[];
}

/** Runs a small crowd on a stage of its own, expects no violation, and that there was something to violate. */
export async function expectStrictness(t: Test, { durationMs, faults, ...options }: ShortRun): Promise<Run> {
  await using open = new AsyncDisposableStack();
  const stage = await startFaultStage(options, open);
  const chosen = allFaults.filter(
    (fault) => (faults?.includes(fault.name) ?? true) && fault.missing?.(stage) === undefined,
  );

  const isOver = ({ injected }: History) =>
    faults !== undefined && injected.filter(({ endMs }) => endMs < Infinity).length >= chosen.length;
  const done = await run(stage, { seed, durationMs, faults: chosen, crowd, isOver });

  const violations = judge(done.history);
  const told = violations.slice(0, 3).map((one) => explain(done.history, one));
  t.equal(violations.length, 0, told.join('\n'));
  t.same(stage.deaths, [], 'and nothing died that was not killed');
  const counted = countChecks(done);
  for (const kind of ['acl over HTTP', 'connect', 'publish', 'renewal', 'sign-in'] as const)
    t.ok(counted.get(kind)?.get('granted'), `${kind} was granted`);
  t.ok(counted.get('acl over HTTP')?.get('denied'), 'and some were denied');
  const names = [...done.counts.keys()];
  t.ok(
    names.some((name) => name.startsWith('revocation: ')),
    'rights were ended',
  );
  t.ok(
    names.some((name) => name.startsWith('fault: ')),
    'faults were injected',
  );
  return done;
}
