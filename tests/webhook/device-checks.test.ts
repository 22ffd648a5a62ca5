import t from 'tap';
import type { Rule, RulesDocument } from '../../services/core/acl/rules.ts';
import { explain } from '../../services/core/check/explain.ts';
import { denialReasons } from '../../services/core/check/reasons.ts';
import { createRulesSource } from '../../services/core/check/rules-source.ts';
import { disableDevice, rotateDeviceKey } from '../../services/core/devices/change-device.ts';
import { deviceClientsKey, deviceKey, rulesKey } from '../../services/core/redis/keys.ts';
import { openStore, untilReady } from '../../services/core/redis/store.ts';
import { replaceRules } from '../../services/core/rules/replace-rules.ts';
import { addDevice, askConnect, askTopic, type KeyedDevice } from '../support/devices.ts';
import { openRedisLink } from '../support/redis-link.ts';
import { until } from '../support/until.ts';
import { startWebhookStage } from '../support/webhook-service.ts';

const home = await startWebhookStage(t, { parts: ['redis'] });
const { store } = home;
const link = await openRedisLink(t, home.stack.ports.redis);
/** A webhook service that reaches the home stage's Redis over the link. */
const stage = await startWebhookStage(t, {
  settings: {
    webhook: {
      BROKER_URLS: '',
      REDIS_URL: home.stack.redisUrl('webhook').replace(`:${home.stack.ports.redis}`, `:${link.port}`),
      ISSUER: home.issuer,
      VERIFICATION_KEYS_FILE: home.stack.secrets.files.verificationKeys,
    },
  },
});
/** As the CLI opens it. */
const cli = openStore({ url: home.stack.redisUrl('cli'), commandTimeoutMs: 2000 });
await untilReady(cli, 5000);
t.teardown(() => cli.close());
const sources = { store: cli, rules: createRulesSource(cli) };

/** The least of three: every few seconds the service also reports which keys it has. */
async function roundTrips(ask: () => Promise<{ status: number }>): Promise<string> {
  const statuses = new Set<number>();
  let least = Infinity;
  for (let i = 0; i < 3; i += 1) {
    const before = link.sends();
    statuses.add((await ask()).status);
    least = Math.min(least, link.sends() - before);
  }
  return `${[...statuses].join(' or ')} after ${least}`;
}

t.test('a bad CONNECT of a device is one round trip to Redis, a malformed one none', async (t) => {
  const lamp = await addDevice(store);
  const off = await addDevice(store);
  await disableDevice(store, { id: off.id, reason: 'test', actor: 'operator' });
  const none: KeyedDevice = { ...lamp, username: 'd:none', clientId: 'none' };
  const wrongKey = { password: 'A'.repeat(43) };

  t.equal(await roundTrips(() => askConnect(stage, lamp, wrongKey)), '403 after 1', 'a wrong key');
  t.equal(await roundTrips(() => askConnect(stage, none)), '403 after 1', 'an unknown device');
  t.equal(await roundTrips(() => askConnect(stage, off)), '403 after 1', 'a disabled device');
  t.equal(await roundTrips(() => askConnect(stage, lamp, { password: 'x' })), '403 after 0', 'no key at all');
  t.equal(await roundTrips(() => askConnect(stage, lamp, { clientid: off.id })), '403 after 0', 'not its id');
  t.equal(await roundTrips(() => askConnect(stage, lamp)), '200 after 2', 'a right one is noted by a second');
});

t.test('an ACL check of a device is one round trip, granted or denied', async (t) => {
  const lamp = await addDevice(store);
  await askConnect(stage, lamp);
  await until(async () => (await store.redis.hlen(deviceClientsKey(lamp.id))) > 0, { what: 'the note' });

  for (const acc of [1, 2, 4]) {
    t.equal(await roundTrips(() => askTopic(stage, lamp, undefined, acc)), '200 after 1', `acc ${acc}`);
  }
  t.equal(await roundTrips(() => askTopic(stage, lamp, 'x')), '403 after 1', 'denied by the rules');
  const none = { ...lamp, username: 'd:none', clientId: 'none' };
  t.equal(await roundTrips(() => askTopic(stage, none)), '403 after 1', 'an unknown device');
  t.equal(
    await roundTrips(() => askTopic(stage, { ...lamp, clientId: 'none' })),
    '403 after 0',
    'not its id',
  );
});

t.test('by default a device has the topics below its own id, and none of an account', async (t) => {
  const [lamp, other] = [await addDevice(store), await addDevice(store)];
  const alice = await home.signIn();
  const rows: [topic: string, acc: number, reason: string | undefined][] = [
    [`devices/${lamp.id}/x`, 1, undefined],
    [`devices/${lamp.id}/x`, 2, undefined],
    [`devices/${lamp.id}/#`, 4, undefined],
    [`$share/g/devices/${lamp.id}/+`, 4, undefined],
    [`devices/${other.id}/x`, 2, 'no-rule-allows'],
    ['devices/+/x', 4, 'filter-not-covered'],
    ['#', 4, 'filter-not-covered'],
    ['$SYS/#', 4, 'no-rule-allows'],
    [`users/${alice.username}/x`, 1, 'no-rule-allows'],
    [`users/${alice.username}/x`, 2, 'no-rule-allows'],
    [`users/${alice.username}/#`, 4, 'no-rule-allows'],
    [`users/${lamp.username}/x`, 2, 'no-rule-allows'],
    [`users/${lamp.id}/x`, 2, 'no-rule-allows'],
  ];
  for (const [topic, acc, reason] of rows) {
    t.equal((await askTopic(stage, lamp, topic, acc)).reason, reason, `${acc} ${topic}`);
  }
  const asAlice = { username: alice.username, clientid: alice.clientId };
  t.equal(
    (await stage.askAcl({ ...asAlice, topic: `devices/${lamp.id}/x`, acc: 2 })).reason,
    'no-rule-allows',
  );
  t.equal(
    (await stage.askAcl({ ...asAlice, clientid: lamp.id, topic: 'x', acc: 2 })).reason,
    'client-id-malformed',
  );
});

