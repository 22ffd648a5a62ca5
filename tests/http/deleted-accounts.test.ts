import t from 'tap';
import { deleteAccount, restoreAccount } from '../../services/core/accounts/change-account-state.ts';
import { purgeAccount } from '../../services/core/accounts/purge-account.ts';
import { sweepOnce } from '../../services/core/housekeeping/sweep.ts';
import { accountKey, emailKey, loginKey, sessionKey } from '../../services/core/redis/keys.ts';
import { giveRoles, letSignInAge, signInOperator } from '../support/admins.ts';
import { countHashes } from '../support/count-work.ts';
import { keysOf } from '../support/every-primary.ts';
import { startMailStage } from '../support/mail-service.ts';
import { secondFactorHands } from '../support/second-factor.ts';
import { seen } from '../support/seen.ts';
import type { Person } from '../support/session-service.ts';

const purgatorySeconds = 5000;
const stage = await startMailStage(t, { ACCOUNT_PURGATORY_SECONDS: String(purgatorySeconds) });
const { ask, app, register, signInSomebody, store, newestMail } = stage;
const { enrol, codeOf } = secondFactorHands(stage);
const admin = await signInOperator(stage);

const login = ({ username, password }: Person) =>
  ask('POST', '/api/auth/login', { body: { username, password } });
const deleteMe = (token: string, body?: object) =>
  ask('DELETE', '/api/auth/me', { token, ...(body && { body }) });
const isLive = async (token: string) => (await ask('GET', '/api/auth/me', { token })).status === 200;
const change = (uid: string) => ({ uid, reason: 'test', actor: 'test' });
const auditOf = async (uid: string) =>
  (await admin.ask('GET', `/audit?uid=${uid}`)).body.data.entries as Record<string, string>[];

t.test('an owner deletes the account: all sessions end and the owner gets a mail', async (t) => {
  const { person, user, access_token: token } = await signInSomebody();
  const other = await stage.signIn(person);

  const answer = await deleteMe(token);

  t.equal(answer.status, 200, answer.text);
  const inSeconds = (Date.parse(answer.body.data.purge_at) - Date.now()) / 1000;
  t.ok(Math.abs(inSeconds - purgatorySeconds) < 60, 'until the end of the purgatory');
  for (const each of [token, other.access_token]) t.notOk(await isLive(each));
  t.match(await store.redis.hgetall(sessionKey(other.session_id)), {
    state: 'revoked',
    reason: 'deleted-by-owner',
    actor: user.id,
  });
  t.match(await newestMail(person.email), { subject: /was deleted$/, text: /restored until/ });
  t.match((await auditOf(user.id))[0], { event: 'account-deleted', actor: user.id, sid: /./ });
});

t.test('deleting the own account needs a fresh sign-in, or password and code', async (t) => {
  const { person, user, access_token: token, session_id: sid } = await signInSomebody();
  await letSignInAge(store, sid, 301);

  t.match(await deleteMe(token), { status: 403, code: 'AUTH_STEP_UP_REQUIRED' });
  t.match(await deleteMe(token, { password: 'not the right password' }), {
    status: 401,
    code: 'AUTH_INVALID_CREDENTIALS',
  });
  t.ok(await isLive(token), 'nothing has happened');
  const { password } = person;
  t.equal((await deleteMe(token, { password, uid: admin.user.id })).status, 200);
  t.ok(await isLive(admin.access_token), 'nobody else can be named');
  t.equal(await store.redis.hget(accountKey(user.id), 'state'), 'deleted');
});

t.test('where a second factor is on, the password alone deletes nothing', async (t) => {
  const { person, secret, tokens } = await enrol();
  await letSignInAge(store, tokens.session_id, 301);
  const { password } = person;
  const token = tokens.access_token;

  t.equal((await deleteMe(token, { password })).code, 'AUTH_MFA_REQUIRED');
  t.equal((await deleteMe(token, { password, code: '000000' })).code, 'AUTH_MFA_INVALID');
  t.ok(await isLive(token));
  t.equal((await deleteMe(token, { password, code: await codeOf(secret) })).status, 200);
});

t.test('a sign-in to a deleted account looks like a wrong password and costs the same', async (t) => {
  const { person, access_token: token } = await signInSomebody();
  await deleteMe(token);
  const stranger = { ...person, username: 'nobody-has-this-name' };

  const [unknown, gone] = [await login(stranger), await login(person)];

  t.match(gone, { status: 401, code: 'AUTH_INVALID_CREDENTIALS' });
  t.same(seen(gone), seen(unknown));
  t.equal(await countHashes(() => login(person)), await countHashes(() => login(stranger)));
});

