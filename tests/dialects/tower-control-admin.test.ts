import t from 'tap';
import { disableAccount } from '../../services/core/accounts/change-account-state.ts';
import { findAccount } from '../../services/core/accounts/account.ts';
import { loginIdOf } from '../../services/session/dialects/tower-control/login-id.ts';
import { secondFactorHands } from '../support/second-factor.ts';
import { isResult } from './tower-stage.ts';
import {
  makeKey,
  nobody,
  refuses,
  refusesStrangers,
  startPeopleStage,
  type GuardedCall,
  type Member,
} from './tower-people.ts';

const stage = await startPeopleStage(t);
const { member, group, age, isLive, store, service, call } = stage;
const { enrol } = secondFactorHands({ ...service, store });
await group('one');
const god = await member(['user', 'admin']);

const trySignIn = async (person: object) => call(undefined)('POST', 'session/signin', person);
const listed = (answer: { body: { login: string }[] }) => answer.body.map(({ login }) => login);

t.test('an account that is not active can’t sign in, and its sessions and API keys have ended', async (t) => {
  const ann = await member(['user', 'user-apikey']);
  const key = await makeKey(stage, ann);
  const put = (state: boolean) => god.call('PUT', 'admin/active/', { login: ann.login, state });

  isResult(t, await put(false), 200, 'user-profile-activation-done');

  t.notOk(await isLive(ann.token));
  t.notOk(await isLive(key.token));
  isResult(t, await trySignIn(ann.person), 400, 'user-login-refused');
  isResult(t, await put(true), 200, 'user-profile-activation-done');
  t.equal((await trySignIn(ann.person)).status, 200);
  t.notOk(await isLive(ann.token), 'no ended session comes back');
  t.notOk(await isLive(key.token), 'no ended API key comes back');
});

t.test('a locked account can’t sign in, and its sessions and API keys have ended', async (t) => {
  const ann = await member(['user', 'user-apikey']);
  const key = await makeKey(stage, ann);
  const put = (state: boolean) => god.call('PUT', 'admin/lock', { login: ann.login, state });

  isResult(t, await put(true), 200, 'user-profile-lock-state-done');
  isResult(t, await put(true), 200, 'user-profile-lock-state-done', 'twice is no error');

  for (const { token } of [ann, key]) t.notOk(await isLive(token));
  isResult(t, await trySignIn(ann.person), 400, 'user-login-refused');
  isResult(t, await put(false), 200, 'user-profile-lock-state-done');
  const again = await stage.signIn(ann.person);
  t.ok(await isLive(again.token));
  t.notOk(await isLive(ann.token), 'no ended session comes back');
  t.strictSame((await again.call('GET', 'apikey')).body, [], 'nor does an API key');
});

t.test('a lock and being inactive are apart', async (t) => {
  const ann = await member();
  const put = (what: string, state: boolean) => god.call('PUT', `admin/${what}`, { login: ann.login, state });
  const facts = async () => {
    const { body } = await god.call('POST', 'admin/search', { search: ann.person.email });
    const [{ active, locked }] = body;
    return { active, locked };
  };

  await put('lock', true);
  t.same(await facts(), { active: true, locked: true });
  await put('active', false);
  await put('lock', false);
  t.same(await facts(), { active: false, locked: false });
  isResult(t, await trySignIn(ann.person), 400, 'user-login-refused', 'unlocking does not activate');
  await put('lock', true);
  await put('active', true);
  t.same(await facts(), { active: true, locked: true });
  isResult(t, await trySignIn(ann.person), 400, 'user-login-refused', 'activating does not unlock');
});

t.test('the lock of the admin API’s unlock is this one', async (t) => {
  const ann = await member();
  await god.call('PUT', 'admin/lock', { login: ann.login, state: true });

  await service.ask('POST', `/api/admin/accounts/${ann.uid}/unlock`, { token: god.token, body: {} });

  t.equal((await trySignIn(ann.person)).status, 200);
});

