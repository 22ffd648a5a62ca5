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
  /** The shortest time where no faults are named, the longest where they are. */
  readonly durationMs: number;
  /** Names of the faults, and the run is over when each has been once; by default all that the stage can have. */
  readonly faults?: readonly string[];
}

const mustBeGranted = ['acl over HTTP', 'connect', 'publish', 'renewal', 'sign-in'] as const;
/** On a busy machine it takes longer until everything has been seen. */
const longestMs = 90_000;

const hasEnded = ({ endMs }: { endMs: number }) => endMs < Infinity;

/** Whether a run has gone on for so long, from when it is first asked, and there was something to violate. */
function untilSeen(leastMs: number): (history: History) => boolean {
  let startMs: number | undefined;
  return (history) => {
    startMs ??= performance.now();
    if (performance.now() - startMs < leastMs || !history.injected.some(hasEnded)) return false;
    const counted = countChecks({ history });
    const isGranted = mustBeGranted.every((kind) => counted.get(kind)?.get('granted'));
    return isGranted && counted.get('acl over HTTP')?.get('denied') !== undefined;
  };
}

/** Runs a small crowd on a stage of its own, expects no violation, and that there was something to violate. */
export async function expectStrictness(t: Test, { durationMs, faults, ...options }: ShortRun): Promise<Run> {
  await using open = new AsyncDisposableStack();
  const stage = await startFaultStage(options, open);
  const chosen = allFaults.filter(
    (fault) => (faults?.includes(fault.name) ?? true) && fault.missing?.(stage) === undefined,
  );

  const hadEach = ({ injected }: History) => injected.filter(hasEnded).length >= chosen.length;
  const done = await run(stage, {
    ...{ seed, faults: chosen, crowd },
    ...(faults ? { durationMs, isOver: hadEach } : { durationMs: longestMs, isOver: untilSeen(durationMs) }),
  });

  const violations = judge(done.history);
  const told = violations.slice(0, 3).map((one) => explain(done.history, one));
  t.equal(violations.length, 0, told.join('\n'));
  t.same(stage.deaths, [], 'and nothing died that was not killed');
  const counted = countChecks(done);
  for (const kind of mustBeGranted) t.ok(counted.get(kind)?.get('granted'), `${kind} was granted`);
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
