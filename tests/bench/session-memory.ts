import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createAccount } from '../../services/core/accounts/create-account.ts';
import { appendAudit, untilAuditWritten } from '../../services/core/audit/append.ts';
import { checkAcl } from '../../services/core/check/check-acl.ts';
import { recordClientAndReadFacts } from '../../services/core/check/read-facts.ts';
import { createRulesSource } from '../../services/core/check/rules-source.ts';
import { partitions, partitionOf } from '../../services/core/ids.ts';
import { eventsKey, expiryKey, sessionIndexKey, sessionKey } from '../../services/core/redis/keys.ts';
import { openStore, untilReady, type Store } from '../../services/core/redis/store.ts';
import { createSession } from '../../services/core/sessions/create-session.ts';
import { sha256Hex } from '../../services/stack/secrets.ts';
import { startStack } from '../../services/stack/stack.ts';
import { percentile } from './statistics.ts';

/** A live session, as far as a check names it. */
interface BenchSession {
  uid: string;
  sid: string;
  username: string;
}

/** Latency of one kind of call with one in flight. */
interface Latency {
  p50Ms: number;
  p99Ms: number;
}

/** What was measured at one number of sessions. */
interface CheckLatency {
  sessions: number;
  check: Latency;
  /** PING on the same connection: what of it is the round trip. */
  ping: Latency;
}

/** Memory of Redis per live session, and how long a check takes. */
export interface SessionMemory {
  sessions: number;
  /** Growth of used_memory, all keys and Redis' own tables included. */
  bytesPerSession: number;
  /** The same by MEMORY USAGE of the keys, where it goes. */
  bytesByKey: Record<'session' | 'index' | 'expiry' | 'events', number>;
  /** What an account takes, before its first session. */
  bytesPerAccount: number;
  /** What the client id of an open MQTT connection adds. */
  bytesPerConnection: number;
  /** What the audit of one sign-in adds, in the log and as the first activity of its account. */
  bytesPerAuditedSignIn: number;
  encodings: Record<'session' | 'index' | 'expiry', string>;
  latencies: CheckLatency[];
}

const firstSessions = 1000;
const checks = 20_000;
const inFlight = 64;
const lives = {
  accessTtlSeconds: 900,
  renewalIdleSeconds: 604_800,
  absoluteSeconds: 2_592_000,
  renewalGraceSeconds: 10,
  sessionsPerAccount: 20,
};
/** Four of today's browsers, 101 to 138 characters. */
const userAgents = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Android 15; Mobile; rv:143.0) Gecko/143.0 Firefox/143.0',
];

if (import.meta.main) {
  const { values } = parseArgs({ options: { sessions: { type: 'string', default: '100000' } } });
  const count = Number(values.sessions);
  if (!Number.isInteger(count) || count < firstSessions) {
    console.error(`bednet: --sessions ${values.sessions}: must be a whole number from ${firstSessions} on`);
    process.exit(1);
  }
  console.log(JSON.stringify(await measureSessionMemory(count), null, 2));
}

/**
 * Makes `count` sessions, each of an account of its own, by the scripts that sign-ins use, in a Redis of its own with
 * the project's redis.conf, but for appendfsync everysec: it is about memory, and a flush per session takes long.
 */
export async function measureSessionMemory(count: number): Promise<SessionMemory> {
  await using open = new AsyncDisposableStack();
  const store = await openPrivateStore(open);
  const empty = await usedMemory(store);
  const accounts = await makeAll(count, (index) => makeAccount(store, index));
  const withAccounts = await usedMemory(store);

  const first = await makeAll(firstSessions, (index) => makeSession(store, accounts[index], index));
  const latencies = [await measureChecks(store, first)];
  const rest = await makeAll(count - firstSessions, (index) =>
    makeSession(store, accounts[firstSessions + index], index),
  );
  const sessions = [...first, ...rest];
  const withSessions = await usedMemory(store);
  latencies.push(await measureChecks(store, sessions));
  const { bytesByKey, encodings } = await lookInside(store, sessions);

  const beforeConnections = await usedMemory(store);
  await makeAll(count, (index) => connect(store, sessions[index]));
  const beforeAudit = await usedMemory(store);
  await makeAll(count, (index) => tellSignIn(store, sessions[index]));
  return {
    sessions: count,
    bytesPerSession: Math.round((withSessions - withAccounts) / count),
    bytesByKey,
    bytesPerAccount: Math.round((withAccounts - empty) / count),
    bytesPerConnection: Math.round((beforeAudit - beforeConnections) / count),
    bytesPerAuditedSignIn: Math.round(((await usedMemory(store)) - beforeAudit) / count),
    encodings,
    latencies,
  };
}

async function openPrivateStore(open: AsyncDisposableStack): Promise<Store> {
  const folder = mkdtempSync(join(tmpdir(), 'bednet-memory-'));
  open.defer(() => rmSync(folder, { recursive: true, force: true }));
  const password = randomBytes(32).toString('base64url');
  const stack = await startStack({
    runDir: folder,
    parts: ['redis'],
    extraRedisUsers: [`user bench on #${sha256Hex(password)} ~* &* +@all`],
  });
  open.defer(stack.stop);
  const url = `redis://bench:${password}@127.0.0.1:${stack.ports.redis}`;
  const store = openStore({ url, commandTimeoutMs: 10_000 });
  open.defer(() => store.close());
  await untilReady(store, 5000);
  await store.redis.config('SET', 'appendfsync', 'everysec');
  return store;
}

