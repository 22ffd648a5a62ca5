import t from 'tap';
import { checkAcl } from '../../services/core/check/check-acl.ts';
import type { FactsSource } from '../../services/core/check/facts-source.ts';
import { readFacts } from '../../services/core/check/read-facts.ts';
import { createRulesSource } from '../../services/core/check/rules-source.ts';
import { replaceRules } from '../../services/core/rules/replace-rules.ts';
import { createBrokerKeyCheck } from '../../services/webhook/contract/broker-key.ts';
import { parseBody } from '../../services/webhook/contract/parse-body.ts';
import { commandsOf } from '../support/count-work.ts';
import { buildOwnWebhook } from '../support/lane-stage.ts';
import { startWebhookStage } from '../support/webhook-service.ts';

const stage = await startWebhookStage(t, { parts: ['redis'] });
const { brokerKey } = stage.stack.secrets;
const { webhook, store: ownStore } = await buildOwnWebhook(t, stage);
const { app } = webhook;
const alice = await stage.signIn();
const check = {
  username: alice.username,
  clientId: alice.clientId,
  topic: `users/${alice.username}/x`,
  access: 'write',
} as const;

async function askAcl(): Promise<number> {
  const { statusCode } = await app.inject({
    method: 'POST',
    url: '/acl',
    headers: { 'x-bednet-key': brokerKey, 'x-request-id': 'of-the-caller' },
    payload: { username: check.username, clientid: check.clientId, topic: check.topic, acc: 2 },
  });
  return statusCode;
}

t.test('a check has no logger and no id of its own', async (t) => {
  const seen: boolean[] = [];
  app.addHook('onRequest', async (request) => {
    seen.push(request.id === '' && request.log === app.log);
  });

  t.equal(await askAcl(), 200);

  t.same(seen, [true]);
});

t.test('a check is three commands', async (t) => {
  await askAcl();

  t.same(await commandsOf(stage.store, async () => t.equal(await askAcl(), 200)), ['hmget', 'hget', 'time']);
});

t.test('a pipeline carries no scripts', (t) => {
  t.same(
    Object.keys(ownStore.redis.pipeline()).filter((name) => name.includes('-')),
    [],
  );
  t.same(ownStore.redis.scriptsSet, {});
  t.end();
});

t.test('with all in memory, a check is answered without a promise', async (t) => {
  const rules = createRulesSource(stage.store);
  const rule = { effect: 'allow', access: ['write'], filter: 'users/%u/#' } as const;
  const version = await replaceRules(
    stage.store,
    { version: '0', roles: { user: { permissions: [], rules: [rule] } } },
    { actor: 'test' },
  );
  const kept = await readFacts(stage.store, alice.sid);
  const facts: FactsSource = {
    readFacts: () => kept,
    readDeviceFacts: () => t.fail('it is no device') as never,
  };
  const sources = { store: stage.store, rules, facts };
  t.match(version, { outcome: 'replaced' });

  const first = checkAcl(sources, check);
  t.ok(first instanceof Promise, 'the rules are read');
  t.match(await first, { decision: { granted: true } });

  t.match(checkAcl(sources, check), { decision: { granted: true } });
  t.match(checkAcl(sources, { ...check, topic: 'x' }), { decision: { reason: 'no-rule-allows' } });
});

t.test('a broker key is right only whole, however long it is', (t) => {
  for (const key of ['k'.repeat(43), 'ключ-'.repeat(9), 'k'.repeat(252), 'k'.repeat(253), 'k'.repeat(2000)]) {
    const findFault = createBrokerKeyCheck(key);
    const ask = (presented: string | undefined) =>
      findFault({ headers: {}, query: { key: presented } } as Parameters<typeof findFault>[0]);

    t.equal(ask(key), undefined);
    for (const near of [key.slice(1), key.slice(0, -1), `${key}k`, `${key}\0`, `${key.slice(0, -1)}\0`]) {
      t.equal(ask(near), 'broker-key-wrong');
    }
    t.equal(ask('x'.repeat(10_000)), 'broker-key-wrong');
    t.equal(ask(key.repeat(40)), 'broker-key-wrong');
    t.equal(ask(''), 'broker-key-missing');
    t.equal(ask(undefined), 'broker-key-missing');
    t.equal(ask(key), undefined, 'what was asked before leaves nothing behind');
  }
  t.end();
});

t.test('a member that is given twice is found among colons and quotes', (t) => {
  const parse = (text: string) => parseBody('application/json', Buffer.from(text));
  const single = [
    '{}',
    '{"a":"x:y"}',
    '{"a":"\\":","b" : "\\\\"}',
    '{"a\\"b":1, "c:":null}',
    '{"__proto__":"x"}',
  ];
  const double = [
    '{"a":1,"a":2}',
    '{"a":":","\\u0061":""}',
    '{"a":"\\\\","b":0,"a":"\\":"}',
    '{"a":1 , "a" :1}',
  ];

  for (const text of single) t.match(parse(text), { parsed: true }, text);
  for (const text of double) t.match(parse(text), { parsed: false, reason: 'field-duplicate' }, text);
  t.end();
});

t.test('a name that objects inherit is no field of a body', async (t) => {
  for (const payload of ['{"__proto__":{"username":"a"}}', '{"constructor":"x","toString":"y"}']) {
    const headers = { 'x-bednet-key': brokerKey, 'content-type': 'application/json' };
    const answer = await app.inject({ method: 'POST', url: '/acl', headers, payload });
    t.match(answer.headers['x-bednet-reason'], /^field-(type|missing)$/);
  }
});
