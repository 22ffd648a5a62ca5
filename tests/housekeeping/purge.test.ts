import t from 'tap';
import { createAccount } from '../../services/core/accounts/create-account.ts';
import { purgeAccount } from '../../services/core/accounts/purge-account.ts';
import { appendAudit, untilAuditWritten } from '../../services/core/audit/append.ts';
import { readAudit } from '../../services/core/audit/read.ts';
import { sweepOnce } from '../../services/core/housekeeping/sweep.ts';
import { partitionOf } from '../../services/core/ids.ts';
import {
  accountKey,
  credentialKey,
  emailKey,
  eventsKey,
  guessesKey,
  knownNetworksKey,
  loginKey,
} from '../../services/core/redis/keys.ts';
import { keysOf } from '../support/every-primary.ts';
import { open, startSweepStage } from './sweep-stage.ts';

const { url, store, admin, sweep, newAccount, signIn } = await startSweepStage(t);
const past = String(Date.now() - 60_000);
const future = String(Date.now() + 60_000);

t.test('an account past its purgatory goes with all that is kept about the person', async (t) => {
  const account = await newAccount({ state: 'deleted', purgeAtMs: past });
  const { uid, username, email } = account;
  const person = { partition: partitionOf(uid), name: uid };
  await admin.redis.zadd(knownNetworksKey(person), 1, '192.0.2.7');
  await admin.redis.hset(guessesKey(person, 'password'), 'row', 3);
  appendAudit(store, { event: 'sign-in', actor: uid, uid });
  await untilAuditWritten(store, 5000);

  const counts = await sweep();
  await untilAuditWritten(store, 5000);

  t.equal(counts.accountsPurged, 1);
  t.same(await keysOf(admin, `*${uid}*`), [], 'no key is left');
  const template = { email, roles: [], passwordHash: 'none', actor: 'test' };
  t.match(
    await createAccount(admin, { username, ...template }),
    { outcome: 'created' },
    'its names are free',
  );
  const [fact] = (await readAudit(admin, { cursor: '', limit: 1 })).entries;
  t.match(fact, { event: 'account-purged', actor: 'system', uid, reason: 'purgatory-over' });
  t.match(await lastEvent(uid), { type: 'account-purged', uid, reason: 'purgatory-over', actor: 'system' });
});

t.test('names that a purge which died half-way left behind are free after a day at the latest', async (t) => {
  const { uid, username, email } = await newAccount();
  await admin.redis.del(accountKey(uid), credentialKey(uid));

  const counts = await sweep();

  t.match(counts, { accountsPurged: 0, claimsDoubted: 2 });
  for (const key of [loginKey(username), emailKey(email)]) t.ok((await admin.redis.ttl(key)) > 0);
});

t.test('the names of an account are free once its removal is confirmed', async (t) => {
  const { uid, username, email } = await newAccount({ state: 'deleted', purgeAtMs: past });
  const failing = { ...store, confirmDurable: () => Promise.reject(new Error('no replica')) };

  await t.rejects(purgeAccount(failing, { uid, actor: 'test', atOnce: true }), /no replica/);

  for (const key of [loginKey(username), emailKey(email)]) t.equal(await admin.redis.get(key), uid);
});

t.test('an account stays as long as it is not due', async (t) => {
  const cases: Record<string, Record<string, string>> = {
    'still in purgatory': { state: 'deleted', purgeAtMs: future },
    restored: { state: 'active', purgeAtMs: past },
    'restored to disabled': { state: 'disabled', purgeAtMs: past },
    'in purgatory without end': { state: 'deleted', purgeAtMs: '' },
    'still to be verified': { pendingUntilMs: future },
    verified: { pendingUntilMs: past, emailVerified: '1' },
    'disabled before it was verified': { pendingUntilMs: past, state: 'disabled' },
  };
  const accounts = await Promise.all(
    Object.entries(cases).map(async ([name, fields]) => ({ name, ...(await newAccount(fields)) })),
  );

  const counts = await sweep();

  t.equal(counts.accountsPurged, 0);
  for (const { name, uid } of accounts) t.equal(await admin.redis.exists(accountKey(uid)), 1, name);
});

t.test('an account whose e-mail address was never verified goes, unless it has a session', async (t) => {
  const [unused, used] = [await newAccount(), await newAccount()];
  await signIn(used.uid);
  for (const { uid } of [unused, used]) await admin.redis.hset(accountKey(uid), 'pendingUntilMs', past);

  const counts = await sweep();

  t.equal(counts.accountsPurged, 1);
  t.equal(await admin.redis.exists(accountKey(unused.uid)), 0);
  t.equal(await admin.redis.exists(accountKey(used.uid)), 1);
  t.match(await lastEvent(unused.uid), { reason: 'never-verified' });
});

t.test('many instances that sweep at once purge an account once', async (t) => {
  const { uid } = await newAccount({ state: 'deleted', purgeAtMs: past });
  const stores = await Promise.all(Array.from({ length: 5 }, () => open(t, url)));

  const results = await Promise.all(stores.map((each) => sweepOnce(each, { budgetMs: 5000 })));

  const purged = results.map((result) => (result.outcome === 'swept' ? result.counts.accountsPurged : 0));
  t.equal(
    purged.reduce((sum, count) => sum + count, 0),
    1,
  );
  t.equal(await admin.redis.exists(accountKey(uid)), 0);
});

async function lastEvent(uid: string): Promise<Record<string, string>> {
  for (const [, flat] of await admin.redis.xrevrange(eventsKey(partitionOf(uid)), '+', '-')) {
    const event: Record<string, string> = {};
    for (let i = 0; i + 1 < flat.length; i += 2) event[flat[i] as string] = flat[i + 1] as string;
    if (event.uid === uid) return event;
  }
  return {};
}
