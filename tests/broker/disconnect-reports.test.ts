import t from 'tap';
import { waitUntil } from '../support/broker-process.ts';
import { connectionsOf, endsOf, isReport, reportsOf, reportsTo } from '../support/disconnect-reports.ts';
import { openClient, signIn } from '../support/mqtt-outcomes.ts';
import { openPluginStage } from '../support/plugin-stage.ts';

const named = (clientId: string) => ({ clientId, username: 'u', password: 'p' });

t.test('the end of a connection is reported with the number that its sign-in carried', async (t) => {
  const { broker, webhook } = await openPluginStage(t, { plugin: reportsTo });
  const ana = await signIn({ port: broker.port, ...named('ana') });
  const ben = await signIn({ port: broker.port, ...named('ben'), version: 4 });

  await ana.leave();
  await ben.drop();
  await waitUntil(() => endsOf(webhook).length === 2);

  const numbers = connectionsOf(webhook);
  t.equal(new Set(numbers.map((each) => each.split('#')[1])).size, 2, 'no number is given twice');
  t.same(endsOf(webhook).sort(), numbers.sort());
  const [first] = reportsOf(webhook);
  const header = webhook.requests.find(({ url }) => url === '/user')?.headers['x-bednet-connection'];
  t.match(header, /^[0-9a-f]{32}\.1$/);
  t.equal(header?.split('.')[0], first?.instance);
});

t.test(
  'a start is reported at once, until that is taken, and an idle broker goes on reporting',
  async (t) => {
    const { webhook, broker } = await openPluginStage(t, { plugin: reportsTo });
    webhook.answerWith(() => 503);
    await waitUntil(() => reportsOf(webhook).length >= 2);
    webhook.answerWith(() => 204);
    await waitUntil(() => reportsOf(webhook).some(({ started }) => !started));

    const reports = reportsOf(webhook);
    t.equal(new Set(reports.map(({ instance }) => instance)).size, 1);
    t.match(reports[0], { started: true, dropped: 0, disconnected: [] });
    t.match(reports[0]?.broker, / mosquitto -c \//, 'the host and the command line');
    t.notOk(reports.at(-1)?.started);
    await broker.waitForLog(/takes reports of ended connections again/);
  },
);

t.test('each start of a broker has an instance of its own', async (t) => {
  const starts = await Promise.all([
    openPluginStage(t, { plugin: reportsTo }),
    openPluginStage(t, { plugin: reportsTo }),
  ]);
  await waitUntil(() => starts.every(({ webhook }) => reportsOf(webhook).length > 0));

  const instances = starts.map(({ webhook }) => reportsOf(webhook)[0]?.instance);
  t.not(instances[0], instances[1]);
});

t.test('after a takeover the old connection is reported, not the one that took its place', async (t) => {
  const { broker, webhook } = await openPluginStage(t, { plugin: reportsTo });
  const first = await signIn({ port: broker.port, ...named('c') });
  const second = await signIn({ port: broker.port, ...named('c') });
  while ((await first.next()) !== 'closed');

  await waitUntil(() => endsOf(webhook).length > 0);
  await second.settle();

  t.same(endsOf(webhook), ['c#1']);
  await second.leave();
  await waitUntil(() => endsOf(webhook).length > 1);
  t.same(endsOf(webhook), ['c#1', 'c#2']);
});

t.test('a persistent MQTT session ends a connection each time, and only once each', async (t) => {
  const { broker, webhook } = await openPluginStage(t, { plugin: reportsTo });
  for (let i = 0; i < 3; i++) {
    const client = await signIn({ port: broker.port, ...named('c'), clean: false });
    await client.drop();
  }
  const last = await signIn({ port: broker.port, ...named('c'), clean: true });
  await last.leave();

  await waitUntil(() => endsOf(webhook).length >= 4);
  t.same(endsOf(webhook), ['c#1', 'c#2', 'c#3', 'c#4']);
});

t.test('who was not let in is not reported, unless the webhook may have noted it', async (t) => {
  const { broker, webhook } = await openPluginStage(t, { plugin: reportsTo });
  webhook.answerWith((request) => {
    if (isReport(request)) return 204;
    return request.check.clientid === 'denied' ? 403 : request.check.clientid === 'failed' ? 500 : 200;
  });

  const denied = openClient({ port: broker.port, ...named('denied') });
  while ((await denied.next()) !== 'closed');
  const failed = openClient({ port: broker.port, ...named('failed') });
  while ((await failed.next()) !== 'closed');
  const marker = await signIn({ port: broker.port, ...named('marker') });
  await marker.leave();

  await waitUntil(() => endsOf(webhook).some((end) => end.startsWith('marker')));
  t.same(endsOf(webhook), ['failed#2', 'marker#3']);
});

t.test('at SIGHUP an open connection is asked about again under its number', async (t) => {
  const { broker, webhook } = await openPluginStage(t, { plugin: reportsTo });
  const client = await signIn({ port: broker.port, ...named('c') });

  process.kill(broker.pid, 'SIGHUP');
  await waitUntil(() => connectionsOf(webhook).length === 2);
  await client.leave();
  await waitUntil(() => endsOf(webhook).length > 0);

  t.same(connectionsOf(webhook), ['c#1', 'c#1']);
  t.same(endsOf(webhook), ['c#1']);
});

t.test('a report carries the shared key, whether as a header or in the query', async (t) => {
  const { webhook } = await openPluginStage(t, {
    plugin: {
      http_disconnect_uri: '/disconnects?key=k1',
      'http_header_X-Bednet-Key': 'k2',
      http_method: 'PUT',
    },
  });
  await waitUntil(() => webhook.requests.some(isReport));

  const request = webhook.requests.find(isReport);
  t.match(request, { method: 'POST', url: '/disconnects?key=k1' });
  t.match(request?.headers, { 'x-bednet-key': 'k2', 'content-type': 'application/json' });
});

t.test('a form of questions and a token as username change nothing in reports', async (t) => {
  const { broker, webhook } = await openPluginStage(t, {
    backend: 'jwt',
    plugin: { jwt_disconnect_uri: '/disconnects', jwt_params_mode: 'form' },
  });
  const client = await signIn({ port: broker.port, ...named('c'), username: 'a-token' });
  await client.leave();

  await waitUntil(() => endsOf(webhook).length > 0);
  t.same(endsOf(webhook), ['c#1']);
  t.notMatch(JSON.stringify(webhook.requests.filter(isReport)), 'a-token');
});

t.test('a broker that is not told where to report sends nothing of it', async (t) => {
  const { broker, webhook } = await openPluginStage(t);
  const client = await signIn({ port: broker.port, ...named('c') });
  await client.leave();
  await signIn({ port: broker.port, ...named('marker') });

  t.same(connectionsOf(webhook), ['c#none', 'marker#none']);
  t.same(webhook.requests.filter(isReport), []);
});