t.test('a deleted account keeps its names, and gets no link for a new password', async (t) => {
  const { person, user, access_token: token } = await signInSomebody();
  await deleteMe(token);
  await newestMail(person.email, 1);

  const taken = await ask('POST', '/api/auth/register', { body: person });
  await ask('POST', '/api/auth/forgot-password', { body: { email: person.email } });
  await stage.untilDelivered();

  t.match(taken, { status: 409, code: 'RES_USERNAME_TAKEN' });
  t.equal((await stage.mailsTo(person.email)).length, 1, 'the notice alone');
  t.equal(await store.redis.get(emailKey(person.email)), user.id);
});

t.test('a restored account signs in again with its password; no session comes back', async (t) => {
  const { person, user, access_token: token } = await signInSomebody();
  await deleteMe(token);

  const restored = await admin.ask('POST', `/accounts/${user.id}/restore`, { body: { reason: 'a mistake' } });
  const again = await admin.ask('POST', `/accounts/${user.id}/restore`);

  t.same(restored.body.data, { changed: true, state: 'active' });
  t.same(again.body.data, { changed: false, state: 'active' });
  t.notOk(await isLive(token));
  t.equal((await login(person)).status, 200);
  t.equal(await store.redis.hexists(accountKey(user.id), 'purgeAtMs'), 0);
  const events = (await auditOf(user.id)).filter(({ actor }) => actor === admin.user.id);
  t.match(events, [{ event: 'account-restored', reason: 'a mistake' }]);
});

t.test('an account that was disabled before it was deleted is restored as disabled', async (t) => {
  const { person, user } = await signInSomebody();
  await admin.ask('POST', `/accounts/${user.id}/disable`);
  await admin.ask('DELETE', `/accounts/${user.id}`);

  const { body } = await admin.ask('POST', `/accounts/${user.id}/restore`);

  t.same(body.data, { changed: true, state: 'disabled' });
  t.equal((await login(person)).status, 401);
});

t.test('an admin deletes, lists and purges; the names are free then', async (t) => {
  const { person, user } = await signInSomebody();

  const deleted = await admin.ask('DELETE', `/accounts/${user.id}`, { body: { reason: 'left' } });
  const again = await admin.ask('DELETE', `/accounts/${user.id}`);
  const shown = await admin.ask('GET', `/accounts/${user.id}`);
  const listed = await admin.ask('GET', '/accounts?state=deleted&limit=100');

  t.match(deleted.body.data, { changed: true, ended_sessions: 1, purge_at: /Z$/ });
  t.match(again.body.data, { changed: false, purge_at: deleted.body.data.purge_at }, 'the end stays');
  t.match(shown.body.data, { state: 'deleted', purge_at: deleted.body.data.purge_at });
  const listedIds = listed.body.data.accounts.map(({ id }: { id: string }) => id);
  t.ok(listedIds.includes(user.id) && !listedIds.includes(admin.user.id));

  t.equal((await admin.ask('POST', `/accounts/${user.id}/purge`)).status, 200);
  t.equal((await admin.ask('GET', `/accounts/${user.id}`)).status, 404);
  t.same(await keysOf(store, `*:${user.id}`), [], 'nothing is kept under the id');
  t.equal((await ask('POST', '/api/auth/register', { body: person })).status, 201);
  t.match((await auditOf(user.id))[0], { event: 'account-purged', actor: admin.user.id });
});

t.test(
  'nothing else than restoring changes a deleted account, and nobody purges one that is not',
  async (t) => {
    const { user } = await signInSomebody();
    const { user: present } = await signInSomebody();
    await admin.ask('DELETE', `/accounts/${user.id}`);
    const acts = [
      'enable',
      'disable',
      'unlock',
      'force-password-change',
      'remove-second-factor',
      'start-reset',
    ];

    for (const act of acts) {
      const answer = await admin.ask('POST', `/accounts/${user.id}/${act}`);
      t.match(answer, { status: 409, code: 'RES_ACCOUNT_DELETED' }, act);
    }
    const roles = await admin.ask('PUT', `/accounts/${user.id}/roles`, { body: { roles: ['user'] } });
    t.equal(roles.code, 'RES_ACCOUNT_DELETED');
    t.equal((await admin.ask('POST', `/accounts/${present.id}/purge`)).code, 'RES_ACCOUNT_NOT_DELETED');
    t.equal((await admin.ask('GET', `/accounts/${present.id}`)).body.data.state, 'active');
  },
);

