import t from 'tap';
import { createOpenTries } from '../../services/core/guessing/open-tries.ts';
import { createCheckTimes } from '../../services/core/passwords/check-times.ts';
import { createSlots } from '../../services/core/passwords/slots.ts';

/** Asks for places as `owner` and notes who got one. */
function asker(slots: ReturnType<typeof createSlots>, granted: string[], refused: string[]) {
  return (owner: string) =>
    slots.take(owner).then((isGranted) => void (isGranted ? granted : refused).push(owner));
}

t.test('whoever has most places of a full queue gives way to one with fewer', async (t) => {
  const slots = createSlots({ atOnce: 1, waiting: 4, waitMs: 60_000 });
  const [granted, refused]: [string[], string[]] = [[], []];
  const ask = asker(slots, granted, refused);
  const asked = ['flood', 'flood', 'flood', 'flood', 'flood', 'ana', 'ben', 'flood', 'flood'].map(ask);
  await new Promise((resolve) => setImmediate(resolve));

  t.same(refused, ['flood', 'flood', 'flood', 'flood'], 'two gave way, two came too late');
  for (let i = 0; i < 5; i += 1) slots.give();
  await Promise.all(asked);

  t.same(granted, ['flood', 'flood', 'flood', 'ana', 'ben'], 'first come, first served');
});

t.test('a full queue of equals refuses the newest', async (t) => {
  const slots = createSlots({ atOnce: 1, waiting: 2, waitMs: 60_000 });
  const [granted, refused]: [string[], string[]] = [[], []];
  const ask = asker(slots, granted, refused);
  const asked = ['ana', 'ben', 'cem', 'dua'].map(ask);
  await new Promise((resolve) => setImmediate(resolve));

  t.same(refused, ['dua']);
  for (let i = 0; i < 3; i += 1) slots.give();
  await Promise.all(asked);
  t.same(granted, ['ana', 'ben', 'cem']);
});

t.test('without owners a full queue refuses, and a long wait ends', async (t) => {
  const slots = createSlots({ atOnce: 1, waiting: 1, waitMs: 1 });
  t.equal(await slots.take(), true);
  const waiting = slots.take();

  t.equal(await slots.take(), false, 'full');
  t.equal(await waiting, false, 'too long');
  slots.give();
  t.equal(await slots.take(), true);
});

t.test('an imitated check takes as long as a real one did', async (t) => {
  const times = createCheckTimes(20);
  const startedMs = performance.now();

  await times.imitate();

  const tookMs = performance.now() - startedMs;
  t.ok(tookMs > 18, `${tookMs} ms`);
});

t.test('a wait for open tries ends when all are settled, at once without any, and in time', async (t) => {
  const tries = createOpenTries(2);
  t.equal(await tries.wait('ana', 60_000), 'none');
  const [endFirst, endSecond] = [tries.begin('ana'), tries.begin('ana')];
  t.equal(await tries.wait('ana', 1), 'over', 'time is up');
  t.equal(await tries.wait('ben', 60_000), 'none', 'somebody else');

  let isOver = false;
  const waiting = tries.wait('ana', 60_000).then(() => (isOver = true));
  const another = tries.wait('ana', 60_000);
  t.equal(await tries.wait('ana', 60_000), 'full', 'two wait already');
  endFirst();
  await new Promise((resolve) => setImmediate(resolve));
  t.notOk(isOver);
  endSecond();
  await Promise.all([waiting, another]);
  t.equal(await tries.wait('ana', 60_000), 'none');
});