t.test('a sign-in under way dies by a lock', async (t) => {
  const ann = await member();
  await god.call('PUT', 'admin/lock', { login: ann.login, state: true });
  const before = await findAccount(store, ann.uid);

  t.equal(before?.state, 'disabled');
  const { createSession } = await import('../../services/core/sessions/create-session.ts');
  const late = { uid: ann.uid, epoch: before?.epoch ?? '', amr: [], ip: '', userAgent: '' };
  t.equal(await createSession(store, late, service.config.lives), undefined);
});

t.test('a second factor is removed once, never set', async (t) => {
  const ann = await member();
  const { person, uid, tokens } = await enrol();
  const login = loginIdOf(uid);
  const put = (state: boolean, whose = login) =>
    god.call('PUT', 'admin/2fa/disable', { login: whose, state });

  isResult(t, await put(false, ann.login), 400, 'user-profile-2fa-not-enabled');
  isResult(t, await put(true), 400, 'user-profile-2fa-enable-not-allowed');
  isResult(t, await put(false), 200, 'user-two-fa-deactivated');

  t.notOk(await isLive(tokens.access_token));
  t.match((await trySignIn(person)).body, { twoFARequired: false, twoFAType: 'NONE' });
  isResult(t, await put(false), 400, 'user-profile-2fa-not-enabled');
});

t.test('a deleted account waits in the purgatory, and comes back from there', async (t) => {
  const ann = await member();
  const before = Date.now();

  isResult(
    t,
    await god.call('DELETE', 'admin/delete', { login: ann.login }),
    200,
    'user-profile-delete-done',
  );

  t.notOk(await isLive(ann.token));
  isResult(t, await trySignIn(ann.person), 400, 'user-login-refused');
  const purgatory = await god.call('GET', 'admin/purgatory');
  const [entry] = purgatory.body.filter(({ login }: { login: string }) => login === ann.login);
  t.match(entry, { email: ann.person.email, active: false });
  t.ok(entry.deletionDate > before);
  const search = await god.call('POST', 'admin/search', { search: ann.person.email });
  t.strictSame(search.body, [], 'it is in no other list');
  isResult(t, await god.call('PUT', 'admin/restore', { login: ann.login }), 200, 'user-profile-delete-done');
  isResult(
    t,
    await god.call('PUT', 'admin/restore', { login: ann.login }),
    400,
    'user-profile-not-to-restore',
  );
  t.equal((await trySignIn(ann.person)).status, 200);
  t.notOk(listed(await god.call('GET', 'admin/purgatory')).includes(ann.login));
});

t.test('a purged account is gone; one that is not deleted can’t be purged', async (t) => {
  const ann = await member();
  const purge = () => god.call('DELETE', 'admin/purge', { login: ann.login });
  isResult(t, await purge(), 403, 'user-profile-user-not-found', 'not in the purgatory');
  t.ok(await isLive(ann.token));
  await god.call('DELETE', 'admin/delete', { login: ann.login });

  isResult(t, await purge(), 200, 'user-profile-delete-done');

  t.equal(await findAccount(store, ann.uid), undefined);
  isResult(t, await purge(), 403, 'user-profile-user-not-found');
  isResult(
    t,
    await god.call('PUT', 'admin/restore', { login: ann.login }),
    400,
    'user-profile-user-not-found',
  );
});

t.test('bad acts say what is wrong', async (t) => {
  const ann = await member();
  const rows: [method: string, path: string, message: string][] = [
    ['PUT', 'active', 'user-profile-login-invalid'],
    ['PUT', 'lock', 'user-profile-login-invalid'],
    ['PUT', '2fa/disable', 'user-profile-login-invalid'],
    ['DELETE', 'delete', 'user-profile-delete-failed'],
    ['DELETE', 'purge', 'user-profile-login-invalid'],
    ['PUT', 'restore', 'user-profile-user-not-found'],
  ];
  for (const [method, path, message] of rows) {
    for (const body of [undefined, { state: true }, { login: '', state: true }, { login: 7, state: true }]) {
      const what = `${path} ${JSON.stringify(body)}`;
      isResult(t, await god.call(method, `admin/${path}`, body), 400, message, what);
    }
    const status = ['delete', 'restore'].includes(path) ? 400 : 403;
    const unknown = path === 'delete' ? message : 'user-profile-user-not-found';
    const answer = await god.call(method, `admin/${path}`, { login: nobody, state: false });
    isResult(t, answer, status, unknown, `${path} nobody`);
  }
  const noState = await god.call('PUT', 'admin/lock', { login: ann.login });
  isResult(t, noState, 400, 'user-profile-login-invalid', 'no state');
  t.ok(await isLive(ann.token));
});

