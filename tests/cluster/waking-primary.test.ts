import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { createAccount } from '../../services/core/accounts/create-account.ts';
import { sessionKey } from '../../services/core/redis/keys.ts';
import { openStore, untilReady, type Store } from '../../services/core/redis/store.ts';
import { createSession } from '../../services/core/sessions/create-session.ts';
import { renewSession } from '../../services/core/sessions/renew-session.ts';
import { revokeSession } from '../../services/core/sessions/revoke-sessions.ts';
import type { LiveSession, SessionLives } from '../../services/core/sessions/session.ts';
import { openTestStore } from '../cli/sign-in.ts';
import { startClusterFor, type ClusterStage } from '../support/cluster-stage.ts';
import { needsCluster } from '../support/test-redis.ts';
import { until } from '../support/until.ts';

/** For how long the old primary sleeps on: at first no client has heard of the new one, then all have. */
const sleepsOnMs = [0, 800, 1500];
const sessionsWanted = 90;
const lives: SessionLives = {
  accessTtlSeconds: 900,
  renewalIdleSeconds: 3600,
  absoluteSeconds: 7200,
  renewalGraceSeconds: 10,
  sessionsPerAccount: 1000,
};
const by = { reason: 'stolen', actor: 'ops' };

t.test(
  'what a primary takes as it wakes up, and then forgets, is acknowledged to nobody',
  needsCluster,
  async (t) => {
    const servers = await startClusterFor(t);
    const strict = openStore({ url: servers.url('session'), commandTimeoutMs: 2000, replicasRequired: 1 });
    t.teardown(() => strict.close());
    await untilReady(strict, 5000);
    const admin = await openTestStore(t, servers.url('test'));
    const account = { username: 'ana', roles: ['user'], passwordHash: 'none', actor: 'test' };
    const created = await createAccount(admin, account);
    if (created.outcome !== 'created') throw new Error(created.outcome);

    for (const sleepMs of sleepsOnMs) {
      const sessions = await signInMany(admin, created.uid);
      const { revoked, renewed } = await freezeAndWake({ servers, strict, sleepMs }, sessions);

      for (const sid of revoked)
        t.equal(await admin.redis.hget(sessionKey(sid), 'state'), 'revoked', 'a revocation');
      for (const sid of renewed)
        t.equal(await admin.redis.hget(sessionKey(sid), 'generation'), '2', 'a renewal');
      const [{ sid, uid }] = sessions;
      const isAcknowledged = () => isKept(revokeSession(strict, sid, { uid, ...by }));
      await until(isAcknowledged, { what: 'a revocation that is acknowledged again' });
      t.equal(await admin.redis.hget(sessionKey(sid), 'state'), 'revoked', 'and later ones are kept');
    }
  },
);

/** Some get 503 after the round before: the primary is new to this client, too. */
async function signInMany(store: Store, uid: string): Promise<[LiveSession, ...LiveSession[]]> {
  const context = { uid, epoch: '0', amr: ['pwd'], ip: '192.0.2.1', userAgent: 'test' };
  const sessions: LiveSession[] = [];
  while (sessions.length < sessionsWanted) {
    const session = await createSession(store, context, lives).catch(() => undefined);
    if (session) sessions.push(session);
    else await delay(50);
  }
  return sessions as [LiveSession, ...LiveSession[]];
}

/** Ends and renews sessions while their primary stands still, another one is promoted, and it wakes up. Returns what was acknowledged. */
async function freezeAndWake(
  { servers, strict, sleepMs }: { servers: ClusterStage; strict: Store; sleepMs: number },
  sessions: readonly [LiveSession, ...LiveSession[]],
) {
  const key = sessionKey(sessions[0].sid);
  const old = await servers.primaryOf(key);
  const acknowledged = { revoked: [] as string[], renewed: [] as string[] };
  let isAwake = false;
  old.pause();
  const woken = servers.untilPromoted(old, key).then(async () => {
    await delay(sleepMs);
    old.resume();
    isAwake = true;
  });
  const calls = sessions.map(async ({ sid, uid }, index) => {
    for (let turn = 0; turn < index && !isAwake; turn += 1) await delay(60);
    if (index % 2 === 0) {
      if (await isKept(revokeSession(strict, sid, { uid, ...by }))) acknowledged.revoked.push(sid);
    } else if (await isKept(renewSession(strict, { sid, generation: 1 }, lives)))
      acknowledged.renewed.push(sid);
  });
  await Promise.all([woken, ...calls]);
  await servers.untilReplicated();
  return acknowledged;
}

function isKept(call: Promise<unknown>): Promise<boolean> {
  return call.then(
    () => true,
    () => false,
  );
}
