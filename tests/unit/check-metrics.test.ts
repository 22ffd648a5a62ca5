import { mock } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { keptMs, stepMs, watchCheckMetrics } from '../../services/session/check-metrics/check-metrics.ts';
import type { Totals } from '../../services/session/check-metrics/totals.ts';

const urls = ['http://a:1/metrics', 'http://b:2/metrics'];

/** A watch on a clock that the test moves; at each reading a service has granted ten more. */
function startWatch(t: Test) {
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_000_000 });
  const granted = new Map<string, number>();
  const away = new Set<string>();
  let reads = 0;
  const read = async (url: string): Promise<Totals | undefined> => {
    reads += 1;
    if (away.has(url)) return undefined;
    granted.set(url, (granted.get(url) ?? 0) + 10);
    return { granted: granted.get(url) ?? 0, denied: {}, checks: {}, closed: {} };
  };
  const watch = watchCheckMetrics(urls, { read });
  t.teardown(() => {
    watch.close();
    mock.timers.reset();
  });
  const pass = async (ms: number) => {
    mock.timers.tick(ms);
    for (let turns = 0; turns < 5; turns += 1) await turn();
  };
  /** Lets time pass while somebody looks every two seconds. */
  const look = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += stepMs) {
      watch.look(0);
      await pass(stepMs);
    }
  };
  return { watch, away, pass, look, readings: () => reads };
}

t.test('nothing is read before somebody looks, and nothing after they have gone', async (t) => {
  const { watch, pass, look, readings } = startWatch(t);
  await pass(60_000);
  t.equal(readings(), 0);

  await look(10_000);
  t.ok(readings() >= 10, 'both services, every two seconds');
  for (let passed = 0; passed < 30_000; passed += stepMs) await pass(stepMs);
  const rested = readings();
  for (let passed = 0; passed < 60_000; passed += stepMs) await pass(stepMs);

  t.equal(readings(), rested);
  await look(10_000);
  t.ok(readings() > rested, 'and again when somebody comes back');
  t.ok(
    watch.look(0).points.every(({ seconds }) => seconds < 3 * (stepMs / 1000)),
    'the rest is no point',
  );
});

t.test('points tell what all services counted between two readings', async (t) => {
  const { watch, look } = startWatch(t);

  await look(10_000);

  const { points, services } = watch.look(0);
  t.ok(points.length >= 3);
  t.ok(points.every(({ granted, seconds }) => granted === 20 && seconds === 2));
  t.match(services, [
    { name: 'a:1', state: 'up' },
    { name: 'b:2', state: 'up' },
  ]);
  const [first, ...later] = points;
  t.same(watch.look(first?.atMs ?? 0).points, later, 'only what is new');
});

t.test('a service that is away shows as such, and the others go on', async (t) => {
  const { watch, away, look } = startWatch(t);
  await look(6000);

  away.add('http://b:2/metrics');
  await look(20_000);

  t.match(watch.look(0).services, [{ state: 'up' }, { state: 'away' }]);
  t.equal(watch.look(0).points.at(-1)?.granted, 10);
  away.clear();
  await look(6000);
  t.match(watch.look(0).services, [{ state: 'up' }, { state: 'up' }]);
  t.equal(watch.look(0).points.at(-1)?.granted, 20);
  t.notOk(
    watch.look(0).points.some(({ granted }) => granted > 20),
    'what it did meanwhile is put into no single point',
  );
});

t.test('what is kept is bounded', async (t) => {
  const { watch, look } = startWatch(t);

  await look(2 * keptMs);

  const { points } = watch.look(0);
  t.ok(points.length <= keptMs / stepMs, `${points.length} points`);
  t.ok(points.length > keptMs / stepMs - 5);
});

t.test('without services there is nothing to read', async (t) => {
  const watch = watchCheckMetrics([]);

  t.same(watch.look(0), { services: [], points: [] });
  t.doesNotThrow(() => watch.close());
});