async function makeAll<T>(count: number, make: (index: number) => Promise<T>): Promise<T[]> {
  const made: T[] = [];
  let next = 0;
  const work = async () => {
    for (let index = next++; index < count; index = next++) made[index] = await make(index);
  };
  await Promise.all(Array.from({ length: inFlight }, work));
  return made;
}

async function makeAccount(store: Store, index: number): Promise<{ uid: string; username: string }> {
  const username = `person-${index}`;
  const email = `${username}@example.org`;
  const account = { username, email, roles: ['user'], passwordHash: 'none', actor: 'bench' };
  const created = await createAccount(store, account);
  if (created.outcome !== 'created') throw new Error(created.outcome);
  return { uid: created.uid, username };
}

async function makeSession(
  store: Store,
  account: { uid: string; username: string } | undefined,
  index: number,
): Promise<BenchSession> {
  if (account === undefined) throw new Error('there are more sessions than accounts');
  const ip = `192.0.${index % 256}.${(index >> 8) % 256}`;
  const userAgent = userAgents[index % userAgents.length] ?? '';
  const context = { uid: account.uid, epoch: '0', amr: ['pwd'], ip, userAgent };
  const session = await createSession(store, context, lives);
  if (session === undefined) throw new Error('a session was refused');
  return { ...account, sid: session.sid };
}

/** Notes a connection as the webhook does at CONNECT. */
async function connect(store: Store, session: BenchSession | undefined): Promise<void> {
  if (session === undefined) return;
  await recordClientAndReadFacts(store, session.sid, { clientId: session.sid, generation: 1 }, Date.now());
}

async function tellSignIn(store: Store, session: BenchSession | undefined): Promise<void> {
  if (session === undefined) return;
  const { uid, sid } = session;
  appendAudit(store, { event: 'sign-in', actor: uid, uid, sid, ip: '192.0.2.1' });
  await untilAuditWritten(store, 10_000);
}

/** used_memory while nothing is being rewritten. */
async function usedMemory(store: Store): Promise<number> {
  for (;;) {
    const info = await store.redis.info();
    const field = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1]);
    if (field('aof_rewrite_in_progress') + field('aof_rewrite_scheduled') === 0) return field('used_memory');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Granted checks of sessions at random, one in flight, in turns with PING, so that a slow moment meets both. */
async function measureChecks(store: Store, sessions: readonly BenchSession[]): Promise<CheckLatency> {
  const sources = { store, rules: createRulesSource(store) };
  const checkMs: number[] = [];
  const pingMs: number[] = [];
  for (let i = -checks / 10; i < checks; i += 1) {
    const { sid, username } = sessions[Math.floor(Math.random() * sessions.length)] as BenchSession;
    const check = { username, clientId: sid, topic: `users/${username}/x`, access: 'write' } as const;
    const startMs = performance.now();
    const { decision } = await checkAcl(sources, check);
    const checkedMs = performance.now();
    await store.redis.ping();
    if (!decision.granted) throw new Error(`a check was denied: ${decision.reason}`);
    if (i < 0) continue; // warm-up
    checkMs.push(checkedMs - startMs);
    pingMs.push(performance.now() - checkedMs);
  }
  return { sessions: sessions.length, check: latencyOf(checkMs), ping: latencyOf(pingMs) };
}

function latencyOf(timesMs: number[]): Latency {
  return { p50Ms: percentile(timesMs, 50), p99Ms: percentile(timesMs, 99) };
}

async function lookInside(
  store: Store,
  sessions: readonly BenchSession[],
): Promise<Pick<SessionMemory, 'bytesByKey' | 'encodings'>> {
  const some = sessions.slice(0, firstSessions);
  const [first] = some as [BenchSession];
  const sizeOf = async (key: string) => Number(await store.redis.memory('USAGE', key, 'SAMPLES', 0));
  const mean = async (keys: string[], per = keys.length) =>
    Math.round((await Promise.all(keys.map(sizeOf))).reduce((sum, size) => sum + size, 0) / per);
  const events = partitions.map(eventsKey);
  const eventCounts = await Promise.all(events.map((key) => store.redis.xlen(key)));
  const bytesByKey = {
    session: await mean(some.map(({ sid }) => sessionKey(sid))),
    index: await mean(some.map(({ uid }) => sessionIndexKey(uid))),
    expiry: await mean(partitions.map(expiryKey), sessions.length),
    events: await mean(
      events,
      eventCounts.reduce((sum, length) => sum + length, 0),
    ),
  };
  const encodings = {
    session: String(await store.redis.object('ENCODING', sessionKey(first.sid))),
    index: String(await store.redis.object('ENCODING', sessionIndexKey(first.uid))),
    expiry: String(await store.redis.object('ENCODING', expiryKey(partitionOf(first.sid)))),
  };
  return { bytesByKey, encodings };
}
