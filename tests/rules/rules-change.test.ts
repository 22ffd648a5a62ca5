import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { permissionsOf } from '../../services/core/accounts/permissions.ts';
import type { RulesDocument } from '../../services/core/acl/rules.ts';
import { createRulesSource } from '../../services/core/check/rules-source.ts';
import { rulesEventsKey, rulesHistoryKey, rulesKey } from '../../services/core/redis/keys.ts';
import { replaceRules } from '../../services/core/rules/replace-rules.ts';
import { readRolesInForce } from '../../services/core/rules/roles-in-force.ts';
import {
  findRulesVersion,
  readRulesHistory,
  rollBackRules,
} from '../../services/core/rules/rules-history.ts';
import { cliFor } from '../cli/run-cli.ts';
import { makeTestFolder } from '../support/stack.ts';
import { startWebhookStage } from '../support/webhook-service.ts';

const stage = await startWebhookStage(t);
const { store } = stage;
const cli = cliFor(stage.stack.runDir.path);
const folder = makeTestFolder(t);
const actor = 'test';

const fileOf = (text: string) => {
  const file = join(folder, 'rules.yaml');
  writeFileSync(file, text);
  return file;
};
const documentOf = (version: string, filter: string, permissions: string[] = []): RulesDocument => ({
  version,
  roles: { user: { permissions, rules: [{ effect: 'allow', access: ['write'], filter }] } },
});

t.beforeEach(() => store.redis.del(rulesKey, rulesHistoryKey, rulesEventsKey));

t.test('a change counts at the next check of the webhook service, which goes on running', async (t) => {
  const alice = await stage.signIn();
  const write = async (topic: string) => {
    const { status, reason } = await stage.askAcl({
      ...{ username: alice.username, clientid: alice.clientId, topic, acc: 2 },
    });
    return status === 200 ? 'granted' : reason;
  };
  const { pid } = stage.stack.part('webhook');
  t.equal(await write(`users/${alice.username}/x`), 'granted');
  t.equal(await write('plant/1'), 'no-rule-allows');

  const dry = fileOf('roles:\n  user:\n    rules:\n      - allow: [write]\n        filter: plant/#\n');
  await cli.json(['rules', 'apply', dry, '--dry-run']);
  t.equal(await write('plant/1'), 'no-rule-allows', 'a dry run changes nothing');
  await cli.json(['rules', 'apply', dry]);
  t.equal(await write('plant/1'), 'granted');
  t.equal(await write(`users/${alice.username}/x`), 'no-rule-allows');

  await cli.json([
    'rules',
    'apply',
    fileOf(
      `accounts: {${alice.username}: [{deny: [write], filter: plant/1}]}\nroles: {user: [{allow: [write], filter: plant/#}]}`,
    ),
  ]);
  t.equal(await write('plant/1'), 'denied-by-rule');
  t.equal(await write('plant/2'), 'granted');

  await cli.json(['rules', 'rollback', '0']);
  t.equal(await write(`users/${alice.username}/x`), 'granted');
  t.equal(await write('plant/2'), 'no-rule-allows');
  t.equal(stage.stack.part('webhook').pid, pid, 'the same process');
});

t.test('each version is kept with who made it and when, and the newest is in force', async (t) => {
  const first = await replaceRules(store, documentOf('0', 'a'), { actor: 'ann' });
  const second = await replaceRules(store, documentOf(first.version, 'b'), { actor: 'ben' });
  const third = await replaceRules(store, documentOf(second.version, 'a'), {
    actor,
    rolledBackTo: first.version,
  });

  t.match(await readRulesHistory(store), [
    { rules: { version: third.version }, actor, rolledBackTo: first.version },
    { rules: documentAt(second.version, 'b'), actor: 'ben', rolledBackTo: '' },
    { rules: documentAt(first.version, 'a'), actor: 'ann', rolledBackTo: '', atMs: Number },
  ]);
  t.match(await store.redis.hgetall(rulesKey), { version: third.version, actor, atMs: /^\d{13}$/ });
  t.match(await findRulesVersion(store, second.version), documentAt(second.version, 'b'));
  t.match(await findRulesVersion(store, '0'), { document: { roles: { admin: { permissions: ['*'] } } } });
  t.equal(await findRulesVersion(store, '7-unknown'), undefined);

  function documentAt(version: string, filter: string) {
    return { version, document: documentOf(version, filter) };
  }
});

