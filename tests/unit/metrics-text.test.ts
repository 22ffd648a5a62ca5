import t from 'tap';
import { parseMetrics } from '../../services/session/check-metrics/parse-metrics.ts';
import { differenceOf, together, totalsOf } from '../../services/session/check-metrics/totals.ts';
import { createMetrics } from '../../services/webhook/metrics.ts';

t.test('what a webhook service writes is read back as counts', async (t) => {
  const metrics = createMetrics();
  metrics.countCheck('acl', 'none', 0.000_07);
  metrics.countCheck('acl', 'none', 0.003);
  metrics.countCheck('user', 'none', 0.003);
  metrics.countCheck('acl', 'no-rule-allows', 9);
  metrics.observeKickDelay(3);
  metrics.observeKickDelay(60_000);

  const totals = totalsOf(parseMetrics(await metrics.registry.metrics()));

  t.equal(totals.granted, 3);
  t.same(totals.denied, { 'no-rule-allows': 1 });
  const counted = (counts: object) => Object.fromEntries(Object.entries(counts).filter(([, n]) => n > 0));
  t.same(counted(totals.checks), { 0.1: 1, 5: 2, inf: 1 }, 'per bucket, in ms, over all checks');
  t.same(counted(totals.closed), { 5: 1, inf: 1 });
});

t.test('escapes, exponents, time stamps and infinities are part of the format', async (t) => {
  const text = '# HELP a b\na{x="q\\"\\\\\\n,}",y=""} 1.5e+3 1700000000000\nb +Inf\nc{} -2\n';

  t.same(parseMetrics(text), [
    { name: 'a', labels: { x: 'q"\\\n,}', y: '' }, value: 1500 },
    { name: 'b', labels: {}, value: Infinity },
    { name: 'c', labels: {}, value: -2 },
  ]);
});

for (const line of [
  'a',
  'a 1 2 3',
  'a one',
  'a 0x10',
  'a  1',
  '1a 1',
  'a{b} 1',
  'a{b=c} 1',
  'a{b="c"d="e"} 1',
  'a{b="c",b="d"} 1',
  'a{b="\\t"} 1',
  'a{b="c" 1',
  '<html>',
]) {
  t.test(`this is no sample: ${line}`, async (t) => {
    t.throws(() => parseMetrics(`ok 1\n${line}\n`), SyntaxError);
  });
}

t.test('metrics of something else, and counts that are none, are refused', async (t) => {
  const closed = 'bednet_kick_delay_milliseconds_bucket{le="+Inf"}';

  t.throws(() => totalsOf(parseMetrics('up 1\n')), SyntaxError);
  for (const value of ['NaN', '-1', '0.5', '+Inf']) {
    t.throws(() => totalsOf(parseMetrics(`${closed} ${value}\n`)), SyntaxError, value);
  }
  t.equal(totalsOf(parseMetrics(`${closed} 7\n`)).closed['inf'], 7, 'the twin');
});

t.test('a service that has begun anew counts from zero', async (t) => {
  const before = { granted: 10, denied: { a: 4 }, checks: { 1: 14 }, closed: { 5: 2 } };
  const grown = { granted: 12, denied: { a: 4, b: 1 }, checks: { 1: 17 }, closed: { 5: 2 } };
  const anew = { granted: 3, denied: { a: 1 }, checks: { 1: 4 }, closed: { 5: 0 } };

  t.same(differenceOf(before, grown), { granted: 2, denied: { b: 1 }, checks: { 1: 3 }, closed: {} });
  t.same(differenceOf(before, anew), { granted: 3, denied: { a: 1 }, checks: { 1: 4 }, closed: {} });
});

t.test('reasons without end do not fill the memory', async (t) => {
  const services = Array.from({ length: 1000 }, (_, index) => ({
    ...{ granted: 1, checks: {}, closed: {} },
    denied: { [`made-up-${index}`]: 1 },
  }));

  const { granted, denied } = together(services);

  t.equal(granted, 1000);
  t.equal(Object.keys(denied).length, 65);
  t.equal(denied['other'], 936);
});
