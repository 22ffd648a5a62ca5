import t from 'tap';
import { mostApiKeys } from '../../services/core/api-keys/create-api-key.ts';
import { sessionKey } from '../../services/core/redis/keys.ts';
import { setMembership } from '../../services/core/groups/membership.ts';
import { claimsOf, isResult } from './tower-stage.ts';
import {
  makeKey,
  nobody,
  refuses,
  refusesStrangers,
  startPeopleStage,
  type GuardedCall,
} from './tower-people.ts';

const day = 86_400;
const stage = await startPeopleStage(t);
const { member, group, age, isLive, mqttOf, store, service, call } = stage;
await group('one');
await group('two');
const god = await member(['user', 'admin']);
const maker = (...roles: string[]) => member(['user', 'user-apikey', ...roles], ['one']);

const granted = { connect: 200, publish: 200 };
const denied = { connect: 403, publish: 403 };
const ownTopic = ({ username }: { username: string }) => `users/${username}/x`;
const wish = (change: object = {}) => ({
  ...{ keyName: 'a key', expiration: 0, roles: ['ROLE_REGISTERED_USER'], acls: [] },
  ...change,
});

t.test('an API key is made, listed and used, and its token tells what it is', async (t) => {
  const ann = await maker('device-read');
  const expiration = Date.now() + 3_600_000;
  const acls = [{ group: 'one', localName: 'mine', roles: ['ROLE_DEVICE_READ'] }];

  const made = await ann.call('PUT', 'apikey', wish({ expiration, roles: ['ROLE_DEVICE_READ'], acls }));
  const list = await ann.call('GET', 'apikey/');
  const [{ id }] = list.body;
  const jwt = await ann.call('GET', `apikey/${id}/jwt`);

  isResult(t, made, 201, 'user-apikey-created');
  t.match(id, /^apikey_[0-9a-f]{8}$/);
  t.strictSame(list.body, [{ id, keyName: 'a key', expiration, roles: ['ROLE_DEVICE_READ'], acls }]);
  t.match(jwt.body, { status: 'OK', status_code: 200 });
  const { roles, exp, ...claims } = claimsOf(jwt.body.message);
  t.same(roles.sort(), ['ROLE_DEVICE_READ', 'ROLE_LOGIN_API', 'ROLE_LOGIN_COMPLETE', 'ROLE_REGISTERED_USER']);
  t.equal(exp, Math.floor(expiration / 1000), 'the token ends with the key');
  t.match(claims, { sub: ann.uid, role: 'device-read', auth_time: 0 });
});

t.test('a key has the MQTT rights of its own roles, and none before its first token', async (t) => {
  const ann = await maker('device-read');
  const key = await makeKey(stage, ann, ['ROLE_DEVICE_READ']);

  t.same(await mqttOf(key, 'sensors/1'), granted);
  t.same(
    await mqttOf(key, ownTopic(key)),
    { connect: 200, publish: 403 },
    'its owner’s other roles are not its',
  );

  await ann.call('PUT', 'apikey', wish());
  const [sid] = (await store.redis.hget(`bn:{${ann.uid[0]}}:account:${ann.uid}`, 'apiKeys'))
    ?.split(',')
    .slice(-1) as [string];
  t.equal((await mqttOf({ ...key, sid }, ownTopic(key))).publish, 403, 'no token, no rights');
});

t.test('keys and their tokens have an end', async (t) => {
  const ann = await maker();
  const now = Date.now();
  await ann.call('PUT', 'apikey', wish());
  await ann.call('PUT', 'apikey', wish({ expiration: now + 3650 * day * 1000 }));

  const keys = (await ann.call('GET', 'apikey')).body;

  for (const { expiration } of keys) t.ok(Math.abs(expiration - now - 365 * day * 1000) < 60_000);
  const { message } = (await ann.call('GET', `apikey/${keys[0].id}/jwt`)).body;
  t.ok(claimsOf(message).exp - now / 1000 <= day + 5, 'a token lives a day');
});

t.test('an expired key gives no token, and those that it gave are dead', async (t) => {
  const ann = await maker();
  const key = await makeKey(stage, ann);
  t.same(await mqttOf(key, ownTopic(key)), granted);
  await store.redis.hset(sessionKey(key.sid), {
    absoluteUntilMs: Date.now() - 1,
    idleUntilMs: Date.now() - 1,
  });

  isResult(t, await ann.call('GET', `apikey/${key.id}/jwt`), 400, 'user-apikey-expired');
  t.same(await mqttOf(key, ownTopic(key)), denied);
  t.notOk(await isLive(key.token));
});

