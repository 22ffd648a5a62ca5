import { Registry } from 'prom-client';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { createCounterFile, type CounterFile } from '../../services/webhook/decision-cache/counter-file.ts';
import { openCounters } from '../../services/webhook/decision-cache/counters.ts';
import { createDecisionMetrics } from '../../services/webhook/decision-cache/decision-metrics.ts';
import { offsets, stampOffset } from '../../services/webhook/decision-cache/layout.ts';
import { awaitFormerOwner } from '../../services/webhook/decision-cache/take-over.ts';

const folder = mkdtempSync('/dev/shm/bednet-test-');
t.teardown(() => rmSync(folder, { recursive: true }));
const metrics = createDecisionMetrics(new Registry());
const leaseMs = 1000;
let files = 0;

function newPath(): string {
  files += 1;
  return join(folder, `counters-${files}`);
}

const readNumber = (path: string, offset: number) => readFileSync(path).readBigUInt64LE(offset);
const stampOf = (path: string, slot: number) => readNumber(path, stampOffset(slot));

function openAt(path: string) {
  const faults: string[] = [];
  const file = createCounterFile(path, { leaseMs });
  const counters = openCounters(file, { leaseMs, metrics, onFault: ({ message }) => faults.push(message) });
  return { counters, faults };
}

const now = () => ({ steadyMs: performance.now(), wallMs: Date.now() });

t.test('a fresh counter file grants nothing, and has all its bytes in memory', (t) => {
  const path = newPath();
  const { epoch } = createCounterFile(path, { leaseMs });
  const bytes = readFileSync(path);
  const { size, blocks, mode } = statSync(path);

  t.equal(bytes.toString('latin1', 0, 8), 'BEDNETCF');
  t.same([bytes.readUInt32LE(8), bytes.readUInt32LE(12)], [1, 128]);
  t.equal(bytes.readBigUInt64LE(offsets.epoch).toString(16).padStart(16, '0'), epoch);
  t.equal(bytes.readBigUInt64LE(offsets.leaseNs), 1_000_000_000n);
  t.same([bytes.readBigUInt64LE(64), bytes.readBigUInt64LE(72)], [0n, 0n], 'no lease');
  t.equal(size, 128 + 8 * 65_536);
  t.ok(blocks * 512 >= size, 'nothing is missing that memory could run out for');
  t.equal(mode & 0o777, 0o644);
  t.not(createCounterFile(newPath(), { leaseMs }).epoch, epoch);
  t.end();
});

t.test('a bump changes one stamp, and never to one that was there', (t) => {
  const path = newPath();
  const { counters } = openAt(path);
  const seen = new Set<bigint>();
  const before = readFileSync(path);
  for (let i = 0; i < 300; i += 1) {
    seen.add(stampOf(path, 7));
    counters.bump([7]);
  }
  const after = readFileSync(path);

  t.equal(seen.size, 300);
  after.copy(before, stampOffset(7), stampOffset(7), stampOffset(8));
  t.same(after, before, 'no other byte');
  counters.bumpAll();
  t.not(readNumber(path, offsets.globalStamp), before.readBigUInt64LE(offsets.globalStamp));
  t.end();
});

t.test('the deadlines are those of the lease, never later', (t) => {
  const path = newPath();
  const { counters } = openAt(path);
  const beforeNs = process.hrtime.bigint();
  const sent = now();
  const atNs = process.hrtime.bigint();
  counters.prolong(sent);

  const steadyNs = readNumber(path, offsets.steadyDeadlineNs);
  t.ok(steadyNs <= atNs + 1_000_000_000n, 'not later');
  t.ok(steadyNs > beforeNs + 990_000_000n, 'nor much earlier');
  t.equal(readNumber(path, offsets.wallDeadlineMs), BigInt(sent.wallMs + leaseMs));

  const global = readNumber(path, offsets.globalStamp);
  t.equal(counters.end(), true);
  t.same([readNumber(path, 64), readNumber(path, 72)], [0n, 0n]);
  t.not(readNumber(path, offsets.globalStamp), global);
  t.end();
});