t.test('a link for a new password from before the deletion is void, also in flight', async (t) => {
  const { person, user, access_token: token } = await signInSomebody();
  await ask('POST', '/api/auth/forgot-password', { body: { email: person.email } });
  const link = await stage.newestToken(person.email);
  const reset = () =>
    ask('POST', '/api/auth/reset-password', {
      body: { token: link, new_password: 'another long enough password' },
    });

  await deleteMe(token);

  t.equal((await reset()).code, 'AUTH_INVALID_TOKEN');
  await admin.ask('POST', `/accounts/${user.id}/restore`);
  t.equal((await login(person)).status, 200, 'the password is what it was');
});

t.test('the last admin can not delete the own account', async (t) => {
  for (const uid of await store.redis.smembers('bn:{admins}:uids')) {
    if (uid !== admin.user.id) await giveRoles(store, uid, ['user']);
  }

  const answer = await deleteMe(admin.access_token, { password: admin.person.password });

  t.match(answer, { status: 409, code: 'RES_LAST_ADMIN' });
  t.ok(await isLive(admin.access_token));
});

t.test('of two admins who delete themselves at once one stays', async (t) => {
  for (let round = 0; round < 5; round += 1) {
    const pair = [await signInOperator(stage, ['admin']), await signInOperator(stage, ['admin'])] as const;
    await store.redis.hset(accountKey(admin.user.id), 'roles', 'user');

    const answers = await Promise.all(pair.map(({ access_token: token }) => deleteMe(token)));

    const codes = answers.map(({ status, code }) => code ?? status);
    t.ok(codes.includes('RES_LAST_ADMIN'), codes.join(' '));
    for (const { user } of pair) await store.redis.hset(accountKey(user.id), 'roles', 'user');
    await store.redis.hset(accountKey(admin.user.id), 'roles', 'user,admin');
  }
});

t.test('of a restoration and a purge at once exactly one happens', async (t) => {
  const outcomes = new Set<string>();
  for (let round = 0; round < 40; round += 1) {
    const { username } = await register();
    const uid = (await store.redis.get(loginKey(username))) ?? '';
    await deleteAccount(store, { ...change(uid), purgatorySeconds: 60 });
    const restoring = () => restoreAccount(store, change(uid));
    const purging = () => purgeAccount(store, { uid, actor: 'test', atOnce: true });

    const [restored, purged] =
      round % 2 === 0
        ? await Promise.all([restoring(), purging()])
        : await Promise.all([purging(), restoring()]).then(([purge, restore]) => [restore, purge] as const);

    const isRestored = restored?.changed === true;
    t.not(isRestored, purged.outcome === 'purged', 'one of them');
    t.equal(await store.redis.exists(accountKey(uid)), isRestored ? 1 : 0);
    t.equal(await store.redis.get(loginKey(username)), isRestored ? uid : null, 'the name with it');
    outcomes.add(isRestored ? 'restored' : 'purged');
  }
  t.equal(outcomes.size, 2, 'both orders were met');
});

t.test('no sign-in that meets a deletion leaves a live session', async (t) => {
  for (let round = 0; round < 10; round += 1) {
    const person = await register();
    const uid = (await store.redis.get(loginKey(person.username))) ?? '';
    const signIns = Array.from({ length: 4 }, () => login(person));

    const removal = deleteAccount(store, { ...change(uid), purgatorySeconds: 60 });
    const answers = await Promise.all(signIns);
    await removal;

    for (const { status, body } of answers) {
      t.ok([200, 401].includes(status), String(status));
      if (status === 200) t.notOk(await isLive(body.data.access_token));
    }
    await restoreAccount(store, change(uid));
    t.equal(
      await store.redis.exists(`bn:{${uid[0]}}:sessions:${uid}`),
      0,
      'nor does a restoration bring one',
    );
  }
});

t.test('housekeeping purges at the end of the purgatory and not before', async (t) => {
  const { person, user, access_token: token } = await signInSomebody();
  await deleteMe(token);
  const sweepAt = async (nowMs: number) => {
    for (;;) {
      const result = await sweepOnce(store, { nowMs, budgetMs: 5000 });
      if (result.outcome === 'swept' && result.isWalkDone) return;
    }
  };

  await sweepAt(Date.now() + (purgatorySeconds - 60) * 1000);
  t.equal(await store.redis.exists(accountKey(user.id)), 1);
  await sweepAt(Date.now() + (purgatorySeconds + 60) * 1000);

  for (const key of [accountKey(user.id), loginKey(person.username)])
    t.equal(await store.redis.exists(key), 0, key);
  t.ok(app.server.listening);
});