t.test('roles, rules of one device, and %u, %c and %d count at the next check', async (t) => {
  const lamp = { ...(await addDevice(store, { roles: ['thing'] })), clientId: '' };
  lamp.clientId = `${lamp.id}.2`;
  const namesake = await home.signIn({ username: lamp.id });
  const allow = (filter: string): Rule => ({ effect: 'allow', access: ['write'], filter });
  const rules = [allow('of/%d/x'), allow('by/%c/x'), allow('for/%u/x')];
  const document: RulesDocument = {
    version: '0',
    roles: { thing: { permissions: [], rules }, user: { permissions: [], rules } },
    accounts: { [lamp.id]: [allow('the-account')] },
    devices: { [lamp.id]: [allow('the-device')] },
  };
  t.equal((await askTopic(stage, lamp)).reason, 'no-rule-allows', 'a role that no rule is about');
  await replaceRules(store, document, { actor: 'test' });
  t.teardown(() => store.redis.del(rulesKey));

  const granted = [`of/${lamp.id}/x`, `by/${lamp.id}.2/x`, `for/d:${lamp.id}/x`, 'the-device'];
  for (const topic of granted) t.equal((await askTopic(stage, lamp, topic)).status, 200, topic);
  for (const topic of ['the-account', `for/${lamp.id}/x`, 'of/other/x']) {
    t.equal((await askTopic(stage, lamp, topic)).reason, 'no-rule-allows', topic);
  }
  const asNamesake = { username: namesake.username, clientid: namesake.clientId, acc: 2 };
  for (const topic of ['the-device', `of/${lamp.id}/x`]) {
    t.equal((await stage.askAcl({ ...asNamesake, topic })).reason, 'no-rule-allows', `${topic}: an account`);
  }
  t.equal((await stage.askAcl({ ...asNamesake, topic: 'the-account' })).status, 200);

  await store.redis.hset(deviceKey(lamp.id), 'roles', '');
  t.equal((await askTopic(stage, lamp, `of/${lamp.id}/x`)).reason, 'no-rule-allows', 'without the role');
});

t.test('explain gives the decision of the webhook for devices, with state, roles and rule', async (t) => {
  const [lamp, off, moved] = [await addDevice(store), await addDevice(store), await addDevice(store)];
  await disableDevice(store, { id: off.id, reason: 'stolen', actor: 'operator' });
  await askConnect(stage, moved);
  await rotateDeviceKey(store, { id: moved.id, overlapSeconds: 0, actor: 'operator' });
  const none = { ...lamp, id: 'none', username: 'd:none', clientId: 'none' };

  for (const device of [lamp, off, moved, none, { ...lamp, clientId: off.id }]) {
    for (const [access, acc] of [['read', 1] as const, ['write', 2] as const, ['subscribe', 4] as const]) {
      for (const topic of [`devices/${device.id}/x`, 'devices/#', 'x']) {
        const answer = await askTopic(stage, device, topic, acc);
        const { username, clientId } = device;
        const explained = await explain(sources, { username, clientId, topic, access });
        t.equal(explained.granted, answer.status === 200);
        t.equal(explained.reason, answer.reason, `${username} ${clientId} ${access} ${topic}`);
      }
    }
  }

  const asked = { topic: `devices/${lamp.id}/x`, access: 'write' } as const;
  t.match(await explain(sources, { ...lamp, ...asked }), {
    granted: true,
    rulesVersion: '0',
    rule: { holder: 'role', name: 'device', index: 0, filter: 'devices/%d/#' },
    device: { id: lamp.id, owner: '', state: 'active', roles: ['device'] },
    session: undefined,
  });
  const denied = await explain(sources, { ...off, ...asked });
  t.match(denied, {
    granted: false,
    reason: 'device-disabled',
    device: { state: 'disabled', endReason: 'stolen', endActor: 'operator' },
  });
  t.same(denied.sentences.slice(1), [
    denialReasons['device-disabled'],
    `The device ${off.id} was disabled by operator (stolen).`,
  ]);
  t.notMatch(JSON.stringify(denied), (await store.redis.hget(deviceKey(off.id), 'keyHash')) ?? 'a hash');
});

t.test('explaining and being denied leave nothing behind', async (t) => {
  const lamp = await addDevice(store);
  const before = await store.redis.dbsize();

  await explain(sources, { ...lamp, topic: 'a', access: 'read' });
  for (let i = 0; i < 50; i += 1) {
    await askConnect(stage, lamp, { password: 'A'.repeat(43), clientid: `${lamp.id}.${i}` });
    await askConnect(stage, { ...lamp, username: `d:n${i}`, clientId: `n${i}` });
  }

  t.equal(await store.redis.dbsize(), before);
  t.equal(await store.redis.exists(deviceClientsKey(lamp.id)), 0);
});

t.test('a Redis that does not answer is 503 for devices too, and nobody gets in', async (t) => {
  const lamp = await addDevice(store);
  await askConnect(stage, lamp);
  link.hold();
  t.teardown(() => link.release());

  t.equal((await askConnect(stage, lamp)).status, 503);
  t.equal((await askTopic(stage, lamp)).status, 503);
});