t.test('what can do harm needs a sign-in of the last minutes, what helps does not', async (t) => {
  const late = await member(['user', 'admin']);
  const ann = await member();
  await age(late);
  const put = (path: string, state: boolean) =>
    late.call('PUT', `admin/${path}`, { login: ann.login, state });

  for (const answer of [
    await put('active', false),
    await put('lock', true),
    await put('2fa/disable', false),
    await late.call('DELETE', 'admin/delete', { login: ann.login }),
    await late.call('DELETE', 'admin/purge', { login: ann.login }),
  ]) {
    t.same([answer.status, answer.body.message], [403, 'user-profile-no-access']);
  }
  t.ok(await isLive(ann.token));
  for (const answer of [await put('active', true), await put('lock', false)]) t.equal(answer.status, 200);
});

t.test('an administrator of users acts on accounts of the own groups only, and on none above', async (t) => {
  const helper = await member(['user', 'user-admin'], ['one']);
  const same = await member(['user'], ['one']);
  const other = await member();
  const above = await member(['user', 'admin'], ['one']);
  const lock = ({ login }: Member) => helper.call('PUT', 'admin/lock', { login, state: true });

  isResult(t, await lock(same), 200, 'user-profile-lock-state-done');
  for (const out of [other, above]) {
    isResult(t, await lock(out), 403, 'user-profile-no-access');
    t.ok(await isLive(out.token));
  }
  const found = await helper.call('POST', 'admin/search', { search: 'example.org' });
  t.same(listed(found).sort(), [same.login, above.login].sort(), 'a list shows no others');
  const remove = await helper.call('DELETE', 'admin/delete', { login: other.login });
  isResult(t, remove, 400, 'user-profile-delete-failed');
});

t.test('the last admin can’t be locked, deactivated or deleted', async (t) => {
  for (const uid of await store.redis.smembers('bn:{admins}:uids')) {
    if (uid === god.uid) continue;
    await disableAccount(store, { uid, reason: 'test', actor: 'test' });
  }
  const { login } = god;

  const lock = await god.call('PUT', 'admin/lock', { login, state: true });
  const off = await god.call('PUT', 'admin/active', { login, state: false });
  const remove = await god.call('DELETE', 'admin/delete', { login });

  for (const answer of [lock, off]) isResult(t, answer, 403, 'user-profile-no-access');
  isResult(t, remove, 400, 'user-profile-delete-failed');
  t.ok(await isLive(god.token));
});

t.test('of two admins who lock each other at the same time one stays', async (t) => {
  const [one, two] = [await member(['user', 'admin']), await member(['user', 'admin'])];
  await god.call('PUT', 'profile', { login: god.login, considerRoles: true, roles: [] });

  const answers = await Promise.all([
    one.call('PUT', 'admin/lock', { login: two.login, state: true }),
    two.call('PUT', 'admin/lock', { login: one.login, state: true }),
  ]);

  const states = await Promise.all([one, two].map(async ({ uid }) => (await findAccount(store, uid))?.state));
  t.ok(states.includes('active'), answers.map(({ text }) => text).join());
});

t.test('the calls of administrators are closed to others and to API keys', async (t) => {
  const ann = await member(['user', 'user-apikey']);
  const key = await makeKey(stage, ann);
  const body = { login: ann.login, state: true };
  const calls: GuardedCall[] = [
    ['PUT', 'admin/active', body],
    ['PUT', 'admin/lock', body],
    ['PUT', 'admin/2fa/disable', body],
    ['PUT', 'admin/restore', body],
    ['DELETE', 'admin/delete', body],
    ['DELETE', 'admin/purge', body],
    ['GET', 'admin/purgatory'],
    ['GET', 'admin/search'],
    ['GET', 'admin/registered'],
    ['POST', 'admin/search', { search: 'example' }],
  ];

  await refusesStrangers(t, stage, calls);
  await refuses(t, ann, calls);
  await refuses(t, key, calls);
});
