import t from 'tap';
import { waitUntil } from '../support/broker-process.ts';
import { connectionsOf, endsOf, isReport, reportsOf, reportsTo } from '../support/disconnect-reports.ts';
import { publish, signIn, type RawClient } from '../support/mqtt-outcomes.ts';
import { openPluginStage } from '../support/plugin-stage.ts';

const named = (clientId: string) => ({ clientId, username: 'u', password: 'p' });

t.test('2,000 clients that leave at once are all told, 500 at a time', async (t) => {
  const { broker, webhook } = await openPluginStage(t, { plugin: reportsTo });
  const clients = await connectMany(broker.port, 2000);

  await Promise.all(clients.map((client) => client.drop()));
  await waitUntil(() => endsOf(webhook).length >= 2000);

  t.same(endsOf(webhook).sort(), connectionsOf(webhook).sort());
  const sizes = reportsOf(webhook).map(({ disconnected }) => disconnected.length);
  t.comment(`${sizes.filter(Boolean).length} reports of ${Math.max(...sizes)} at most`);
  t.ok(Math.max(...sizes) <= 500);
  t.equal(reportsOf(webhook).at(-1)?.dropped, 0);
});

t.test('a full queue drops the oldest and counts them', async (t) => {
  const { broker, webhook } = await openPluginStage(t, {
    plugin: { ...reportsTo, http_timeout: 3600, disconnect_queue: 1000 },
  });
  let hangs = true;
  webhook.answerWith((request) =>
    isReport(request) && hangs ? { status: 204, hangs: true } : isReport(request) ? 204 : 200,
  );
  await waitUntil(() => reportsOf(webhook).length === 1);
  const clients = await connectMany(broker.port, 1500);
  for (const client of clients) await client.drop();
  const marker = await signIn({ port: broker.port, ...named('marker') });
  t.strictSame(await publish(marker, 'a', 1), ['puback 16'], 'the broker goes on');
  hangs = false;
  webhook.releaseHanging();

  await waitUntil(() => endsOf(webhook).length >= 1000);
  const newest = connectionsOf(webhook).slice(500, 1500);
  t.same(endsOf(webhook), newest, 'the newest 1,000 in their order');
  t.equal(reportsOf(webhook).at(-1)?.dropped, 500);
});

async function connectMany(port: number, count: number): Promise<RawClient[]> {
  const clients: RawClient[] = [];
  for (let i = 0; i < count; i += 50) {
    const some = Array.from({ length: 50 }, (_, j) => signIn({ port, ...named(`c${i + j}`) }));
    clients.push(...(await Promise.all(some)));
  }
  return clients;
}
