import t from 'tap';
import { defaultRulesDocument, type Rule } from '../../services/core/acl/rules.ts';
import { replaceRules } from '../../services/core/rules/replace-rules.ts';
import { issueTicket } from '../../services/webhook/kick/tickets.ts';
import { askRoutingKey, rabbitmq, type HookClient } from '../support/hook-brokers.ts';
import { clientOf, startHookStage, testHookBehaviours } from '../support/hook-behaviours.ts';

const stage = await startHookStage(t, rabbitmq);
const { verdict } = stage;

testHookBehaviours(t, stage, rabbitmq);

const ask = (path: string, form: Record<string, string>) => stage.ask(path, { key: 'query', form });

const askResource = (
  { username, clientId }: HookClient,
  resource: string,
  name: string,
  permission: string,
) =>
  ask('/rabbitmq/resource', {
    ...{ username, vhost: '/', resource, name, permission, tags: '', client_id: clientId },
  });

const askVhost = ({ username, clientId }: HookClient, vhost = '/') =>
  ask('/rabbitmq/vhost', { username, vhost, ip: '127.0.0.1', tags: '', client_id: clientId });

t.test('answers are the bare words that RabbitMQ of every version reads', async (t) => {
  const client = clientOf(await stage.signIn());
  const right = rabbitmq.connect(client);

  const granted = await stage.ask(right.path, right.asked);
  const denied = await askVhost(client, '/other');

  t.match(granted, { status: 200, body: 'allow', contentType: /^text\/plain/ });
  t.match(denied, { status: 200, body: 'deny', reason: 'virtual-host-other' });
});

t.test('a client without an MQTT client id is let in nowhere', async (t) => {
  const { username, password } = clientOf(await stage.signIn());

  const answers = [
    await ask('/rabbitmq/user', { username, password }),
    await ask('/rabbitmq/user', { username, password, vhost: '/' }),
    await ask('/rabbitmq/vhost', { username, vhost: '/', ip: '127.0.0.1' }),
    await ask('/rabbitmq/resource', {
      ...{ username, vhost: '/', resource: 'exchange', name: 'amq.topic', permission: 'write' },
    }),
    await ask('/rabbitmq/topic', {
      ...{
        username,
        vhost: '/',
        resource: 'topic',
        name: 'amq.topic',
        permission: 'write',
        routing_key: 'a',
      },
    }),
  ];

  for (const answer of answers) t.match(answer, { body: 'deny', reason: 'field-missing' });
});

t.test('another virtual host is denied', async (t) => {
  const client = clientOf(await stage.signIn());
  const { path, asked } = rabbitmq.connect(client);
  const topic = askRoutingKey(client, `users/${client.username}/x`, 'write');

  t.equal(
    (await stage.ask(path, { ...asked, form: { ...asked.form, vhost: 'k' } })).reason,
    'virtual-host-other',
  );
  t.equal((await askVhost(client)).body, 'allow');
  t.equal((await askVhost(client, 'k')).reason, 'virtual-host-other');
  t.equal(
    (await stage.ask(topic.path, { ...topic.asked, form: { ...topic.asked.form, vhost: 'k' } })).reason,
    'virtual-host-other',
  );
});

t.test('a client has its own queues and the exchange of topics, and nothing else', async (t) => {
  const [alice, bob] = [clientOf(await stage.signIn()), clientOf(await stage.signIn())];
  const queueOf = ({ clientId }: HookClient, qos = 1) => `mqtt-subscription-${clientId}qos${qos}`;

  for (const permission of ['configure', 'write', 'read']) {
    t.equal((await askResource(alice, 'queue', queueOf(alice), permission)).body, 'allow', permission);
    t.equal((await askResource(alice, 'queue', queueOf(bob), permission)).reason, 'resource-other');
  }
  t.equal((await askResource(alice, 'queue', queueOf(alice, 0), 'read')).body, 'allow');
  t.equal((await askResource(alice, 'queue', `mqtt-will-${alice.clientId}`, 'configure')).body, 'allow');
  t.equal((await askResource(alice, 'exchange', 'amq.topic', 'write')).body, 'allow');
  t.equal((await askResource(alice, 'exchange', 'amq.topic', 'read')).body, 'allow');
  for (const [resource, name, permission] of [
    ['exchange', 'amq.topic', 'configure'],
    ['exchange', 'amq.direct', 'write'],
    ['exchange', '', 'write'],
    ['queue', queueOf(alice, 2), 'read'],
    ['queue', 'orders', 'read'],
    ['vhost', 'amq.topic', 'read'],
  ] as const) {
    t.equal(
      (await askResource(alice, resource, name, permission)).reason,
      'resource-other',
      `${resource} ${name}`,
    );
  }
});

