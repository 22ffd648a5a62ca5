import t from 'tap';
import { reservePort } from '../support/reserve-port.ts';
import { waitUntil } from '../support/broker-process.ts';
import { openClient, publish, signIn, subscribe } from '../support/mqtt-outcomes.ts';
import { openPluginStage } from '../support/plugin-stage.ts';
import { startScriptedWebhook, type Answer } from '../support/scripted-webhook.ts';

const right = { clientId: 'c', username: 'u', password: 'a secret' };

t.test('a denial is logged with the reason that the webhook gives', async (t) => {
  const { broker, webhook } = await openPluginStage(t);
  const header = { 'x-bednet-reason': '  session-revoked ' };
  const reasons: [Answer, string][] = [
    [{ status: 403, headers: header, body: '{"Ok":false,"Error":"b"}' }, 'session-revoked'],
    [{ status: 403, body: '{"Ok":false,"Error":"account-disabled"}' }, 'account-disabled'],
    [{ status: 403, body: '{"ok":false,"error":"account-disabled"}' }, 'account-disabled'],
    [{ status: 403, body: 'no such rule' }, 'no such rule'],
    [{ status: 403, body: '{"Ok":false}' }, '{"Ok":false}'],
    [{ status: 404 }, 'HTTP 404'],
    [{ status: 403, body: 'two\nlines \u001b[31m é' }, 'two?lines ?[31m ??'],
    [{ status: 403, body: 'x'.repeat(201) }, `${'x'.repeat(200)}...`],
  ];

  for (const [answer, reason] of reasons) {
    webhook.answerWith(() => answer);
    await openClient({ port: broker.port, ...right }).next();

    t.equal(broker.pluginLines().at(-1), `sign-in denied: ${reason}; client c, username u`);
  }
});

t.test('a denied right is logged with access and topic', async (t) => {
  const { broker, webhook } = await openPluginStage(t);
  const reader = await signIn({ port: broker.port, ...right });
  const publisher = await signIn({ port: broker.port, ...right, clientId: 'p' });
  await subscribe(reader, 'a/#', 0);
  webhook.answerWith(({ check }) => (check.clientid === 'p' && check.topic !== 'forbidden' ? 200 : 403));

  await subscribe(reader, 'b/\u00e9', 0);
  await publish(publisher, 'forbidden', 0);
  await publish(publisher, 'a/b', 0);

  t.strictSame(broker.pluginLines().slice(-3), [
    'subscribe denied: HTTP 403; client c, username u, topic b/??',
    'write denied: HTTP 403; client p, username u, topic forbidden',
    'read denied: HTTP 403; client c, username u, topic a/b',
  ]);
});

t.test('log_level decides what is logged, and no level logs a password', async (t) => {
  const levels: [string, RegExp[]][] = [
    ['debug', [/^sign-in granted/, /^sign-in denied/, /fails/, /answers again/, /^sign-in granted/]],
    ['info', [/^sign-in denied/, /fails/, /answers again/]],
    ['warn', [/fails/, /answers again/]],
    ['error', [/fails/, /answers again/]],
    ['none', []],
  ];
  for (const [level, lines] of levels) {
    const { broker, webhook } = await openPluginStage(t, { plugin: { log_level: level } });
    for (const status of [200, 403, 500, 200]) {
      webhook.answerWith(() => status);
      await openClient({ port: broker.port, ...right }).next();
    }

    const logged = broker.pluginLines().slice(1);
    t.equal(logged.length, lines.length, level);
    for (const line of lines)
      t.ok(
        logged.some((text) => line.test(text)),
        `${level}: ${line}`,
      );
    t.notMatch(broker.log(), /a secret/);
  }
});

t.test('an outage is one line when it begins and one when it ends', async (t) => {
  const { broker, webhook } = await openPluginStage(t);
  webhook.answerWith(() => 503);
  for (let i = 0; i < 20; i++) await openClient({ port: broker.port, ...right }).next();
  webhook.answerWith(() => 200);
  for (let i = 0; i < 20; i++) await signIn({ port: broker.port, ...right });

  t.match(broker.pluginLines().slice(1), [
    /^the webhook at http:\/\/127.0.0.1:\d+ fails: HTTP 503; until it answers, every check is refused \(1 so far\)$/,
    /^the webhook at http:\/\/127.0.0.1:\d+ answers again; failed checks: 20$/,
  ]);
  t.equal(broker.pluginLines().length, 3);
});

t.test('a webhook that fails every other check is no flood', async (t) => {
  const { broker, webhook } = await openPluginStage(t);
  let number = 0;
  webhook.answerWith(() => (number++ % 2 ? 200 : 500));
  const started = performance.now();
  for (let i = 0; i < 40; i++) await openClient({ port: broker.port, ...right }).next();

  const tens = Math.floor((performance.now() - started) / 10_000);
  t.ok(broker.pluginLines().length <= 5 + 2 * tens, 'at most two lines in ten seconds');
});

t.test('a broker that starts before its webhook lets nobody in, says so once, and recovers', async (t) => {
  const port = await reservePort(t);
  const { broker, webhook } = await openPluginStage(t, { webhook: { port } });
  await webhook.close();
  for (let i = 0; i < 10; i++) t.equal(await openClient({ port: broker.port, ...right }).next(), 'closed');

  const second = await startScriptedWebhook({ port });
  t.teardown(() => second.close());
  await signIn({ port: broker.port, ...right });

  t.match(broker.pluginLines().slice(1), [/ fails: .*refused/, / answers again; failed checks: 10$/]);
  t.equal(broker.pluginLines().length, 3);
});

t.test('clients that are denied over and over do not fill the log', async (t) => {
  const { broker, webhook } = await openPluginStage(t);
  const client = await signIn({ port: broker.port, ...right });
  webhook.answerWith(() => 403);

  const started = performance.now();
  for (let i = 0; i < 600; i++) {
    client.send({ cmd: 'publish', topic: 'a/b', payload: 'x', qos: 0, dup: false, retain: false });
  }
  await client.settle();

  const seconds = Math.ceil((performance.now() - started) / 1000) + 1;
  const denials = broker.pluginLines().filter((line) => line.startsWith('write denied'));
  t.equal(webhook.requests.length, 601);
  t.ok(denials.length <= 100 * seconds, `${denials.length} lines in at most ${seconds} seconds`);
});

t.test('a log that is published does not feed itself', async (t) => {
  const { broker, webhook } = await openPluginStage(t, { lines: ['log_dest topic'] });
  const reader = await signIn({ port: broker.port, ...right });
  const publisher = await signIn({ port: broker.port, ...right, clientId: 'p' });
  await subscribe(reader, '$SYS/broker/log/#', 0);
  webhook.answerWith(({ check }) => (check.acc === 1 ? 403 : check.topic === 'error' ? 500 : 403));

  t.strictSame(await publish(publisher, 'a/b', 1), ['puback 135']);
  t.strictSame(await publish(publisher, 'error', 1), ['disconnect 128', 'closed']);

  t.strictSame(await reader.settle(), []);
  await waitUntil(() => broker.pluginLines().some((line) => line.includes('fails')));
  const denials = broker.pluginLines().filter((line) => line.includes(' denied: '));
  t.equal(denials.filter((line) => line.includes('client p')).length, 1);
  t.notMatch(
    denials.join('\n'),
    /topic \$SYS\/broker\/log\/[IE]/,
    'reading our own lines is denied, and not logged',
  );
});
