import t from 'tap';
import { askHook, vernemq } from '../support/hook-brokers.ts';
import { clientOf, startHookStage, testHookBehaviours } from '../support/hook-behaviours.ts';

const stage = await startHookStage(t, vernemq);
const alice = await stage.signIn({ username: 'alice' });
const client = clientOf(alice);
const names = { username: 'alice', mountpoint: '', client_id: alice.clientId };
const answerTo = async ({ path, asked }: ReturnType<typeof askHook>) =>
  JSON.parse((await stage.ask(path, asked)).body) as unknown;

t.test('answers have the form that VerneMQ documents', async (t) => {
  t.same(await answerTo(vernemq.connect(client)), { result: 'ok' });
  t.same(await answerTo(vernemq.connect({ ...client, password: 'x' })), { result: { error: 'not_allowed' } });
  t.same(await answerTo(vernemq.subscribe(client, 'users/alice/#')), { result: 'ok' });
});

t.test('of several filters each is granted or denied by itself', async (t) => {
  const topics = [
    { topic: 'users/alice/a', qos: 2 },
    { topic: 'users/bob/a', qos: 1 },
    { topic: 'users/alice/b', qos: 0 },
  ];
  const options = { no_local: true, rap: true, retain_handling: 'dont_send' };
  const topicsOfMqtt5 = topics.map((topic) => ({ ...topic, ...options }));

  const v3 = await answerTo(askHook('subscribe', { ...names, topics }));
  const m5 = await answerTo(askHook('subscribe', { ...names, topics: topicsOfMqtt5, properties: {} }, '_m5'));

  t.same(v3, { result: 'ok', topics: [topics[0], { topic: 'users/bob/a', qos: 128 }, topics[2]] });
  const denied = { topic: 'users/bob/a', qos: 135, ...options };
  t.same(m5, { result: 'ok', modifiers: { topics: [topicsOfMqtt5[0], denied, topicsOfMqtt5[2]] } });
});

t.test('the hooks of MQTT 5 are understood, with all that they bring', async (t) => {
  const user_property = [{ key: 'bmFtZQ==', val: 'dmFsdWU=' }];
  const connected = { ...names, password: alice.token, clean_start: true, properties: { user_property } };
  const published = { ...names, qos: 1, topic: 'users/alice/x', retain: false, properties: {} };

  t.equal(await stage.verdict(askHook('register', connected, '_m5')), 'grant');
  t.equal(
    await stage.verdict(askHook('register', { ...connected, password: null }, '_m5')),
    'denial',
    'none given',
  );
  t.equal(await stage.verdict(askHook('publish', published, '_m5')), 'grant');
  t.equal(await stage.verdict(askHook('publish', { ...published, topic: 'users/bob/x' }, '_m5')), 'denial');
  t.equal(
    await stage.verdict(askHook('publish', { ...published, username: null })),
    'denial',
    'without username',
  );
});

t.test('a hook at the wrong address, another mountpoint and odd lists are denied', async (t) => {
  const topics = [{ topic: 'users/alice/a', qos: 1 }];
  const subscribe = { ...names, topics };
  const rows = [
    [{ ...askHook('publish', subscribe), path: '/vernemq/subscribe' }, 'request-malformed'],
    [{ ...askHook('subscribe', subscribe), path: '/vernemq/register' }, 'request-malformed'],
    [askHook('subscribe', { ...subscribe, mountpoint: 'b' }), 'virtual-host-other'],
    [askHook('subscribe', { ...names }), 'field-missing'],
    [askHook('subscribe', { ...names, topics: [] }), 'field-type'],
    [askHook('subscribe', { ...names, topics: ['users/alice/a'] }), 'field-type'],
    [askHook('subscribe', { ...names, topics: [{ topic: 'users/alice/a', qos: 3 }] }), 'field-type'],
    [askHook('subscribe', { ...subscribe, client_id: 7 }), 'field-type'],
  ] as const;

  for (const [{ path, asked }, reason] of rows) {
    const answer = await stage.ask(path, asked);
    t.equal(vernemq.read(answer), 'denial', reason);
    t.equal(answer.reason, reason);
  }
});

testHookBehaviours(t, stage, vernemq);
