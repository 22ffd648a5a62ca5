import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { createAccount } from '../../services/core/accounts/create-account.ts';
import { findPasswordHash } from '../../services/core/accounts/account.ts';
import { adminRole } from '../../services/core/accounts/admins.ts';
import { newUid } from '../../services/core/ids.ts';
import { accountKey, credentialKey } from '../../services/core/redis/keys.ts';
import { readRulesInForce } from '../../services/core/rules/read-rules.ts';
import { replaceRules } from '../../services/core/rules/replace-rules.ts';
import { giveRoles, signInOperator } from '../support/admins.ts';
import { isRefusal } from '../support/refusal.ts';
import { somebody, startSessionStage } from '../support/session-service.ts';
import { until } from '../support/until.ts';

const mailFolder = t.testdir();
const stage = await startSessionStage(t, { MAIL_FOLDER: mailFolder });
const { ask, store, signInSomebody } = stage;
const admin = await signInOperator(stage);

const login = ({ username, password }: { username: string; password: string }) =>
  ask('POST', '/api/auth/login', { body: { username, password } });
const auditOf = async (uid: string) =>
  (await admin.ask('GET', `/audit?uid=${uid}`)).body.data.entries as Record<string, string>[];
const isLive = async (token: string) => (await ask('GET', '/api/auth/me', { token })).status === 200;

/** Every account by pages of `limit`; `meanwhile` runs between two pages. */
async function readAll(query: string, meanwhile: (page: number) => Promise<unknown> = async () => {}) {
  const ids: string[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < 200; page += 1) {
    const next = cursor === undefined ? '' : `&cursor=${cursor}`;
    const { body } = await admin.ask('GET', `/accounts?${query}${next}`);
    ids.push(...body.data.accounts.map(({ id }: { id: string }) => id));
    cursor = body.data.next;
    if (cursor === undefined) return ids;
    await meanwhile(page);
  }
  throw new Error('the pages have no end');
}

async function addAccounts(count: number, prefix: string): Promise<string[]> {
  const creations = Array.from({ length: count }, (_, index) => {
    const username = `${prefix}${index}`;
    const email = `${username}@example.org`;
    return createAccount(store, { username, email, roles: ['user'], passwordHash: 'none', actor: 'test' });
  });
  return (await Promise.all(creations)).map((creation) =>
    creation.outcome === 'created' ? creation.uid : '',
  );
}

t.test('pages show each of 250 accounts once while others are created and deleted', async (t) => {
  const steady = await addAccounts(250, 'steady.');
  const passing = await addAccounts(30, 'passing.');

  const ids = await readAll('limit=10', async (page) => {
    await addAccounts(3, `late${page}.`);
    const uid = passing[page];
    if (uid !== undefined) await admin.ask('DELETE', `/accounts/${uid}`);
    if (uid !== undefined) await admin.ask('POST', `/accounts/${uid}/purge`);
  });

  t.equal(new Set(ids).size, ids.length, 'no account comes twice');
  t.same(
    steady.filter((uid) => !ids.includes(uid)),
    [],
    'no account is lost',
  );
});

t.test('a search finds parts of names in any letter case, page by page', async (t) => {
  const wanted = await addAccounts(12, 'Needle.');

  t.same((await readAll('search=needle.&limit=5')).sort(), wanted.sort(), 'by username');
  t.same((await readAll('search=NEEDLE.3%40EXAMPLE')).length, 1, 'by e-mail address');
  t.same((await readAll('search=some%20body')).length > 0, true, 'by full name');
  t.same(await readAll('search=nobody-has-this'), []);
  t.same(await readAll('search=%25%2a%5b'), [], 'no pattern language');
});

t.test('a whole username or address is found at once', async (t) => {
  const { person, user } = await signInSomebody();

  for (const login of [person.username.toUpperCase(), person.email]) {
    const { body } = await admin.ask('GET', `/accounts?login=${encodeURIComponent(login)}`);
    t.same(
      body.data.accounts.map(({ id }: { id: string }) => id),
      [user.id],
    );
  }
  t.same((await admin.ask('GET', '/accounts?login=nobody.here')).body.data.accounts, []);
});

t.test('an account is shown with what an operator needs and without any secret', async (t) => {
  const { person, user } = await signInSomebody();

  const { body, text } = await admin.ask('GET', `/accounts/${user.id}`);

  t.match(body.data, {
    id: user.id,
    username: person.username,
    email: person.email,
    roles: ['user'],
    state: 'active',
    second_factor: 'none',
    permissions: [],
    must_change_password: false,
  });
  t.notMatch(text, /argon2|hash|epoch/i);
});

