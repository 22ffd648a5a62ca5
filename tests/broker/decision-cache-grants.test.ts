import t from 'tap';
import { openCacheStage } from '../support/cache-stage.ts';
import { openClient, publish, publishRetained, signIn, subscribe } from '../support/mqtt-outcomes.ts';
import { openPluginStage, pluginOptions } from '../support/plugin-stage.ts';
import { startRefusedBroker } from '../support/broker-process.ts';

t.test('what the webhook offered is granted from memory, and asked once', async (t) => {
  const stage = await openCacheStage(t, { plugin: { log_level: 'debug' } });
  const { broker, webhook, file, secondFile } = stage;
  const client = await stage.signIn();

  t.equal(await stage.countAsked(() => publish(client, 'a/b', 1)), 1);
  t.equal(await stage.countAsked(() => publish(client, 'a/b', 1)), 0);
  t.strictSame(await publish(client, 'a/b', 2), ['pubrec', 'pubcomp']);
  t.equal(await stage.countAsked(() => subscribe(client, 'x/#', 0)), 1);
  t.equal(await stage.countAsked(() => subscribe(client, 'x/#', 0)), 0);

  t.strictSame(
    broker.pluginLines().filter((line) => line.startsWith('write')),
    [
      'write granted; client c, username u, topic a/b',
      'write granted from memory; client c, username u, topic a/b',
      'write granted from memory; client c, username u, topic a/b',
    ],
  );
  t.match(broker.pluginLines()[0], /; decision cache: 100000 grants$/);
  t.strictSame(broker.pluginLines().slice(1, 3), [
    `the counter file ${file.path} is used: 1024 slots, lease 10000 ms`,
    `the counter file ${secondFile.path} is used: 4096 slots, lease 10000 ms`,
  ]);
  t.equal(webhook.requests.length, 3);
});

t.test('a message to many subscribers asks for each of them once, and never again', async (t) => {
  const stage = await openCacheStage(t);
  const publisher = await stage.signIn('p');
  const readers = await Promise.all(Array.from({ length: 5 }, (_, number) => stage.signIn(`r${number}`)));
  for (const reader of readers) await subscribe(reader, 'a/#', 0);

  t.equal(await stage.countAsked(() => publish(publisher, 'a/b', 1)), 6);
  t.equal(await stage.countAsked(() => publish(publisher, 'a/b', 1)), 0);

  for (const reader of readers) t.strictSame(await reader.settle(), ['publish a/b=x', 'publish a/b=x']);
});

t.test('without an offer every delivery is asked for: the broker remembers nothing itself', async (t) => {
  const stage = await openCacheStage(t);
  stage.webhook.answerWith(() => 200);
  const publisher = await stage.signIn('p');
  const reader = await stage.signIn('r');
  await subscribe(reader, 'a/#', 0);

  for (let i = 0; i < 20; i++) t.equal(await stage.countAsked(() => publish(publisher, 'a/b', 1)), 2);
});

t.test('retained and queued messages are delivered from memory', async (t) => {
  const stage = await openCacheStage(t);
  const publisher = await stage.signIn('p');
  await publishRetained(publisher, 'a/kept', 'x');
  const persistent = {
    port: stage.broker.port,
    clientId: 'r',
    username: 'u',
    password: 'p',
    clean: false,
  };
  const reader = await signIn(persistent);

  t.equal(await stage.countAsked(() => subscribe(reader, 'a/#', 1)), 2, 'subscribe and read');
  t.equal(await stage.countAsked(() => subscribe(reader, 'a/#', 1)), 0);
  await reader.drop();
  await publish(publisher, 'a/kept', 1, 'queued');

  const again = openClient(persistent);
  t.equal(await stage.countAsked(async () => t.match(await again.settle(), ['connack 0', /queued/])), 0);
});

t.test('a denial is never remembered, with an offer or without', async (t) => {
  const stage = await openCacheStage(t);
  const client = await stage.signIn();
  stage.webhook.answerWith(({ check }) => ({ status: 403, headers: stage.file.offer(check.clientid ?? '') }));

  t.strictSame(await publish(client, 'a/b', 1), ['puback 135']);
  stage.offerAll();

  t.strictSame(await publish(client, 'a/b', 1), ['puback 16']);
});

t.test('a 2xx answer that the response mode takes for a denial is never remembered', async (t) => {
  for (const [mode, granted, denied] of [
    ['json', '{"Ok":true}', '{"Ok":false}'],
    ['text', 'ok', 'no'],
  ] as const) {
    const stage = await openCacheStage(t, { plugin: { http_response_mode: mode } });
    stage.webhook.answerWith(({ check }) => ({
      status: 200,
      body: check.kind === 'user' ? granted : denied,
      headers: stage.file.offer('c'),
    }));
    const client = await stage.signIn();

    for (let i = 0; i < 3; i++) t.strictSame(await publish(client, 'a/b', 1), ['puback 135'], mode);
  }
});

