import t from 'tap';
import { allFaults } from './faults/inject.ts';
import { explain } from './history/explain.ts';
import { judge } from './history/judge.ts';
import { run } from './run.ts';
import { startFaultStage } from './stage/stage.ts';
import { countChecks } from './summary.ts';

const seed = 20_26;
const durationMs = 8_000;
const crowd = { accounts: 4, sessions: 20, clients: 10 };

t.test('nothing is granted after its revocation, and nothing denied before, while parts fail', async (t) => {
  await using open = new AsyncDisposableStack();
  const stage = await startFaultStage({ caches: 'all' }, open);
  const faults = allFaults.filter((fault) => fault.missing?.(stage) === undefined);

  const done = await run(stage, { seed, durationMs, faults, crowd });

  const violations = judge(done.history);
  t.equal(
    violations.length,
    0,
    violations
      .slice(0, 3)
      .map((one) => explain(done.history, one))
      .join('\n'),
  );
  t.same(stage.deaths, [], 'and nothing died that was not killed');
  const counted = countChecks(done);
  for (const kind of ['acl over HTTP', 'connect', 'publish', 'renewal', 'sign-in'] as const) {
    t.ok(counted.get(kind)?.get('granted'), `${kind} was granted`);
  }
  t.ok(counted.get('acl over HTTP')?.get('denied'), 'and some were denied');
  t.ok(
    [...done.counts.keys()].some((name) => name.startsWith('revocation: ')),
    'rights were ended',
  );
  t.ok(
    [...done.counts.keys()].some((name) => name.startsWith('fault: ')),
    'faults were injected',
  );
});