t.test('disabling ends all sessions and refuses the next sign-in; enabling revives none', async (t) => {
  const { person, user, access_token: token } = await signInSomebody();

  const disabled = await admin.ask('POST', `/accounts/${user.id}/disable`, { body: { reason: 'stolen' } });
  const again = await admin.ask('POST', `/accounts/${user.id}/disable`);

  t.same(disabled.body.data, { changed: true, ended_sessions: 1 });
  t.same(again.body.data, { changed: false, ended_sessions: 0 });
  t.equal((await login(person)).status, 401);
  t.same((await admin.ask('POST', `/accounts/${user.id}/enable`)).body.data.changed, true);
  t.notOk(await isLive(token), 'the old session stays ended');
  t.equal((await login(person)).status, 200);
  t.match(
    (await auditOf(user.id)).filter(({ actor }) => actor === admin.user.id),
    [{ event: 'account-enabled' }, { event: 'account-disabled', reason: 'stolen', outcome: 'success' }],
  );
});

t.test('a forced change of password ends the sessions and asks at the next sign-in', async (t) => {
  const { person, user, access_token: token } = await signInSomebody();

  t.equal((await admin.ask('POST', `/accounts/${user.id}/force-password-change`)).status, 200);

  t.notOk(await isLive(token));
  t.match((await login(person)).body.data, { pending: ['password-change'] });
  t.match(await auditOf(user.id), [{}, { event: 'password-change-required', actor: admin.user.id }]);
});

t.test('unlocking lifts the delay after wrong passwords', async (t) => {
  const { person, user } = await signInSomebody();
  await store.redis.del(`bn:{${user.id[0]}}:networks:${user.id}`);
  for (let i = 0; i < 7; i += 1) await login({ ...person, password: 'a wrong but long password' });
  t.equal((await login(person)).status, 401, 'delayed');

  t.equal((await admin.ask('POST', `/accounts/${user.id}/unlock`)).status, 200);

  t.equal((await login(person)).status, 200, 'unlocked');
});

t.test('removing a second factor ends the sessions and tells the owner', async (t) => {
  const { person, user, access_token: token } = await signInSomebody();
  await store.redis.hset(credentialKey(user.id), { secondFactor: 'totp', totpSecret: 'sealed' });

  const removed = await admin.ask('POST', `/accounts/${user.id}/remove-second-factor`);
  const again = await admin.ask('POST', `/accounts/${user.id}/remove-second-factor`);

  t.same(removed.body.data, { changed: true });
  t.same(again.body.data, { changed: false });
  t.notOk(await isLive(token));
  t.equal((await login(person)).body.data.requires_2fa, undefined, 'no code is asked for');
  await until(() => mailsTo(person.email).length === 1, { what: 'the owner is told' });
});

t.test('an admin starts a reset and sees neither link nor password', async (t) => {
  const { person, user, access_token: token } = await signInSomebody();
  const hash = await findPasswordHash(store, user.id);

  const started = await admin.ask('POST', `/accounts/${user.id}/start-reset`);

  t.same(started.body.data, {});
  await until(() => mailsTo(person.email).length === 1, { what: 'the mail is there' });
  t.equal(await findPasswordHash(store, user.id), hash, 'the password is as it was');
  t.ok(await isLive(token), 'and so are the sessions');
  await admin.ask('POST', `/accounts/${user.id}/disable`);
  isRefusal(t, await admin.ask('POST', `/accounts/${user.id}/start-reset`), 'a disabled account', 409);
});

t.test('roles that are assigned count at once, for this account only', async (t) => {
  const { user, access_token: token } = await signInSomebody();

  const assigned = await admin.ask('PUT', `/accounts/${user.id}/roles`, { body: { roles: ['admin'] } });

  t.same(assigned.body.data, { roles: ['admin'] });
  t.equal((await ask('GET', '/api/admin/accounts', { token })).status, 200);
  const unknown = await admin.ask('PUT', `/accounts/${user.id}/roles`, { body: { roles: ['emperor'] } });
  t.match(unknown, { status: 400, code: 'VAL_UNKNOWN_ROLE' });
  await admin.ask('PUT', `/accounts/${user.id}/roles`, { body: { roles: ['user'] } });
  t.equal((await ask('GET', '/api/admin/accounts', { token })).status, 403);
  t.match(
    (await auditOf(user.id)).map(({ event }) => event),
    ['permission-refused', 'roles-changed', 'roles-changed'],
  );
});