t.test('a sign-in is never remembered, nor does its offer let anything else be', async (t) => {
  const stage = await openCacheStage(t);
  stage.webhook.answerWith(() => ({ status: 200, headers: stage.file.offer('c') }));
  await stage.signIn();
  stage.webhook.answerWith(({ check }) => (check.kind === 'user' ? 200 : 403));
  const client = await stage.signIn();
  stage.webhook.answerWith(() => 403);

  t.equal(
    await openClient({ port: stage.broker.port, clientId: 'c', username: 'u', password: 'p' }).next(),
    'connack 135',
  );
  t.strictSame(await client.settle(), []);
});

t.test('a superuser is remembered only by an offer of its own', async (t) => {
  const stage = await openCacheStage(t, { plugin: { http_superuser_uri: '/superuser' } });
  stage.webhook.answerWith(() => 200);
  const client = await stage.signIn();
  const countAll = async () => {
    const before = stage.webhook.requests.length;
    await publish(client, 'a/b', 1);
    return stage.webhook.requests.length - before;
  };

  t.equal(await countAll(), 1);
  t.equal(await countAll(), 1);
  stage.webhook.answerWith(() => ({ status: 200, headers: stage.file.offer('c') }));

  t.equal(await countAll(), 1);
  t.equal(await countAll(), 0);
});

t.test('no check is taken for another whose strings run together alike', async (t) => {
  const stage = await openCacheStage(t);
  const signInAs = (clientId: string, username: string) =>
    signIn({ port: stage.broker.port, clientId, username, password: 'p' });
  const first = await signInAs('bc', 'a');
  const cases: [clientId: string, username: string, topic: string][] = [
    ['c', 'ab', 'd/e'],
    ['b', 'a', 'cd/e'],
    ['bcd', 'a', '/e'],
    ['a', 'bc', 'd/e'],
    ['bc', 'A', 'd/e'],
    ['bc', 'a', 'd/e/'],
    ['bc', 'a', 'd'],
  ];
  await publish(first, 'd/e', 1);

  for (const [clientId, username, topic] of cases) {
    const client = await signInAs(clientId, username);
    t.equal(await stage.countAsked(() => publish(client, topic, 1)), 1, `${clientId} ${username} ${topic}`);
  }
  const again = await signInAs('bc', 'a');
  t.equal(await stage.countAsked(() => publish(again, 'd/e', 1)), 0);
});

t.test('each access is a right of its own', async (t) => {
  const stage = await openCacheStage(t);
  const client = await stage.signIn();
  await publish(client, 'a/b', 1);

  t.equal(await stage.countAsked(() => subscribe(client, 'a/b', 0)), 1);
  t.equal(await stage.countAsked(() => publish(client, 'a/b', 1)), 1, 'to read it');
  t.equal(await stage.countAsked(() => publish(client, 'a/b', 1)), 0);
});

t.test('without cache_file offers are ignored', async (t) => {
  const stage = await openCacheStage(t, { plugin: { cache_file: undefined } });
  const client = await stage.signIn();

  for (let i = 0; i < 3; i++) t.equal(await stage.countAsked(() => publish(client, 'a/b', 1)), 1);
  t.match(stage.broker.pluginLines(), [/; decision cache: 0 grants$/]);
});

t.test('with a token as username nothing can be remembered', async (t) => {
  const stage = await openPluginStage(t, { backend: 'jwt' });
  stage.webhook.answerWith(() => ({ status: 200, headers: { 'x-bednet-cache': '1 0000000000000001 1 1' } }));
  const client = await signIn({ port: stage.broker.port, clientId: 'c', username: 'token', password: 'p' });
  const { pluginLines } = await startRefusedBroker({
    plugin: pluginOptions(8081, { cache_file: '/dev/shm/x', cache_entries: 1000 }, 'jwt'),
  });

  for (let i = 0; i < 3; i++) await publish(client, 'a/b', 1);
  t.equal(stage.webhook.requests.length, 4);
  t.strictSame(pluginLines, [
    'cache_file has no effect with backends jwt.',
    'cache_entries has no effect with backends jwt.',
  ]);
});

t.test('the counts are told when the broker stops', async (t) => {
  const { signIn: signInAs, broker, ...stage } = await openCacheStage(t);
  const client = await signInAs();
  await publish(client, 'a/b', 1);
  await publish(client, 'a/b', 1);
  stage.webhook.answerWith(() => 403);
  await publish(client, 'a/c', 1);

  process.kill(broker.pid, 'SIGTERM');

  await broker.waitForLog(
    /bednet: decision cache: 1 checks granted from memory, 2 asked, 1 of these remembered\n/,
  );
});
