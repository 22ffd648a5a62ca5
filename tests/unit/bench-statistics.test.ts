import t from 'tap';
import { measureInTurns, sumUp, type Measurement } from '../bench/measurement.ts';
import { countErrors, renderReport } from '../bench/report.ts';
import { addCounts, median, percentile, ratio } from '../bench/statistics.ts';

t.test('the median is the middle, or the mean of the two middle ones', async (t) => {
  t.equal(median([5, 1, 3]), 3);
  t.equal(median([4, 1, 3, 2]), 2.5);
  t.equal(median([10, 9, 100]), 10, 'numbers, not texts, are sorted');
  t.equal(median([7]), 7);
  t.ok(Number.isNaN(median([])));
});

t.test('a percentile is a measured value, by nearest rank', async (t) => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);

  t.equal(percentile(hundred, 50), 50);
  t.equal(percentile(hundred, 99), 99);
  t.equal(percentile(hundred, 100), 100);
  t.equal(percentile(hundred, 0), 1);
  t.equal(percentile([3, 1], 50), 1);
  t.equal(percentile([3, 1], 99), 3);
  t.ok(Number.isNaN(percentile([], 99)));
});

t.test('a ratio to nothing is no number', async (t) => {
  t.equal(ratio(3, 2), 1.5);
  t.equal(ratio(3, 0), undefined);
  t.equal(ratio(0, 0), undefined);
  t.equal(ratio(3, undefined), undefined);
  t.equal(ratio(Number.NaN, 2), undefined);
});

t.test('failures are added up by kind', async (t) => {
  t.strictSame(addCounts([{ refused: 1 }, {}, { refused: 2, timeout: 1 }]), { refused: 3, timeout: 1 });
});

t.test('systems are measured in turns, and the warm-up counts only by its failures', async (t) => {
  const order: string[] = [];
  const contender = (system: string, counts: number[]) => ({
    system,
    measure: async () => {
      order.push(system);
      const errors: Record<string, number> = order.length <= 2 ? { cold: 1 } : {};
      return { ...measurement(counts.shift() ?? 0, 2), errors };
    },
  });

  const results = await measureInTurns([contender('a', [900, 10, 30, 20]), contender('b', [900, 2, 4, 6])], {
    rounds: 3,
    warmUpMs: 1,
    durationMs: 1,
    maxCount: 1,
  });

  t.strictSame(order, ['a', 'b', 'a', 'b', 'a', 'b', 'a', 'b']);
  t.match(results, [
    { system: 'a', perSecond: 10, roundsPerSecond: [5, 15, 10], count: 60, errors: { cold: 1 } },
    { system: 'b', perSecond: 2, roundsPerSecond: [1, 2, 3], count: 12, errors: { cold: 1 } },
  ]);
});

t.test('without time to warm up nothing is measured before the rounds', async (t) => {
  let times = 0;
  const measure = async () => measurement(++times, 1);

  const settings = { rounds: 2, warmUpMs: 0, durationMs: 1, maxCount: 1 };
  t.match(await measureInTurns([{ system: 'a', measure }], settings), [{ roundsPerSecond: [1, 2] }]);
});

t.test('percentiles are over all rounds', async (t) => {
  const result = sumUp('a', [
    { ...measurement(2, 1), latenciesMs: [1, 2] },
    { ...measurement(2, 1), latenciesMs: [9, 3] },
  ]);

  t.equal(result.p50Ms, 2);
  t.equal(result.p99Ms, 9);
});

t.test('the report shows ratios to the first system, each failure, and what is not shown', async (t) => {
  const base = sumUp('base', [{ ...measurement(2000, 1), latenciesMs: [0.5] }]);
  const slow = sumUp('slow', [
    { ...measurement(500, 1), latenciesMs: [2], errors: { 'CONNECT refused': 3 } },
  ]);
  const groups = [{ row: 'x', condition: 'publish, window 1', results: [base, slow] }];

  const text = renderReport(groups);

  t.match(text, /^publish, window 1$/m);
  t.match(text, /^ {2}base +2,000 +1\.00 +2,000–2,000 +0\.500 +1\.00 +0\.500 +1\.00 +0$/m);
  t.match(text, /^ {2}slow +500 +0\.25 +500–500 +2\.00 +4\.00 +2\.00 +4\.00 +3$/m);
  t.match(text, /^ {2}! slow: 3 × CONNECT refused$/m);
  t.match(text, /^Not shown:$/m);
  t.notMatch(text, /load generator was at its own limit/);
  t.equal(countErrors(groups), 3);
});

t.test('what is neither a rate nor a time stands below its table', async (t) => {
  const figures = [{ name: 'bytes of something', value: 1234 }];

  const text = renderReport([{ row: 'x', condition: 'x', results: [], figures }]);

  t.match(text, /^ {2}bytes of something +1,234$/m);
});

t.test('a rate that the load generator limited is marked', async (t) => {
  const bound = sumUp('bound', [{ ...measurement(2000, 1), generatorBusy: 0.97 }]);

  const text = renderReport([{ row: 'x', condition: 'x', results: [bound] }]);

  t.match(text, /^ {2}bound +2,000\* /m);
  t.match(text, /^\*: the load generator was at its own limit/m);
});

function measurement(count: number, seconds: number): Measurement {
  return { count, seconds, latenciesMs: [], errors: {}, generatorBusy: 0.1 };
}