t.test('bad wishes are refused', async (t) => {
  const ann = await maker('device-read');
  await setMembership(store, ann.uid, { acls: [{ group: 'two', localName: '', roles: ['device-read'] }] });
  const acl = (name: string, ...roles: string[]) => ({ acls: [{ group: name, localName: 'l', roles }] });
  const unauthorized = 'user-profile-unauthorize-role';
  const rows: [change: object, message: string][] = [
    [{ roles: ['ROLE_AUDIT_RD'] }, unauthorized],
    [{ roles: ['ROLE_GOD_ADMIN'] }, unauthorized],
    [{ roles: ['ROLE_USER_APIKEY'] }, unauthorized],
    [{ roles: ['ROLE_NO_SUCH'] }, unauthorized],
    [{ roles: ['ROLE_LOGIN_COMPLETE'] }, unauthorized],
    [{ roles: ['user-apikey', ''] }, unauthorized],
    [acl('nowhere', 'ROLE_DEVICE_READ'), unauthorized],
    [acl('one', 'ROLE_AUDIT_RD'), unauthorized],
    [acl('two', 'ROLE_REGISTERED_USER'), unauthorized],
    [{ expiration: Date.now() - 1000 }, 'user-apikey-expired'],
    [{ expiration: 1 }, 'user-apikey-expired'],
    [{ expiration: -1 }, 'val-invalid-format'],
    [{ keyName: '' }, 'val-invalid-format'],
    [{ keyName: 'a\nb' }, 'val-invalid-format'],
    [{ roles: 'ROLE_REGISTERED_USER' }, 'val-invalid-format'],
    [{ roles: undefined }, 'val-missing-field'],
  ];
  for (const [change, message] of rows) {
    isResult(t, await ann.call('PUT', 'apikey', wish(change)), 400, message, JSON.stringify(change));
  }
  t.strictSame((await ann.call('GET', 'apikey')).body, []);
  const good = await ann.call('PUT', 'apikey', wish(acl('two', 'ROLE_DEVICE_READ')));
  isResult(t, good, 201, 'user-apikey-created');
});

t.test('the key of an admin is no admin', async (t) => {
  const admin = await member(['user', 'admin', 'user-admin', 'user-apikey']);
  for (const role of ['GOD_ADMIN', 'USER_ADMIN', 'USER_APIKEY']) {
    const answer = await admin.call('PUT', 'apikey', wish({ roles: [`ROLE_${role}`] }));
    isResult(t, answer, 400, 'user-profile-unauthorize-role', role);
  }
});

t.test(
  'making a key needs the role for it, and a sign-in of the last minutes, as its token does',
  async (t) => {
    const ann = await member();
    const late = await maker();
    const { id } = await makeKey(stage, late);
    await age(late);

    isResult(t, await ann.call('PUT', 'apikey', wish()), 403, 'user-profile-no-access');
    isResult(t, await late.call('PUT', 'apikey', wish()), 403, 'user-profile-no-access');
    isResult(t, await late.call('GET', `apikey/${id}/jwt`), 403, 'user-profile-no-access');
    t.equal((await late.call('GET', 'apikey')).body.length, 1, 'nothing was made');
    isResult(t, await late.call('DELETE', `apikey/${id}`), 200, 'user-apikey-delete-success');
  },
);

t.test('an account has so many keys and no more, also when asked at the same time', async (t) => {
  const ann = await maker();
  for (let i = 0; i < mostApiKeys - 2; i += 1) await ann.call('PUT', 'apikey', wish());

  const answers = await Promise.all([1, 2, 3, 4, 5].map(() => ann.call('PUT', 'apikey', wish())));

  t.same(answers.map(({ status }) => status).sort(), [201, 201, 400, 400, 400]);
  const [refused] = answers.filter(({ status }) => status === 400);
  if (refused) isResult(t, refused, 400, 'user-apikey-too-many');
  const { body } = await ann.call('GET', 'apikey');
  t.equal(body.length, mostApiKeys);
  t.equal(new Set(body.map(({ id }: { id: string }) => id)).size, mostApiKeys);
  await ann.call('DELETE', `apikey/${body[0].id}/`);
  isResult(t, await ann.call('PUT', 'apikey', wish()), 201, 'user-apikey-created', 'an ended key makes room');
});