t.test('a roll-back needs a version that is kept and sound, and the one that was seen', async (t) => {
  const first = await replaceRules(store, documentOf('0', 'a'), { actor });
  const { version: seen } = await replaceRules(store, documentOf(first.version, 'b'), { actor });
  await store.redis.rpush(rulesHistoryKey, JSON.stringify({ version: '0-broken', document: '{"roles":1}' }));
  const rollBack = (to: string, version = seen) => rollBackRules(store, { to, seen: version, actor });

  t.strictSame(await rollBack('7-unknown'), { outcome: 'unknown' });
  t.match(await rollBack('0-broken'), { outcome: 'faults', faults: [/^roles is not/] });
  t.strictSame(await rollBack(first.version, first.version), { outcome: 'conflict', version: seen });
  t.match(await rollBack(first.version), { outcome: 'replaced', version: /^3-/ });
  t.match((await readRulesHistory(store))[0], { rules: { document: documentOf(/^3-/ as never, 'a') } });
});

t.test('a change that meets another one changes nothing', async (t) => {
  const changes = Array.from({ length: 20 }, (_, index) =>
    replaceRules(store, documentOf('0', `a/${index}`), { actor }),
  );

  const outcomes = (await Promise.all(changes)).map(({ outcome }) => outcome);

  t.equal(outcomes.filter((outcome) => outcome === 'replaced').length, 1);
  t.equal(await store.redis.llen(rulesHistoryKey), 1);
  t.equal(await store.redis.xlen(rulesEventsKey), 1);
});

t.test('fifty versions are kept, and each change is an event', async (t) => {
  let version = '0';
  for (let i = 0; i < 53; i += 1) {
    ({ version } = await replaceRules(store, documentOf(version, `a/${i}`), { actor }));
  }

  const history = await readRulesHistory(store);
  const events = await store.redis.xrevrange(rulesEventsKey, '+', '-', 'COUNT', 1);

  t.equal(history.length, 50);
  t.match(history.at(-1)?.rules.version, /^4-/);
  t.match(events[0]?.[1], ['type', 'rules-changed', 'version', version, 'actor', actor, 'atMs', /^\d{13}$/]);
});

t.test('permissions follow the rules in force, read once per version', async (t) => {
  const rules = createRulesSource(store);
  const permissions = async (...roles: string[]) =>
    permissionsOf(roles, await readRolesInForce(store, rules));
  t.strictSame(await permissions('admin'), ['*']);

  const { version } = await replaceRules(store, documentOf('0', 'a', ['plant.view']), { actor });
  t.strictSame(await permissions('user', 'admin'), ['plant.view']);
  t.equal(await readRolesInForce(store, rules), await readRolesInForce(store, rules), 'compiled once');

  await replaceRules(store, documentOf(version, 'a', ['plant.*']), { actor });
  t.strictSame(await permissions('user'), ['plant.*']);
  await store.redis.hset(rulesKey, 'version', '9', 'document', '{"roles":[]}');
  t.strictSame(await permissions('user'), [], 'broken rules permit nothing');
});

t.test('a document of before roles had permissions is still in force', async (t) => {
  const alice = await stage.signIn();
  const old = { roles: { user: [{ effect: 'allow', access: ['write'], filter: 'old/#' }] } };
  await store.redis.hset(rulesKey, 'version', '3-abc', 'document', JSON.stringify(old));

  const { username, clientId: clientid } = alice;
  t.equal((await stage.askAcl({ username, clientid, topic: 'old/1', acc: 2 })).status, 200);
});
