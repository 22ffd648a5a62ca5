import t from 'tap';
import { allFaults } from './faults/inject.ts';
import { judge } from './history/judge.ts';
import { bugs } from './planted/bugs.ts';
import { copyProject, plant, replaceOnce } from './planted/overlay.ts';
import { run } from './run.ts';
import { startFaultStage } from './stage/stage.ts';

const longestMs = 60_000;
const seed = 7;
const whole = new AsyncDisposableStack();
const copy = copyProject(whole);
t.teardown(() => whole.disposeAsync());

for (const bug of bugs) {
  t.test(`the checker finds it when ${bug.name}`, async (t) => {
    await using open = new AsyncDisposableStack();
    plant(copy, bug, open);
    const stage = await startFaultStage({ project: copy, caches: 'all' }, open);

    const { history } = await run(stage, {
      seed,
      crowd: { accounts: 3, sessions: 14, clients: 8 },
      durationMs: longestMs,
      faults: allFaults.filter(({ name }) => bug.faults.includes(name)),
      isOver: (soFar) => judge(soFar).some(({ rule }) => bug.finds.includes(rule)),
    });

    const found = judge(history).map(({ rule }) => rule);
    t.ok(
      found.some((rule) => bug.finds.includes(rule)),
      [...new Set(found)].join(', ') || 'found nothing',
    );
  });
}

t.test('a bug that is not planted exactly once is an error', async (t) => {
  t.equal(replaceOnce('a lease', 'lease', 'bug'), 'a bug');
  t.throws(() => replaceOnce('a lease', 'holder', 'bug'), /found 0 times/);
  t.throws(() => replaceOnce('a lease, a lease', 'lease', 'bug'), /found 2 times/);
});