t.test('somebody else’s key is like an unknown one', async (t) => {
  const [ann, bob] = [await maker(), await maker()];
  const key = await makeKey(stage, ann);

  for (const id of [key.id, 'apikey_00000000', 'x', nobody]) {
    isResult(t, await bob.call('DELETE', `apikey/${id}/`), 400, 'user-apikey-not-found');
    isResult(t, await bob.call('GET', `apikey/${id}/jwt`), 400, 'user-apikey-not-found');
  }
  isResult(t, await god.call('GET', `apikey/${key.id}/jwt`), 400, 'user-apikey-not-found', 'nor an admin');
  t.same(await mqttOf(key, ownTopic(key)), granted);
});

t.test('the token of a key opens nothing of a person’s own', async (t) => {
  const ann = await maker();
  const key = await makeKey(stage, ann);
  const calls: GuardedCall[] = [
    ['PUT', 'apikey', wish()],
    ['GET', 'apikey'],
    ['GET', `apikey/${key.id}/jwt`],
    ['DELETE', `apikey/${key.id}/`],
    ['GET', 'session/signout'],
    ['GET', 'session/2fa?secondFactor=123456'],
    ['PUT', 'profile/2fa', { twoFaType: 'AUTHENTICATOR' }],
    ['PUT', 'profile/password/change', { password: 'another long enough password' }],
    ['PUT', 'profile/eula'],
  ];
  await refuses(t, key, calls);
  isResult(t, await key.call('GET', 'session/upgrade'), 400, 'user-upgrade-missing-role');
  t.ok(await isLive(key.token));
  t.ok(await isLive(ann.token));
});

t.test('the native dialect takes the token of a key for /me alone', async (t) => {
  const ann = await maker('device-read');
  const key = await makeKey(stage, ann, ['ROLE_DEVICE_READ']);
  const ask = (method: string, path: string, body?: object) =>
    service.ask(method, `/api/${path}`, { token: key.token, body });
  const { password } = ann.person;
  const routes: [method: string, path: string, body?: object][] = [
    ['GET', 'auth/sessions'],
    ['DELETE', `auth/sessions/${ann.sid}`],
    ['POST', 'auth/sessions/terminate-others', {}],
    ['POST', 'auth/change-password', { current_password: password, new_password: `${password} 2` }],
    ['POST', 'auth/step-up', { password }],
    ['POST', 'auth/2fa/enable'],
    ['POST', 'auth/2fa/disable', { code: '123456', password }],
    ['GET', 'auth/activity'],
    ['GET', 'admin/accounts'],
    ['POST', `admin/accounts/${ann.uid}/disable`, {}],
  ];

  for (const [method, path, body] of routes) {
    const answer = await ask(method, path, body);
    t.same([answer.status, answer.code], [401, 'AUTH_INVALID_TOKEN'], `${method} ${path}`);
  }
  const me = await ask('GET', 'auth/me');
  t.match(me.body.data, { id: ann.uid, role: 'device-read' });
  t.ok(await isLive(ann.token));
});

t.test(
  'a sign-in over the token of a key does not end the key; a sign-out by it ends that key only',
  async (t) => {
    const ann = await maker();
    const [key, other] = [await makeKey(stage, ann), await makeKey(stage, ann)];
    const { username, password } = ann.person;

    await service.ask('POST', '/api/auth/login', { token: key.token, body: { username, password } });
    t.ok(await isLive(key.token));
    await service.ask('POST', '/api/auth/logout', { token: key.token, body: {} });

    t.notOk(await isLive(key.token));
    t.ok(await isLive(other.token));
    t.ok(await isLive(ann.token));
  },
);

t.test('a key without a role in its list is nothing but its owner’s name', async (t) => {
  const ann = await maker();
  const key = await makeKey(stage, ann, []);

  t.same(await mqttOf(key, ownTopic(key)), { connect: 200, publish: 403 });
  t.equal(JSON.parse(atob(key.token.split('.')[1] ?? '')).role, '');
});

t.test('keys are closed to strangers', async (t) => {
  await refusesStrangers(t, stage, [
    ['PUT', 'apikey', wish()],
    ['GET', 'apikey'],
    ['DELETE', 'apikey/apikey_00000000/'],
    ['GET', 'apikey/apikey_00000000/jwt'],
  ]);
  isResult(t, await call('x y')('GET', 'apikey'), 403, 'user-rights-not-signed-user');
});