t.test('a revoked session loses its virtual host, queues and exchange too', async (t) => {
  const alice = await stage.signIn();
  const client = clientOf(alice);
  const queue = `mqtt-subscription-${alice.clientId}qos1`;

  await stage.revoke(alice);

  t.equal((await askVhost(client)).reason, 'session-revoked');
  t.equal((await askResource(client, 'queue', queue, 'read')).reason, 'session-revoked');
  t.equal((await askResource(client, 'exchange', 'amq.topic', 'write')).reason, 'session-revoked');
});

t.test('a kick may delete the queues of its client, and nothing else', async (t) => {
  const alice = await stage.signIn();
  const ticket = (await issueTicket(stage.store, alice.clientId)) ?? '';
  const kick = { username: 'k:kick', password: ticket, clientId: alice.clientId };
  const queue = `mqtt-subscription-${alice.clientId}qos1`;

  t.equal(await verdict(rabbitmq.connect(kick)), 'grant');
  t.equal((await askVhost(kick)).body, 'allow');
  t.equal((await askResource(kick, 'queue', queue, 'configure')).body, 'allow');
  t.equal((await askResource(kick, 'queue', queue, 'read')).reason, 'kick-has-no-topics');
  t.equal(
    (await askResource(kick, 'queue', 'mqtt-subscription-xqos1', 'configure')).reason,
    'resource-other',
  );
  t.equal((await askResource(kick, 'exchange', 'amq.topic', 'write')).reason, 'kick-has-no-topics');
});

t.test('topics come back out of routing keys exactly, and what is ambiguous is refused', async (t) => {
  const client = clientOf(await stage.signIn({ username: 'carol' }));
  const reasonOf = async (routingKey: string, permission: string) => {
    const { path, asked } = askRoutingKey(client, '', permission);
    const answer = await stage.ask(path, { ...asked, form: { ...asked.form, routing_key: routingKey } });
    return answer.body === 'allow' ? 'granted' : answer.reason;
  };

  for (const [routingKey, permission, told] of [
    ['users.carol.x', 'write', 'granted'],
    ['users.carol.a b.ü.%2F&=?', 'write', 'granted'],
    ['users.carol..x', 'write', 'granted'],
    ['users.carol.*.x', 'read', 'granted'],
    ['users.carol.#', 'read', 'granted'],
    ['users.*.x', 'read', 'filter-not-covered'],
    ['.users.carol.x', 'write', 'no-rule-allows'],
    ['users/carol/x', 'write', 'request-malformed'],
    ['users.+.x', 'read', 'request-malformed'],
    ['users.carol.*', 'write', 'topic-malformed'],
    ['users.carol.#', 'write', 'topic-malformed'],
    ['users.carol.a*', 'read', 'filter-malformed'],
    ['users.#.x', 'read', 'filter-malformed'],
    ['#.carol', 'read', 'filter-malformed'],
    ['$share.g.users.carol.#', 'read', 'share-not-there'],
    ['users.carol.x', 'configure', 'access-unknown'],
    ['', 'write', 'topic-malformed'],
  ] as const) {
    t.equal(await reasonOf(routingKey, permission), told, `${permission} ${routingKey}`);
  }
});

t.test('a deny rule with a point holds, though RabbitMQ takes the point for a slash', async (t) => {
  const deny: Rule = { effect: 'deny', access: ['write', 'subscribe'], filter: 'users/+/key.pem' };
  const user = { permissions: [], rules: [...(defaultRulesDocument.roles['user']?.rules ?? []), deny] };
  await replaceRules(stage.store, { ...defaultRulesDocument, roles: { user } }, { actor: 'test' });
  const client = clientOf(await stage.signIn({ username: 'dora' }));

  t.equal(await verdict(rabbitmq.publish(client, 'users/dora/key.pem')), 'denial');
  t.equal(await verdict(rabbitmq.publish(client, 'users/dora/key/pem')), 'denial', 'the same topic there');
  t.equal(await verdict(rabbitmq.subscribe(client, 'users/dora/key/#')), 'denial');
  t.equal(await verdict(rabbitmq.publish(client, 'users/dora/key')), 'grant');
  t.equal(
    await verdict(rabbitmq.subscribe(client, 'users/dora/+')),
    'grant',
    'it does not reach that deep there',
  );
});

t.test('an account with a point in its name gets no topics of another one', async (t) => {
  const dotted = clientOf(await stage.signIn({ username: 'e.f' }));
  const plain = clientOf(await stage.signIn({ username: 'e' }));

  t.equal(await verdict(rabbitmq.publish(plain, 'users/e/f/x')), 'grant');
  t.equal(await verdict(rabbitmq.publish(dotted, 'users/e.f/x')), 'denial', 'for it is the same topic there');
});
