import t from 'tap';
import { startBroker } from '../support/broker-process.ts';
import { grantsBy, mayPublish, startDecisionStage, untilRemembered } from '../support/decision-stage.ts';
import { startHolder } from '../support/holder-stage.ts';
import { signIn, type RawClient } from '../support/mqtt-outcomes.ts';
import { pluginOptions } from '../support/plugin-stage.ts';
import { openTurnAboutProxy } from '../support/turn-about-proxy.ts';
import type { SignedIn, WebhookStage } from '../support/webhook-service.ts';

const stage = await startDecisionStage(t);

function connectAt(port: number, { clientId, username, token }: SignedIn): Promise<RawClient> {
  return signIn({ port, clientId, username, password: token });
}

/** One more broker that asks `port` and knows these counter files. */
async function startOther(port: number, counterFiles: readonly string[]) {
  const broker = await startBroker({
    plugin: pluginOptions(port, {
      'http_header_X-Bednet-Key': stage.stack.secrets.brokerKey,
      cache_file: counterFiles.join(','),
    }),
  });
  t.teardown(broker.stop);
  return broker;
}

async function warm(client: RawClient, ...services: WebhookStage[]): Promise<void> {
  await untilRemembered(services, async () => {
    if (!(await mayPublish(client, 'room/a'))) throw new Error('not granted');
  });
}

t.test('two brokers on one machine use one file, and both refuse what was revoked', async (t) => {
  const other = await startOther(stage.stack.ports.webhook, [stage.counterFile]);
  for (let i = 0; i < 10; i += 1) {
    const session = await stage.signIn();
    const clients = [await stage.connect(session), await connectAt(other.port, session)];
    for (const client of clients) await warm(client, stage);

    await stage.revoke(session);

    for (const client of clients) t.equal(await mayPublish(client, 'room/a'), false);
    for (const client of clients) await client.leave();
  }
});

t.test('a broker that knows no file asks each time', async (t) => {
  const session = await stage.signIn();
  const broker = await startBroker({
    plugin: pluginOptions(stage.stack.ports.webhook, {
      'http_header_X-Bednet-Key': stage.stack.secrets.brokerKey,
    }),
  });
  t.teardown(broker.stop);
  const client = await connectAt(broker.port, session);
  const before = await grantsBy(stage);

  for (let i = 0; i < 5; i += 1) t.equal(await mayPublish(client, 'room/a'), true);

  t.equal((await grantsBy(stage)) - before, 5);
  await client.leave();
});

t.test('two webhook services behind one broker, each with a file of its own', async (t) => {
  const secondFile = `${stage.counterFile.slice(0, -1)}2`;
  const second = await startHolder(t, stage, {
    COUNTER_FILE: secondFile,
    BROKER_KEY_FILE: stage.stack.secrets.files.brokerKey,
  });
  const ports = [stage.stack.ports.webhook, second.stack.ports.webhook];
  const broker = await startOther(await openTurnAboutProxy(t, ports), [stage.counterFile, secondFile]);

  for (let i = 0; i < 10; i += 1) {
    const session = await stage.signIn();
    const client = await connectAt(broker.port, session);
    await warm(client, stage, second);

    await stage.revoke(session);

    t.equal(await mayPublish(client, 'room/a'), false);
    await client.leave();
  }

  const [alice, ben] = [await stage.signIn(), await stage.signIn()];
  const clients = [await connectAt(broker.port, alice), await connectAt(broker.port, ben)];
  for (const client of clients) await warm(client, stage, second);
  second.stack.part('webhook').pause();
  await stage.revoke(alice);
  await stage.revoke(ben);
  second.stack.part('webhook').resume();
  for (const client of clients) t.equal(await mayPublish(client, 'room/a'), false, 'one of them was frozen');
});
