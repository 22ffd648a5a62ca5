import { createServer, type AddressInfo } from 'node:net';
import t from 'tap';
import { startBroker, waitUntil } from '../support/broker-process.ts';
import { connectionsOf, endsOf, isReport, reportsOf, reportsTo } from '../support/disconnect-reports.ts';
import { openClient, publish, signIn } from '../support/mqtt-outcomes.ts';
import { openPluginStage, pluginOptions } from '../support/plugin-stage.ts';
import type { Answer, RecordedRequest } from '../support/scripted-webhook.ts';

const named = (clientId: string) => ({ clientId, username: 'u', password: 'p' });
/** Whether a request is a report of an end: an idle broker reports as well. */
const tellsAnEnd = (request: RecordedRequest) => isReport(request) && request.body.includes('"clientid"');
/** Longer than any deadline of these tests: whoever waited for a report would never come back. */
const endlessTimeout = { http_timeout: 3600 };

t.test('while a report hangs, the broker does all its work as if nothing were', async (t) => {
  const { broker, webhook } = await openPluginStage(t, { plugin: { ...reportsTo, ...endlessTimeout } });
  webhook.answerWith((request) => (isReport(request) ? { status: 204, hangs: true } : 200));
  await waitUntil(() => reportsOf(webhook).length === 1);

  const client = await signIn({ port: broker.port, ...named('publisher') });
  for (let i = 0; i < 200; i++) t.strictSame(await publish(client, 'a/b', 1), ['puback 16']);
  for (let i = 0; i < 20; i++) await (await signIn({ port: broker.port, ...named(`c${i}`) })).leave();

  t.same(reportsOf(webhook).length, 1, 'the report still waits, and no second one was begun beside it');
  t.equal(connectionsOf(webhook).length, 21);
  t.same(
    broker.pluginLines().filter((line) => /fails|report/.test(line)),
    [],
  );
});

for (const [name, fault, isAgain] of [
  ['answers 503', { status: 503 }, true],
  ['closes the connection', { status: 200, closes: true }, true],
  ['hangs for longer than the timeout', { status: 200, hangs: true }, true],
  ['answers without end', { status: 200, body: 'x'.repeat(100_000) }, true],
  ['answers a grant that is nonsense', { status: 200, body: '{"Ok":' }, false],
] as [string, Answer, boolean][]) {
  t.test(`a webhook that ${name} ${isAgain ? 'gets the same report again' : 'has taken it'}`, async (t) => {
    const { broker, webhook } = await openPluginStage(t, { plugin: { ...reportsTo, http_timeout_ms: 2000 } });
    await waitUntil(() => reportsOf(webhook).length > 0);
    let faults = 0;
    webhook.answerWith((request) => (tellsAnEnd(request) && faults++ < 2 ? fault : 200));
    const client = await signIn({ port: broker.port, ...named('c') });
    await client.leave();
    await waitUntil(() => endsOf(webhook).length === (isAgain ? 3 : 1));

    t.strictSame(await publish(await signIn({ port: broker.port, ...named('d') }), 'a', 1), ['puback 16']);
    t.same([...new Set(endsOf(webhook))], ['c#1']);
    t.same([...new Set(reportsOf(webhook).map(({ dropped }) => dropped))], [0], 'nothing is lost');
  });
}

for (const status of [302, 400, 401, 404, 413]) {
  t.test(`a report that is refused by ${status} is given up, and the next one says so`, async (t) => {
    const { broker, webhook } = await openPluginStage(t, { plugin: reportsTo });
    await waitUntil(() => reportsOf(webhook).length > 0);
    webhook.answerWith((request) => (tellsAnEnd(request) ? status : 200));
    await (await signIn({ port: broker.port, ...named('c') })).leave();
    await broker.waitForLog(new RegExp(`takes no report of ended connections: HTTP ${status}; 1 wait`));

    webhook.answerWith(() => 204);
    await waitUntil(() => reportsOf(webhook).some(({ dropped }) => dropped === 1));
    t.same(endsOf(webhook), ['c#1']);
  });
}

t.test(
  'a webhook that speaks no HTTP keeps reports waiting and checks failing, and nothing else',
  async (t) => {
    const server = createServer((socket) => socket.end('220 hello\r\n').on('error', () => {}));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const broker = await startBroker({ plugin: pluginOptions(port, reportsTo) });
    t.teardown(async () => {
      await broker.stop();
      server.close();
    });

    await broker.waitForLog(/takes no report of ended connections: /);
    const client = openClient({ port: broker.port, ...named('c') });
    t.equal(await client.next(), 'closed');
  },
);

t.test('a broker stops at once, though a report hangs', async (t) => {
  const { broker, webhook } = await openPluginStage(t, { plugin: { ...reportsTo, ...endlessTimeout } });
  webhook.answerWith((request) => (isReport(request) ? { status: 204, hangs: true } : 200));
  await waitUntil(() => reportsOf(webhook).length > 0);
  await signIn({ port: broker.port, ...named('stays') });
  await (await signIn({ port: broker.port, ...named('leaves') })).leave();

  process.kill(broker.pid, 'SIGTERM');
  await broker.waitForLog(/terminating/); // the stage fails unless the process ends, cleanly
});