t.test('the last admin can be neither demoted, disabled nor deleted, by whomever', async (t) => {
  for (const uid of await store.redis.smembers('bn:{admins}:uids')) {
    if (uid !== admin.user.id) await giveRoles(store, uid, ['user']);
  }
  const { id } = admin.user;

  const refused = {
    'PUT roles': await admin.ask('PUT', `/accounts/${id}/roles`, { body: { roles: ['user'] } }),
    disable: await admin.ask('POST', `/accounts/${id}/disable`),
    DELETE: await admin.ask('DELETE', `/accounts/${id}`),
  };

  for (const [what, answer] of Object.entries(refused)) {
    t.match(answer, { status: 409, code: 'RES_LAST_ADMIN' }, what);
  }
  t.equal((await admin.ask('GET', '/accounts')).status, 200, 'still an admin');
});

t.test('of two admins who disable each other at once one stays', async (t) => {
  for (let round = 0; round < 10; round += 1) {
    const pair = [await signInOperator(stage, ['admin']), await signInOperator(stage, ['admin'])] as const;
    await setAdminsAside(admin.user.id);

    await Promise.all([
      pair[0].ask('POST', `/accounts/${pair[1].user.id}/disable`),
      pair[1].ask('POST', `/accounts/${pair[0].user.id}/disable`),
    ]);

    const states = await Promise.all(pair.map(({ user }) => store.redis.hget(accountKey(user.id), 'state')));
    t.ok(states.includes('active'), `round ${round}: ${states}`);
    await store.redis.hset(accountKey(admin.user.id), 'roles', 'user,admin');
    for (const { user } of pair) await store.redis.hset(accountKey(user.id), 'roles', 'user');
  }
});

t.test('nobody reaches an account, or gives a role, that may do more than they', async (t) => {
  const { version, ...rest } = await readRulesInForce(store);
  if (!('document' in rest)) throw new Error('the rules are broken');
  const helper = { permissions: ['accounts.*', 'sessions.*', 'roles.*', 'devices.*'], rules: [] };
  const roles = { ...rest.document.roles, helper };
  await replaceRules(store, { ...rest.document, roles, version }, { actor: 'test' });
  const { ask: askAsHelper, user } = await signInOperator(stage, ['helper']);
  const { user: other } = await signInSomebody();
  const above = admin.user.id;

  const refused = {
    disable: await askAsHelper('POST', `/accounts/${above}/disable`),
    'remove-second-factor': await askAsHelper('POST', `/accounts/${above}/remove-second-factor`),
    'end-sessions': await askAsHelper('POST', `/accounts/${above}/end-sessions`),
    'end session': await askAsHelper('DELETE', `/sessions/${admin.session_id}`),
    'take roles': await askAsHelper('PUT', `/accounts/${above}/roles`, { body: { roles: [] } }),
    'give admin': await askAsHelper('PUT', `/accounts/${other.id}/roles`, { body: { roles: [adminRole] } }),
    'take admin': await askAsHelper('PUT', `/accounts/${user.id}/roles`, { body: { roles: [adminRole] } }),
    'admin device': await askAsHelper('POST', '/devices', { body: { id: 'x', roles: [adminRole] } }),
  };

  for (const [what, answer] of Object.entries(refused)) {
    t.match(answer, { status: 403, code: 'AUTH_INSUFFICIENT_PERMISSIONS' }, what);
  }
  t.equal((await askAsHelper('POST', `/accounts/${other.id}/disable`)).status, 200, 'a plain account');
  t.equal((await admin.ask('GET', '/accounts')).status, 200, 'nothing happened to the admin');
});

