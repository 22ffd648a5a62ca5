import t from 'tap';
import { createEnds } from '../../services/webhook/decision-cache/ends.ts';
import { slotCount, slotOf } from '../../services/webhook/decision-cache/layout.ts';
import {
  createNotedSlots,
  firstSlotBytes,
  furtherSlotBytes,
  mostSlotsPerEntry,
} from '../../services/webhook/decision-cache/noted-slots.ts';
import { createEntries } from '../../services/webhook/near-cache/entries.ts';

/** FNV-1a as it is written down, with all its 64 bits. */
function fnv1a(text: string): bigint {
  let hash = 14695981039346656037n;
  for (const byte of Buffer.from(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 1099511628211n);
  return hash;
}

t.test('the slot of a client id is the lowest bits of its FNV-1a', (t) => {
  t.equal(fnv1a(''), 0xcbf29ce484222325n);
  t.equal(fnv1a('foobar'), 0x85944171f73967e8n);
  for (let i = 0; i < 2000; i += 1) {
    const clientId = Array.from({ length: i % 60 }, (_, at) =>
      String.fromCharCode(45 + ((i * 31 + at * 7) % 78)),
    ).join('');
    if (slotOf(clientId) !== Number(fnv1a(clientId) & BigInt(slotCount - 1))) t.fail(clientId);
  }
  t.end();
});

t.test(
  '10,000 client ids of one session take a bounded number of slots, and it may begin again later',
  (t) => {
    const bumped: number[] = [];
    const noted = createNotedSlots((slots) => bumped.push(...slots));
    const outcomes = Array.from({ length: 10_000 }, (_, slot) => noted.note('a', slot, 1000));

    t.same([outcomes[0], outcomes[1]], ['first', 'further']);
    t.equal(outcomes.filter((outcome) => outcome === 'too-many').length, 10_000 - mostSlotsPerEntry);
    t.equal(noted.note('a', 5, 1000), 'noted-before');
    t.same(bumped, [], 'who asks with made-up client ids voids nothing of others');

    t.equal(noted.note('a', 9999, 61_001), 'noted-before');
    t.equal(bumped.length, mostSlotsPerEntry, 'those of before are void first');
    noted.drop('a');
    t.equal(bumped.at(-1), 9999);
    noted.drop('a');
    t.equal(bumped.length, mostSlotsPerEntry + 1, 'once');
    t.end();
  },
);

t.test('an end by the clock of Redis is never told later than it is', (t) => {
  let nowMs = 1000;
  let redisAheadMs = 70_000;
  const ends = createEnds({ redisNowMs: () => Math.ceil(nowMs + redisAheadMs + 1) }, () => nowMs);
  const origin = Number(process.hrtime.bigint()) / 1e6 - performance.now();
  const inSteady = (redisMs: number) => redisMs - redisAheadMs + origin;

  const end = ends.find(80_000) ?? Infinity;
  t.ok(end <= inSteady(80_000) && end > inSteady(80_000) - 100, 'a little earlier');
  t.ok((ends.find(Infinity) ?? Infinity) <= nowMs + origin + 3_600_001, 'an hour at most');
  t.equal(ends.find(71_000), undefined, 'it is now');
  t.equal(ends.find(71_050), undefined, 'or so near that it is not worth it');
  t.equal(ends.find(Number.NaN), undefined);

  nowMs = 2000;
  t.equal(ends.hasRunAhead(nowMs + redisAheadMs), false);
  redisAheadMs += 45;
  t.equal(ends.hasRunAhead(nowMs + redisAheadMs), false, 'that much was left');
  redisAheadMs += 3_600_000;
  t.equal(ends.hasRunAhead(nowMs + redisAheadMs), true, 'a clock that was stepped');
  t.equal(ends.hasRunAhead(nowMs + redisAheadMs), false, 'once');
  t.end();
});

t.test('an entry that is charged for its slots may push others out, and at last itself', (t) => {
  const dropped: string[] = [];
  const entries = createEntries<string>(100, (key) => dropped.push(key));
  const keep = (key: string) =>
    entries.keep({ key, owner: '', partition: key.charAt(0), value: key, bytes: 40 });
  keep('a1');
  keep('b1');

  t.equal(entries.charge('b1', 10), true);
  t.same([entries.bytes(), dropped], [90, []]);
  t.equal(entries.charge('b1', 20), true);
  t.same([entries.bytes(), dropped], [70, ['a1']]);
  t.equal(entries.charge('b1', 40), false);
  t.same([entries.bytes(), entries.count(), dropped], [0, 0, ['a1', 'b1']]);
  t.equal(entries.charge('c1', 1), false, 'it is not here');

  keep('a1');
  keep('a1');
  entries.dropOwner('a', '');
  keep('a2');
  entries.dropPartition('a');
  t.same(dropped.slice(2), ['a1', 'a1', 'a2'], 'however it goes; also when a newer one takes its place');
  t.end();
});

t.test('slots take no more memory than they are charged for', (t) => {
  const count = 20_000;
  const measure = (perEntry: number) => {
    const keys = Array.from({ length: count }, (_, i) => `key ${i}`);
    const before = process.memoryUsage().heapUsed;
    const noted = createNotedSlots(() => {});
    for (const key of keys) for (let slot = 0; slot < perEntry; slot += 1) noted.note(key, slot, 0);
    const grown = process.memoryUsage().heapUsed - before;
    noted.drop('none');
    return grown / count;
  };

  const [one, many] = [measure(1), measure(20)];
  t.comment(`${Math.round(one)} and ${Math.round(many)} bytes, garbage included`);
  t.ok(one <= firstSlotBytes);
  t.ok(many <= 2 * (firstSlotBytes + 19 * furtherSlotBytes), 'an array that grows leaves garbage');
  t.end();
});
