import t from 'tap';
import { minutesOf, mostMs, percentileMs } from '../../services/web/src/pages/console/picture/series.ts';
import { logShare, roundUp } from '../../services/web/src/pages/console/picture/scale.ts';

t.test('a percentile lies between the bounds of its bucket', async (t) => {
  t.equal(percentileMs({}, 0.5), undefined);
  t.equal(percentileMs({ 1: 10 }, 0.5), 0.5);
  t.equal(percentileMs({ 1: 50, 2: 50 }, 0.5), 1);
  t.equal(percentileMs({ 1: 50, 2: 50 }, 0.75), 1.5);
  t.equal(percentileMs({ 10: 1, 2: 0, 5: 99 }, 0.99), 5, 'in the order of the bounds, not of the names');
  t.equal(percentileMs({ 5: 1, inf: 9 }, 0.99), 5, 'above the last bound nothing is known');
});

t.test('the slowest is told by its bound', async (t) => {
  t.equal(mostMs({}), undefined);
  t.equal(mostMs({ 5: 2, 10: 1, 50: 0 }), 10);
  t.equal(mostMs({ 5: 2, inf: 1 }), Infinity);
});

t.test('scales grow in few steps and keep what is outside at the edge', async (t) => {
  t.same([0, 0.5, 1, 1.1, 3, 7, 100, 101, 4999].map(roundUp), [1, 1, 1, 2, 5, 10, 100, 200, 5000]);
  t.same(
    [0, 1, 10, 100, 1000].map((value) => logShare(value, [1, 100])),
    [0, 0, 0.5, 1, 1],
  );
});

t.test('a table has a row for each minute, the newest first', async (t) => {
  const point = (at: number) => ({ at, seconds: 2, granted: 1, denied: { a: 1 }, checks: {}, closed: {} });

  const minutes = minutesOf([point(59_000), point(61_000), point(119_000)]);

  t.match(minutes, [
    { atMs: 60_000, sums: { granted: 2, denied: { a: 2 }, seconds: 4 } },
    { atMs: 0, sums: { granted: 1 } },
  ]);
});
