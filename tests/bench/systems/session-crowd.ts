import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { createAccount } from '../../../services/core/accounts/create-account.ts';
import { appendAudit, untilAuditWritten } from '../../../services/core/audit/append.ts';
import { noteClients } from '../../../services/core/connections/note-clients.ts';
import { openStore, untilReady, type Store } from '../../../services/core/redis/store.ts';
import { createSession } from '../../../services/core/sessions/create-session.ts';
import { sha256Hex } from '../../../services/stack/secrets.ts';
import { startStack, type Stack } from '../../../services/stack/stack.ts';

/** A live session, as far as a check names it. */
export interface CrowdSession {
  uid: string;
  sid: string;
  username: string;
}

/** An account of which a session can be made. */
export type CrowdAccount = Pick<CrowdSession, 'uid' | 'username'>;

/** A webhook service on a Redis of its own, and hands to fill that. */
export interface CrowdStage {
  stack: Stack;
  store: Store;
}

const inFlight = 64;
const lives = {
  accessTtlSeconds: 86_400,
  renewalIdleSeconds: 604_800,
  absoluteSeconds: 2_592_000,
  renewalGraceSeconds: 10,
  sessionsPerAccount: 20,
};
/** Four of today's browsers, 69 to 138 characters. */
const userAgents = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Android 15; Mobile; rv:143.0) Gecko/143.0 Firefox/143.0',
];

/**
 * Starts Redis and the webhook service with the project's redis.conf, but for appendfsync everysec: the row is about
 * memory and reads, and a flush per session takes long.
 */
export async function startCrowdStage(folder: string, open: AsyncDisposableStack): Promise<CrowdStage> {
  const password = randomBytes(32).toString('base64url');
  const stack = await startStack({
    runDir: join(folder, 'crowd'),
    parts: ['redis', 'webhook'],
    extraRedisUsers: [`user crowd on #${sha256Hex(password)} ~* &* +@all`],
  });
  open.defer(stack.stop);
  const url = `redis://crowd:${password}@127.0.0.1:${stack.ports.redis}`;
  const store = openStore({ url, commandTimeoutMs: 10_000 });
  open.defer(() => store.close());
  await untilReady(store, 5000);
  await store.redis.config('SET', 'appendfsync', 'everysec');
  return { stack, store };
}

/** Makes `count` accounts by the script that registrations use. */
export function makeAccounts(store: Store, count: number): Promise<CrowdAccount[]> {
  return overAll(Array.from({ length: count }), async (_, index) => {
    const username = `person-${index}`;
    const email = `${username}@example.org`;
    const account = { username, email, roles: ['user'], passwordHash: 'none', actor: 'bench' };
    const created = await createAccount(store, account);
    if (created.outcome !== 'created') throw new Error(created.outcome);
    return { uid: created.uid, username };
  });
}

/** Makes one session of each account by the script that sign-ins use. */
export function makeSessions(store: Store, accounts: readonly CrowdAccount[]): Promise<CrowdSession[]> {
  return overAll(accounts, async (account, index) => {
    const ip = `192.0.${index % 256}.${(index >> 8) % 256}`;
    const userAgent = userAgents[index % userAgents.length] ?? '';
    const context = { uid: account.uid, epoch: '0', amr: ['pwd'], ip, userAgent };
    const session = await createSession(store, context, lives);
    if (session === undefined) throw new Error('a session was refused');
    return { ...account, sid: session.sid };
  });
}

/** Notes a connection of each session as the webhook service does at CONNECT. */
export async function connectAll(store: Store, sessions: readonly CrowdSession[]): Promise<void> {
  await overAll(sessions, ({ sid }) =>
    noteClients(store, [{ sid, clientId: sid, generation: 1, seenMs: Date.now() }]),
  );
}

/** Writes the sign-in of each session to the audit and as the first activity of its account. */
export async function auditAll(store: Store, sessions: readonly CrowdSession[]): Promise<void> {
  await overAll(sessions, async ({ uid, sid }) => {
    appendAudit(store, { event: 'sign-in', actor: uid, uid, sid, ip: '192.0.2.1' });
    await untilAuditWritten(store, 10_000);
  });
}

async function overAll<T, R>(all: readonly T[], act: (one: T, index: number) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const rest = all.entries();
  const work = async () => {
    for (const [index, one] of rest) results[index] = await act(one, index);
  };
  await Promise.all(Array.from({ length: inFlight }, work));
  return results;
}
