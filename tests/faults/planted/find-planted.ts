import type { Test } from 'tap';
import { allFaults } from '../faults/inject.ts';
import { judge } from '../history/judge.ts';
import type { PlantedBug } from './bugs.ts';
import { copyProject, plant } from './overlay.ts';
import { run } from '../run.ts';
import { startFaultStage } from '../stage/stage.ts';

const longestMs = 120_000;
const seed = 7;

/** Plants each bug in a copy of the project, and lets people and faults run until the checker has found it. */
export async function findPlanted(t: Test, bugs: readonly PlantedBug[]): Promise<void> {
  const whole = new AsyncDisposableStack();
  t.teardown(() => whole.disposeAsync());
  const copy = copyProject(whole);
  for (const bug of bugs) {
    await t.test(`the checker finds it when ${bug.name}`, async (t) => {
      const found = await findIn(copy, bug);
      t.ok(
        found.some((rule) => bug.finds.includes(rule)),
        [...new Set(found)].join(', ') || 'found nothing',
      );
    });
  }
}

async function findIn(copy: ReturnType<typeof copyProject>, bug: PlantedBug) {
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
  return judge(history).map(({ rule }) => rule);
}
