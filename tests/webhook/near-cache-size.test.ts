import { randomBytes } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Registry } from 'prom-client';
import t from 'tap';
import { sidOfClientId } from '../../services/core/ids.ts';
import type { Store } from '../../services/core/redis/store.ts';
import { createEntries } from '../../services/webhook/near-cache/entries.ts';
import { createFills } from '../../services/webhook/near-cache/fills.ts';
import { createNearFacts, type Remembered } from '../../services/webhook/near-cache/near-facts.ts';
import { createNearMetrics } from '../../services/webhook/near-cache/near-metrics.ts';
import { createRulesVersion } from '../../services/webhook/near-cache/rules-version.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const count = 20_000;
/** What the count may be of the heap's growth, which tables that double and the test itself make uneven. */
const ratios = { least: 0.8, most: 1.6 };

/** Redis, which has the same answer for everybody, as fresh text each time. */
function answering(hash: readonly string[], field: string | null): Store {
  const fresh = (text: string | null) => text && Buffer.from(text).toString();
  const replies: unknown[] = [];
  const pipeline = {
    hmget: () => add(hash.map(fresh)),
    hget: () => add(fresh(field)),
    time: () => add([fresh('1763744400'), fresh('123456')]),
    exec: async () => replies.splice(0).map((reply) => [null, reply]),
  };
  const add = (reply: unknown) => {
    replies.push(reply);
    return pipeline;
  };
  return { redis: { pipeline: () => pipeline } } as unknown as Store;
}

function openMemory(store: Store) {
  const entries = createEntries<Remembered>(1e9);
  const memory = { entries, rulesVersion: createRulesVersion(), fills: createFills<unknown>(() => {}) };
  const lease = { isValid: () => true, redisNowMs: () => 1, stop: async () => {} };
  return {
    entries,
    facts: createNearFacts(store, { lease, memory, metrics: createNearMetrics(new Registry()) }),
  };
}

function heapBytes(): number {
  collectGarbage();
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

/** A client id as it comes in a check. */
const sessionClient = () => `${randomBytes(18).toString('hex').slice(0, 22)}-phone`;
const uid = 'abcdefghijklmnopqrstuv';
const session = (username: string, roles: string) => [
  ...[uid, username, roles, 'active', '', '1763744400123', '1766744400123', '', '', 'pwd'],
];
const device = ['lamp', uid, 'device', 'active', 'h'.repeat(43), '', '0', '3', '', ''];

const kinds: [what: string, hash: string[], field: string | null, ask: 'session' | 'device'][] = [
  ['sessions', session('somebody', 'user'), '17', 'session'],
  ['sessions with many roles', session('somebody', 'user,admin,operator,auditor,guest'), '17', 'session'],
  ['sessions with long names', session('ж'.repeat(64), 'user'), '17', 'session'],
  ['sessions that do not exist', [], null, 'session'],
  ['devices', device, '1763744400123 3 +', 'device'],
];

for (const [what, hash, field, ask] of kinds) {
  t.test(`the bytes that the near cache counts are those of the heap: ${what}`, async (t) => {
    const { entries, facts } = openMemory(answering(hash, field));
    const fill = async (times: number) => {
      for (let i = 0; i < times; i += 1) {
        const clientId = JSON.parse(JSON.stringify(sessionClient())) as string;
        if (ask === 'session') await facts.readFacts(sidOfClientId(clientId) ?? '');
        else await facts.readDeviceFacts({ deviceId: 'lamp', clientId: `lamp.${clientId}` });
      }
    };
    await fill(count);
    entries.clear();
    const before = heapBytes();

    await fill(count);

    const grown = heapBytes() - before;
    t.equal(entries.count(), count);
    const ratio = entries.bytes() / grown;
    t.ok(
      ratio >= ratios.least && ratio <= ratios.most,
      `${ratio.toFixed(2)} times the ${Math.round(grown / count)} bytes of each`,
    );
  });
}

t.test('what is asked for outlives what is not, and room for one is made by forgetting one', async (t) => {
  const entries = createEntries<number>(1000);
  const keep = (value: number) =>
    entries.keep({ key: `a${value}`, partition: 'a', owner: '', value, bytes: 10 });
  const isKept = (value: number) => entries.find(`a${value}`) !== undefined;
  for (let i = 0; i < 100; i += 1) keep(i);
  for (let i = 0; i < 100; i += 2) isKept(i);

  for (let i = 100; i < 150; i += 1) keep(i);

  t.same([entries.count(), entries.bytes()], [100, 1000]);
  for (let i = 0; i < 150; i += 1) t.equal(isKept(i), i >= 100 || i % 2 === 0, `${i}`);
  keep(150);
  t.same([entries.count(), isKept(150)], [100, true], 'even if all were asked for');
});
