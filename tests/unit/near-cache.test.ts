import { Registry } from 'prom-client';
import t from 'tap';
import { isAcked } from '../../services/core/leases/holders.ts';
import { openClock } from '../../services/core/leases/lease-clock.ts';
import { createEntries } from '../../services/webhook/near-cache/entries.ts';
import { createFills } from '../../services/webhook/near-cache/fills.ts';
import type { Store } from '../../services/core/redis/store.ts';
import { createNearFacts, type Remembered } from '../../services/webhook/near-cache/near-facts.ts';
import { createNearMetrics } from '../../services/webhook/near-cache/near-metrics.ts';
import { createRulesVersion } from '../../services/webhook/near-cache/rules-version.ts';
import { sizeOf } from '../../services/webhook/near-cache/size-of.ts';

const unknown = { session: undefined };

t.test('100,000 made-up names stay within the bytes, and the heap within about as many', (t) => {
  const mostBytes = 16_000_000;
  const entries = createEntries<object>(mostBytes);
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < 100_000; i += 1) {
    const key = `${i % 10}${'x'.repeat(15)}${String(i).padStart(6, '0')}`;
    const bytes = sizeOf(key, '', unknown);
    entries.keep({ key, partition: key.charAt(0), owner: '', value: { ...unknown }, bytes });
    if (entries.bytes() > mostBytes) t.fail('too many bytes');
  }
  const grownBytes = process.memoryUsage().heapUsed - before;

  t.ok(entries.count() > 10_000 && entries.count() < 100_000, `${entries.count()} entries`);
  t.ok(grownBytes < 4 * mostBytes, `${grownBytes} bytes, garbage included`);
  t.end();
});

t.test('what was asked for last is kept longest', (t) => {
  const entries = createEntries<string>(20);
  const keep = (key: string, owner = '') =>
    entries.keep({ key, owner, partition: key.charAt(0), value: key, bytes: 10 });
  keep('a1');
  keep('b1');
  entries.find('a1');
  keep('c1');
  t.same([entries.find('a1'), entries.find('b1'), entries.find('c1')], ['a1', undefined, 'c1']);

  entries.dropPartition('c');
  keep('a2', 'ana');
  entries.dropOwner('a', 'ana');
  t.same(
    [entries.find('a1'), entries.find('a2'), entries.count(), entries.bytes()],
    ['a1', undefined, 1, 10],
  );
  t.end();
});

t.test('a read that is void, replaced or failed is not kept, and nobody joins it', async (t) => {
  const kept: string[] = [];
  let voided = 0;
  const fills = createFills<string>(() => (voided += 1));
  const begin = (value: Promise<string>) =>
    fills.begin(
      { key: 'a1', partition: 'a' },
      () => value,
      (text) => kept.push(text),
    );

  const first = begin(Promise.resolve('void'));
  t.equal(fills.find('a1'), first);
  fills.voidPartition('a');
  t.equal(fills.find('a1'), undefined);
  const slow = Promise.withResolvers<string>();
  const replaced = begin(slow.promise);
  await begin(Promise.resolve('newer'));
  slow.resolve('older');
  await t.rejects(begin(Promise.reject(new Error('gone'))), /gone/);

  t.same([await first, await replaced, kept, voided], ['void', 'older', ['newer'], 1]);
  t.equal(fills.find('a1'), undefined);
});

t.test('the clock of a lease', (t) => {
  let now = { steadyMs: 5000, wallMs: 90_000 };
  const clock = openClock(1000, () => now);
  const at = (steadyMs: number, wallMs: number) => {
    now = { steadyMs, wallMs };
    return clock.isValid();
  };
  t.equal(clock.isValid(), false, 'before it was prolonged');
  const sent = clock.read();
  now = { steadyMs: 5100, wallMs: 90_100 };
  clock.prolong(sent, 70_000);

  t.ok(clock.redisNowMs() >= 70_100, 'Redis may have answered as soon as it was asked');
  t.equal(at(5999, 90_999), true);
  t.equal(at(6000, 91_000), false, 'it counts from before the question was sent');
  t.equal(at(6000, 80_000), false, 'a clock that is set back prolongs nothing');
  t.equal(at(5500, 99_000), false, 'nor does a machine that was suspended');
  t.equal(at(5500, 80_000), true);
  clock.end();
  t.equal(at(5500, 90_500), false);
  t.end();
});

t.test('an acknowledgement covers all events up to it', (t) => {
  const rows: [ack: string, event: string, covered: boolean][] = [
    ['', '0-0', false],
    ['0-0', '0-0', true],
    ['1700000000000-10', '1700000000000-9', true],
    ['1700000000000-9', '1700000000000-10', false],
    ['999-5', '1000-0', false],
    ['1000-0', '999-5', true],
  ];
  for (const [ack, event, covered] of rows) t.equal(isAcked(ack, event), covered, `${ack} ${event}`);
  t.end();
});

t.test('what is in memory counts only while the lease is valid', (t) => {
  let isValid = true;
  const lease = { isValid: () => isValid, redisNowMs: () => 1, stop: async () => {} };
  const entries = createEntries<Remembered>(1000);
  const rulesVersion = createRulesVersion();
  const memory = { entries, rulesVersion, fills: createFills<unknown>(() => {}) };
  const metrics = createNearMetrics(new Registry());
  // No Redis: whoever asks it fails.
  const facts = createNearFacts({} as Store, { lease, memory, metrics });
  const sid = 'a'.repeat(22);
  entries.keep({ key: sid, partition: 'a', owner: '', value: { session: undefined }, bytes: 10 });
  rulesVersion.beginRead()(undefined);

  t.same(facts.readFacts(sid), { session: undefined, rulesVersion: undefined, nowMs: 1, mayBeOlder: true });
  isValid = false;
  t.rejects(async () => facts.readFacts(sid), TypeError);
  t.end();
});