t.test('a lease that was prolonged by a question of long ago is over already', (t) => {
  const path = newPath();
  openAt(path).counters.prolong({ steadyMs: performance.now() - 5000, wallMs: Date.now() - 5000 });
  t.ok(readNumber(path, offsets.steadyDeadlineNs) < process.hrtime.bigint());
  t.end();
});

/** A file whose writes fail from some moment on. */
function breakable(): { file: CounterFile; fail: (what: 'bump' | 'all') => void } {
  let broken: 'bump' | 'all' | undefined;
  const check = (...kinds: string[]) => {
    if (broken !== undefined && (broken === 'all' || kinds.includes(broken))) throw new Error('no space');
  };
  const file = {
    epoch: '0000000000000001',
    bump: () => check('bump'),
    bumpAll: () => check('bump'),
    writeDeadlines: () => check(),
    isReplaced: () => false,
    close: () => {},
  };
  return { file, fail: (what) => (broken = what) };
}

t.test('a bump that fails ends the offers, and nothing may be acknowledged before the lease is lost', (t) => {
  for (const what of ['bump', 'all'] as const) {
    const { file, fail } = breakable();
    const faults: string[] = [];
    const counters = openCounters(file, { leaseMs, metrics, onFault: ({ message }) => faults.push(message) });
    counters.prolong(now());
    fail(what);
    t.doesNotThrow(() => counters.bump([1]), 'an entry may go at any time');

    t.equal(counters.isOn(), false);
    t.throws(() => counters.assertWritten(), { message: /could not be written/ });
    t.throws(() => counters.prolong(now()), { message: /could not be written/ });
    t.equal(counters.end(), false, 'so revokers have to wait for the end of the lease');
    t.doesNotThrow(() => counters.prolong(now()), 'the near cache goes on without');
    t.equal(counters.isOn(), false);
    t.same(faults, ['no space']);
  }
  t.end();
});

t.test('a service whose file is replaced or removed voids all, says so once and stops offering', (t) => {
  for (const take of [(path: string) => createCounterFile(path, { leaseMs }), rmSync]) {
    const path = newPath();
    const { counters, faults } = openAt(path);
    counters.prolong(now());
    const old = openSync(path, 'r');
    t.teardown(() => closeSync(old));
    take(path);

    counters.prolong(now());
    counters.prolong(now());

    t.equal(counters.isOn(), false);
    t.match(faults, [/removed, or another service/]);
    t.equal(faults.length, 1);
    t.equal(
      readFileSync(old).readBigUInt64LE(offsets.steadyDeadlineNs),
      0n,
      'for brokers that have it mapped',
    );
  }
  t.end();
});

t.test('the file of a service that died is taken over once its deadline has passed', async (t) => {
  const path = newPath();
  const { counters } = openAt(path);
  counters.prolong({ steadyMs: performance.now() - 800, wallMs: Date.now() });
  const deadlineNs = readNumber(path, offsets.steadyDeadlineNs);

  await awaitFormerOwner(path);

  t.ok(process.hrtime.bigint() >= deadlineNs);
  await t.resolves(awaitFormerOwner(newPath()), 'where there is none');
});

t.test('the file of a service that is alive is left alone', async (t) => {
  const path = newPath();
  const { counters } = openAt(path);
  counters.prolong(now());
  const timer = setInterval(() => counters.prolong(now()), 100);
  t.teardown(() => clearInterval(timer));

  await t.rejects(awaitFormerOwner(path), { message: /another service writes it/ });
});

t.test('a file that is no counter file is left alone', async (t) => {
  const path = newPath();
  writeFileSync(path, 'something dear');
  await t.rejects(awaitFormerOwner(path), { message: /another file is there/ });
});
