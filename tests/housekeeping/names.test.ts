import t from 'tap';
import { deleteAccount } from '../../services/core/accounts/change-account-state.ts';
import { purgeAccount } from '../../services/core/accounts/purge-account.ts';
import { findUidByLogin } from '../../services/core/accounts/account.ts';
import { sweepOnce } from '../../services/core/housekeeping/sweep.ts';
import { newUid, partitionOf } from '../../services/core/ids.ts';
import {
  accountIndexKey,
  accountKey,
  credentialKey,
  emailKey,
  eventsKey,
  loginKey,
} from '../../services/core/redis/keys.ts';
import { open, startSweepStage, sweepToTheEnd } from './sweep-stage.ts';

const { url, store, admin, sweep, newAccount } = await startSweepStage(t);
const forGood = -1;
const claimSeconds = 86_400;

t.test('a name that is claimed for an account not yet created keeps its claim', async (t) => {
  const uid = newUid();
  await admin.redis.set(loginKey('early'), uid, 'EX', 5000, 'NX');

  const counts = await sweep();
  await writeAccount(uid, 'early');
  await admin.redis.persist(loginKey('early'));
  await sweep();

  t.equal(counts.claimsDoubted, 0);
  t.equal(await findUidByLogin(admin, 'early'), uid);
  t.equal(await admin.redis.ttl(loginKey('early')), forGood);
});

t.test('names of an account whose creation died before they became permanent do not lapse', async (t) => {
  const { username, email, uid } = await newAccount();
  for (const key of [loginKey(username), emailKey(email)]) await admin.redis.expire(key, 100);

  const counts = await sweep();

  t.equal(counts.namesSettled, 2);
  t.equal(await findUidByLogin(admin, username), uid);
  t.equal(await admin.redis.ttl(loginKey(username)), forGood);
  t.equal(await admin.redis.ttl(emailKey(email)), forGood);
});

t.test('an account whose name has lapsed gets it back', async (t) => {
  const { username, uid } = await newAccount();
  await admin.redis.del(loginKey(username));

  const first = await sweep();
  const ttlSeconds = await admin.redis.ttl(loginKey(username));
  const second = await sweep();

  t.match([first.namesReclaimed, second.namesSettled], [1, 1]);
  t.ok(ttlSeconds > 0 && ttlSeconds <= claimSeconds, 'for a day at first');
  t.equal(await findUidByLogin(admin, username), uid);
  t.equal(await admin.redis.ttl(loginKey(username)), forGood);
});

t.test(
  'a permanent name without an account lapses in a day, and not later for being seen again',
  async (t) => {
    const keys = [loginKey('orphan'), emailKey('orphan@example.org')];
    for (const key of keys) await admin.redis.set(key, newUid());

    const first = await sweep();
    for (const key of keys) await admin.redis.expire(key, 50_000);
    const second = await sweep();

    t.match([first.claimsDoubted, second.claimsDoubted], [2, 0]);
    for (const key of keys) t.ok((await admin.redis.ttl(key)) <= 50_000, key);
  },
);

t.test('a name in doubt is kept once an account answers for it', async (t) => {
  const uid = newUid();
  await admin.redis.set(loginKey('late'), uid);

  await sweep();
  const doubtedSeconds = await admin.redis.ttl(loginKey('late'));
  await writeAccount(uid, 'Late');
  await sweep();

  t.ok(doubtedSeconds > claimSeconds - 60 && doubtedSeconds <= claimSeconds);
  t.equal(await admin.redis.ttl(loginKey('late')), forGood);
});

t.test('an e-mail address that an account has left lapses in a day', async (t) => {
  const { uid, email } = await newAccount();
  await admin.redis.set(emailKey('new@example.org'), uid);
  await admin.redis.hset(accountKey(uid), 'email', 'new@example.org');

  await sweep();

  t.ok((await admin.redis.ttl(emailKey(email))) > 0);
  t.equal(await admin.redis.ttl(emailKey('new@example.org')), forGood);
});

t.test('a name that another account holds is reported and left alone', async (t) => {
  const [mine, other] = [await newAccount(), await newAccount()];
  await admin.redis.set(loginKey(mine.username), other.uid);

  const first = await sweep();
  await admin.redis.set(loginKey(mine.username), mine.uid);
  const second = await sweep();

  t.match([first.namesInConflict, second.namesInConflict], [1, 0]);
});

t.test('accounts that are created and deleted beside sweeps keep, or free, their names', async (t) => {
  const second = await open(t, url);
  let done = false;
  const sweeping = [store, second].map(async (each) => {
    while (!done) await sweepOnce(each, { budgetMs: 5, keysPerStep: 20 });
  });

  const accounts = await Promise.all(Array.from({ length: 60 }, () => newAccount()));
  const deleted = accounts.slice(0, 30);
  const kept = accounts.slice(30);
  const removal = { reason: 'test', actor: 'test', purgatorySeconds: 60 };
  await Promise.all(
    deleted.map(async ({ uid }) => {
      await deleteAccount(admin, { uid, ...removal });
      await purgeAccount(admin, { uid, actor: 'test', atOnce: true });
    }),
  );
  done = true;
  await Promise.all(sweeping);
  await sweepToTheEnd(store);
  await sweep();

  for (const { uid, username, email } of kept) {
    t.equal(await findUidByLogin(admin, username), uid);
    t.equal(await admin.redis.ttl(loginKey(username)), forGood);
    t.equal(await admin.redis.ttl(emailKey(email)), forGood);
  }
  for (const { username, email } of deleted) {
    t.not(await admin.redis.ttl(loginKey(username)), forGood, 'is free, or will be in a day');
    t.not(await admin.redis.ttl(emailKey(email)), forGood, 'is free, or will be in a day');
  }
});

t.test('a name is freed by its own account alone', async (t) => {
  const { uid, username } = await newAccount();

  t.same(await store.run('key-release', [loginKey(username)], [newUid()]), ['lost']);
  t.same(await store.run('claim-settle', [loginKey(username)], [newUid(), 9]), ['lost']);
  t.equal(await admin.redis.ttl(loginKey(username)), forGood);
  t.same(await store.run('key-release', [loginKey(username)], [uid]), ['released']);
});

async function writeAccount(uid: string, username: string): Promise<void> {
  await admin.run(
    'account-create',
    [accountKey(uid), credentialKey(uid), eventsKey(partitionOf(uid)), accountIndexKey(partitionOf(uid))],
    [uid, username, '', '', 'user', 'none', 'test', ''],
  );
}
