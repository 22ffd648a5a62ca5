import t from 'tap';
import { changeCredential } from '../../services/core/accounts/change-credential.ts';
import { eventsKey, sessionKey } from '../../services/core/redis/keys.ts';
import { giveRoles } from '../support/admins.ts';
import { signIn as connect } from '../support/mqtt-outcomes.ts';
import { isResult } from './tower-stage.ts';
import { makeKey, startPeopleStage, type Member } from './tower-people.ts';

const stage = await startPeopleStage(t, {}, { parts: ['redis', 'webhook', 'mosquitto'] });
const { member, group, isLive, mqttOf, store, service, signIn } = stage;
await group('one');
const god = await member(['user', 'admin']);
const maker = (...roles: string[]) => member(['user', 'user-apikey', ...roles], ['one']);

const granted = { connect: 200, publish: 200 };
const denied = { connect: 403, publish: 403 };
const ownTopic = ({ username }: { username: string }) => `users/${username}/x`;
const wish = (change: object = {}) => ({
  ...{ keyName: 'a key', expiration: 0, roles: ['ROLE_REGISTERED_USER'], acls: [] },
  ...change,
});

t.test('a key that is ended is denied at its next check, kicked, and leaves a tombstone', async (t) => {
  const ann = await maker();
  const key = await makeKey(stage, ann);
  const { username, sid: clientId, token: password } = key;
  const client = await connect({ port: stage.stack.ports.mqtt, username, clientId, password });

  isResult(t, await ann.call('DELETE', `apikey/${key.id}/`), 200, 'user-apikey-delete-success');

  t.same(await mqttOf(key, ownTopic(key)), denied);
  t.notOk(await isLive(key.token));
  while ((await client.next()) !== 'closed');
  t.pass('the broker closed its connection');
  t.match(await store.redis.hgetall(sessionKey(key.sid)), {
    state: 'revoked',
    reason: 'api-key-deleted',
    actor: ann.uid,
  });
  const events = JSON.stringify(await store.redis.xrange(eventsKey(ann.uid.charAt(0)), '-', '+'));
  t.match(events, `"type","session-revoked","uid","${ann.uid}","sid","${key.sid}"`);
  isResult(t, await ann.call('DELETE', `apikey/${key.id}/`), 400, 'user-apikey-not-found');
  t.strictSame((await ann.call('GET', 'apikey')).body, []);
});

t.test('a key survives what ends sessions of its owner', async (t) => {
  const ann = await maker();
  const key = await makeKey(stage, ann);
  const native = (path: string, body: object) =>
    service.ask('POST', `/api/auth/${path}`, { token: ann.token, body });
  const person = { ...ann.person };

  await native('sessions/terminate-others', {});
  t.same(await mqttOf(key, ownTopic(key)), granted, 'ending the other sessions');
  const passwords = { current_password: person.password, new_password: `${person.password} 2` };
  t.equal((await native('change-password', passwords)).status, 200);
  person.password = passwords.new_password;
  t.same(await mqttOf(key, ownTopic(key)), granted, 'a change of the password');
  for (let i = 0; i < 21; i += 1) await signIn(person);
  t.same(await mqttOf(key, ownTopic(key)), granted, 'more sign-ins than an account keeps');
  const last = await signIn(person);
  isResult(t, await last.call('GET', 'session/signout'), 200, 'user-signed-out');
  t.notOk(await isLive(last.token));
  t.same(await mqttOf(key, ownTopic(key)), granted, 'a sign-out of everything');
  t.ok(await isLive(key.token));
});

t.test('a key dies with what is done to its account', async (t) => {
  const put = (path: string) => (ann: Member) =>
    god.call('PUT', `admin/${path}`, { login: ann.login, state: path === 'lock' });
  const ends: [what: string, act: (ann: Member) => Promise<unknown>][] = [
    ['deactivation', put('active')],
    ['a lock', put('lock')],
    ['deletion by an admin', (ann) => god.call('DELETE', 'admin/delete', { login: ann.login })],
    ['deletion by its owner', (ann) => ann.call('DELETE', 'profile/')],
    ['a reset of the password', reset],
    ['the end of all its sessions by an admin', (ann) => asAdmin(`${ann.uid}/end-sessions`)],
    ['a demand for a new password', (ann) => asAdmin(`${ann.uid}/force-password-change`)],
  ];
  for (const [what, act] of ends) {
    const ann = await maker();
    const key = await makeKey(stage, ann);
    const { username, sid: clientId, token: password } = key;
    const client = await connect({ port: stage.stack.ports.mqtt, username, clientId, password });
    t.same(await mqttOf(key, ownTopic(key)), granted, `before ${what}`);

    await act(ann);

    t.same(await mqttOf(key, ownTopic(key)), denied, `after ${what}`);
    t.notOk(await isLive(key.token));
    while ((await client.next()) !== 'closed');
    t.match(await store.redis.hget(sessionKey(key.sid), 'state'), 'revoked', what);
  }
});

t.test('a key loses a role with its owner, at the next check, and does not get it back', async (t) => {
  const ann = await maker('device-read');
  const key = await makeKey(stage, ann, ['ROLE_DEVICE_READ', 'ROLE_REGISTERED_USER']);
  t.same(await mqttOf(key, 'sensors/1'), granted);

  await giveRoles(store, ann.uid, ['user', 'user-apikey']);
  t.same(await mqttOf(key, 'sensors/1'), { connect: 200, publish: 403 });
  t.same(await mqttOf(key, ownTopic(key)), granted);
  await giveRoles(store, ann.uid, ['user', 'user-apikey', 'device-read', 'admin']);

  t.same(await mqttOf(key, 'sensors/1'), { connect: 200, publish: 403 });
  t.equal(await store.redis.hget(sessionKey(key.sid), 'roles'), 'user', 'nor any role that is new');
  await giveRoles(store, ann.uid, []);
  t.equal((await mqttOf(key, ownTopic(key))).publish, 403);
});

t.test('no key is born of a race with a lock', async (t) => {
  for (let i = 0; i < 10; i += 1) {
    const ann = await maker();
    const [made] = await Promise.all([
      ann.call('PUT', 'apikey', wish()),
      god.call('PUT', 'admin/lock', { login: ann.login, state: true }),
    ]);
    const listed = await store.redis.hget(`bn:{${ann.uid[0]}}:account:${ann.uid}`, 'apiKeys');
    t.equal(listed, null, `made: ${made.status}`);
  }
});

function asAdmin(path: string): Promise<unknown> {
  return service.ask('POST', `/api/admin/accounts/${path}`, { token: god.token, body: {} });
}

async function reset({ uid }: Member): Promise<void> {
  const passwordHash = (await store.redis.hget(`bn:{${uid[0]}}:credential:${uid}`, 'passwordHash')) ?? '';
  await changeCredential(store, {
    uid,
    checked: { field: '', value: '' },
    fields: { passwordHash },
    keepSid: '',
    reason: 'password-reset',
    actor: uid,
  });
}
