import t from 'tap';
import { startBrokerStage } from '../support/broker-stage.ts';
import type { RawClient } from '../support/mqtt-outcomes.ts';

const sessionCount = 20;
const clientsEach = 25;
const stage = await startBrokerStage(t);
const sessions = await Promise.all(Array.from({ length: sessionCount }, () => stage.signIn()));

const connectAll = () =>
  Promise.all(
    sessions.flatMap((session) =>
      Array.from({ length: clientsEach }, async (_, i) => {
        const client = stage.knock(session, { clientId: `${session.sid}-${i}` });
        return { client, answer: await client.next() };
      }),
    ),
  );

t.test('500 clients that connect at once, and reconnect at once, all get in', async (t) => {
  for (const round of ['first', 'again']) {
    const startMs = performance.now();
    const all = await connectAll();
    const seconds = (performance.now() - startMs) / 1000;

    t.same([...new Set(all.map(({ answer }) => answer))], ['connack 0'], round);
    t.comment(`${round}: ${Math.round(all.length / seconds)} connects/s`);
    await Promise.all(all.map(({ client }) => client.drop()));
  }
  const metrics = await (await fetch(`${stage.stack.urls.webhook}/metrics`)).text();
  t.notMatch(metrics, /store-unavailable/);
});

t.test('all sessions revoked at once: all 500 clients are out', async (t) => {
  const all = await connectAll();
  const startMs = performance.now();
  await Promise.all(sessions.map((session) => stage.revoke(session)));
  const acknowledgedMs = performance.now();

  await Promise.all(all.map(({ client }) => untilClosed(client)));
  t.comment(
    `revoked in ${(acknowledgedMs - startMs).toFixed(0)} ms, all out ${(performance.now() - acknowledgedMs).toFixed(0)} ms later`,
  );
  t.pass('all are out');
});

async function untilClosed(client: RawClient): Promise<void> {
  while ((await client.next()) !== 'closed');
}
