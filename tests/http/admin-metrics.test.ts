import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { signInOperator } from '../support/admins.ts';
import { isRefusal } from '../support/refusal.ts';
import { startService, type SessionStage } from '../support/session-service.ts';
import { startTestStack } from '../support/stack.ts';
import { openStore, untilReady } from '../../services/core/redis/store.ts';
import { until } from '../support/until.ts';

const stack = await startTestStack(t, { parts: ['redis', 'webhook'] });
const store = openStore({ url: stack.redisAdminUrl, commandTimeoutMs: 2000 });
await untilReady(store, 5000);
t.teardown(() => store.close());

/** The session service with what it is told of webhook services, and an operator. */
async function start(t: Test, urls: readonly string[]) {
  const stage: SessionStage = {
    ...(await startService(t, stack, { WEBHOOK_METRICS_URLS: urls.join(',') })),
    store,
  };
  return { stage, operator: await signInOperator(stage) };
}

/** A server at a free port that answers as it is told. */
async function serve(t: Test, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
}

const webhookMetrics = `${stack.urls.webhook}/metrics`;

async function check(username: string): Promise<void> {
  await fetch(`${stack.urls.webhook}/acl`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-bednet-key': stack.secrets.brokerKey },
    body: JSON.stringify({ username, clientid: 'x', topic: 'a/b', acc: 2 }),
  });
}

t.test('the checks of a webhook service show as points while somebody asks', async (t) => {
  const { operator } = await start(t, [webhookMetrics]);
  const ask = async (after = 0) =>
    (await operator.ask('GET', `/metrics?after=${after}`)).body.data as {
      services: { name: string; state: string }[];
      points: { at: number; seconds: number; denied: Record<string, number>; checks: object }[];
    };

  await until(async () => (await ask()).services[0]?.state === 'up');
  for (let sent = 0; sent < 5; sent += 1) await check('nobody');
  const denied = async () =>
    (await ask()).points.reduce(
      (sum, point) => sum + Object.values(point.denied).reduce((all, count) => all + count, 0),
      0,
    );
  await until(async () => (await denied()) >= 5, { what: 'five denials' });

  const { services, points } = await ask();
  t.same(services, [{ name: new URL(webhookMetrics).host, state: 'up' }]);
  t.equal(await denied(), 5, 'each is told once');
  const busy = points.find((point) => Object.keys(point.denied).length > 0);
  t.ok(busy && busy.seconds > 0 && busy.seconds < 10);
  t.ok(Object.keys(busy?.checks ?? {}).length > 0);
  t.notOk((await ask(points.at(-1)?.at)).points.some(({ at }) => at <= (points.at(-1)?.at ?? 0)));
});

t.test('a service that is away, hangs or answers something else is away, and nobody waits', async (t) => {
  const gone = 'http://127.0.0.1:9/metrics';
  const silent = await serve(t, () => {});
  const endless = await serve(t, (_request, response) => {
    const timer = setInterval(() => response.write('a 1\n'), 50);
    response.once('close', () => clearInterval(timer));
  });
  const huge = await serve(t, (_request, response) => response.end('a 1\n'.repeat(500_000)));
  const page = await serve(t, (_request, response) => response.end('<html>hello</html>'));
  const other = await serve(t, (_request, response) => response.end('up 1\n'));
  const elsewhere = await serve(t, (_request, response) =>
    response.writeHead(302, { location: webhookMetrics }).end(),
  );
  const bytes = await serve(t, (_request, response) => response.end(Buffer.from([0x61, 0xff, 0x0a])));
  const urls = [webhookMetrics, gone, silent, endless, huge, page, other, elsewhere, bytes];
  const { operator } = await start(t, urls);
  const states = async () => {
    const answer = await operator.ask('GET', '/metrics');
    return answer.body.data.services.map(({ state }: { state: string }) => state) as string[];
  };

  const first = await states();
  let last = first;
  // On a busy machine a reading may find even the one that is up away; the next one is two seconds later.
  await until(async () => {
    last = await states();
    return last[0] === 'up' && !last.includes('waiting');
  });

  t.same(last, ['up', ...urls.slice(1).map(() => 'away')]);
  t.same(new Set(first), new Set(['waiting']), 'no answer waits for a service');
});

t.test('without the setting there are no services', async (t) => {
  const { operator } = await start(t, []);

  const answer = await operator.ask('GET', '/metrics');

  t.equal(answer.status, 200);
  t.match(answer.body.data, { services: [], points: [] });
});

t.test('only who may read metrics reads them, and bad queries are refused', async (t) => {
  const { stage, operator } = await start(t, [webhookMetrics]);
  const user = await signInOperator(stage, ['user']);

  isRefusal(t, await user.ask('GET', '/metrics'), 'a user', 403);
  isRefusal(t, await stage.ask('GET', '/api/admin/metrics'), 'a stranger', 401);
  for (const after of ['-1', '1.5', 'now', '9'.repeat(16)]) {
    isRefusal(t, await operator.ask('GET', `/metrics?after=${after}`), `after=${after}`, 400);
  }
  t.equal((await operator.ask('GET', '/metrics?after=0')).status, 200, 'the twin');
});

t.test('an address that is none is told at the start', async (t) => {
  for (const urls of ['ftp://a/metrics', 'http://user:pw@a/metrics', 'http://a', 'http://a/m?key=1', 'x']) {
    await t.rejects(start(t, [urls]), /WEBHOOK_METRICS_URLS/, urls);
  }
});