t.test('bad input is refused with the field at fault, an unknown account with 404', async (t) => {
  const bad = {
    'GET /accounts?limit=0': 'limit',
    'GET /accounts?limit=101': 'limit',
    'GET /accounts?limit=ten': 'limit',
    'GET /accounts?cursor=x': 'cursor',
    'GET /accounts?search=a%00b': 'search',
    'GET /accounts?login=a%0ab': 'login',
    'GET /accounts/short': 'uid',
    [`GET /accounts/${newUid()}x`]: 'uid',
    'GET /accounts/..%2f..%2fetc%2fpasswd': 'uid',
    'GET /accounts/%00000000000000000000000': 'uid',
    'DELETE /accounts/*': 'uid',
    'POST /accounts/short/disable': 'uid',
    'POST /accounts/short/end-sessions': 'uid',
    'DELETE /sessions/short': 'sid',
  };
  for (const [route, field] of Object.entries(bad)) {
    const [method = '', path = ''] = route.split(' ');
    const answer = await admin.ask(method, path);
    isRefusal(t, answer, route, 400);
    t.equal(answer.body.error.field, field, route);
  }
  t.equal((await admin.ask('GET', '/accounts?search=a&search=b')).status, 400, 'a parameter given twice');

  const uid = newUid();
  const acts = [
    'disable',
    'enable',
    'unlock',
    'end-sessions',
    'start-reset',
    'remove-second-factor',
    'restore',
  ];
  for (const path of [...acts, 'purge']) {
    isRefusal(t, await admin.ask('POST', `/accounts/${uid}/${path}`), path, 404);
  }
  isRefusal(t, await admin.ask('POST', `/accounts/${uid}/force-password-change`), 'force', 404);
  isRefusal(t, await admin.ask('PUT', `/accounts/${uid}/roles`, { body: { roles: [] } }), 'roles', 404);
  isRefusal(t, await admin.ask('DELETE', `/accounts/${uid}`), 'delete', 404);
  t.equal(await store.redis.exists(accountKey(uid)), 0, 'nothing was made of it');
});

t.test('bodies are refused unless they are what the route takes', async (t) => {
  const { user } = await signInSomebody();
  const { id } = user;
  const bad: [string, string, string][] = [
    ['PUT', `/accounts/${id}/roles`, '{}'],
    ['PUT', `/accounts/${id}/roles`, '{"roles":"admin"}'],
    ['PUT', `/accounts/${id}/roles`, '{"roles":["a b"]}'],
    ['PUT', `/accounts/${id}/roles`, '{"roles":["a,admin"]}'],
    ['PUT', `/accounts/${id}/roles`, '{"roles":["\\u0000"]}'],
    ['PUT', `/accounts/${id}/roles`, `{"roles":${JSON.stringify(Array(17).fill('user'))}}`],
    ['PUT', `/accounts/${id}/roles`, '{"roles":[],"roles":["admin"]}'],
    ['POST', `/accounts/${id}/disable`, '{"reason":""}'],
    ['POST', `/accounts/${id}/disable`, '{"reason":"a\\nb"}'],
    ['POST', `/accounts/${id}/disable`, `{"reason":"${'x'.repeat(201)}"}`],
    ['POST', `/accounts/${id}/disable`, '{"reason":5}'],
    ['POST', `/accounts/${id}/disable`, '[]'],
    ['POST', `/accounts/${id}/unlock`, '{'],
  ];

  for (const [method, path, raw] of bad) {
    isRefusal(t, await admin.ask(method, path, { raw }), `${method} ${path} ${raw.slice(0, 40)}`, 400);
  }
  t.match((await admin.ask('GET', `/accounts/${id}`)).body.data, { state: 'active', roles: ['user'] });
});

t.test('an invitation lets somebody in, with an address only its reader', async (t) => {
  const invitee = somebody();

  const open = await admin.ask('POST', '/invitations', { body: {} });
  const mailed = await admin.ask('POST', '/invitations', { body: { email: invitee.email } });
  const above = await admin.ask('POST', '/invitations', { body: { roles: ['emperor'] } });

  t.match(open.body.data.token, /^[\w-]{43}$/);
  t.notOk(mailed.body.data.token, 'a token that was mailed is told to nobody else');
  await until(() => mailsTo(invitee.email).length === 1, { what: 'the invitation is there' });
  t.equal(above.code, 'VAL_UNKNOWN_ROLE');
  const { id } = mailed.body.data.invitation;
  t.equal((await admin.ask('GET', '/invitations')).body.data.invitations.length >= 2, true);
  t.equal((await admin.ask('DELETE', `/invitations/${id}`)).status, 200);
  isRefusal(t, await admin.ask('DELETE', `/invitations/${id}`), 'twice', 404);
  isRefusal(t, await admin.ask('DELETE', '/invitations/x'), 'no id', 400);
});

async function setAdminsAside(uid: string): Promise<void> {
  await store.redis.hset(accountKey(uid), 'roles', 'user');
  await store.redis.srem('bn:{admins}:uids', uid);
}

function mailsTo(address: string): string[] {
  return readdirSync(mailFolder)
    .filter((name) => name.endsWith('.eml')) // Others are still being written, and renamed at any moment.
    .map((name) => readFileSync(join(mailFolder, name), 'utf8'))
    .filter((text) => text.includes(address));
}
