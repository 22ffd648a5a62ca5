import t from 'tap';
import { startBroker, waitUntil } from '../support/broker-process.ts';
import { grantWithOffer, openCacheStage } from '../support/cache-stage.ts';
import { createCounterFile, keepRenewing, steadyNow } from '../support/counter-file.ts';
import { publish, signIn, subscribe } from '../support/mqtt-outcomes.ts';
import { pluginOptions } from '../support/plugin-stage.ts';
import { until } from '../support/until.ts';

const SECOND_NS = 1_000_000_000n;

t.test('a new stamp in the slot of a client revokes what is remembered of it, and of no other', async (t) => {
  const { file, countAsked, ...stage } = await openCacheStage(t);
  const victim = await stage.signIn('victim');
  const other = await stage.signIn('other');
  t.not(file.slotOf('victim'), file.slotOf('other'));
  for (const client of [victim, other]) for (const topic of ['a/b', 'a/c']) await publish(client, topic, 1);

  file.bump('victim');

  for (const topic of ['a/b', 'a/c']) t.equal(await countAsked(() => publish(victim, topic, 1)), 1);
  t.equal(await countAsked(() => publish(other, 'a/b', 1)), 0);
  t.equal(await countAsked(() => publish(victim, 'a/b', 1)), 0, 'what was granted anew counts again');
});

t.test('a revoked reader gets nothing more, though all was remembered', async (t) => {
  const { file, webhook, ...stage } = await openCacheStage(t);
  const publisher = await stage.signIn('p');
  const reader = await stage.signIn('r');
  await subscribe(reader, 'a/#', 0);
  for (let i = 0; i < 2; i++) await publish(publisher, 'a/b', 1);
  await reader.settle();

  webhook.answerWith(({ check }) => (check.clientid === 'r' ? 403 : 500));
  file.bump('r');
  t.strictSame(await publish(publisher, 'a/b', 1), ['puback'], 'the publisher is granted from memory');

  t.strictSame(await reader.settle(), []);
});

t.test('a new global stamp revokes all', async (t) => {
  const { file, countAsked, ...stage } = await openCacheStage(t);
  const clients = [await stage.signIn('a'), await stage.signIn('b')];
  for (const client of clients) await publish(client, 'a/b', 1);

  file.bumpGlobal();

  for (const client of clients) t.equal(await countAsked(() => publish(client, 'a/b', 1)), 1);
  for (const client of clients) t.equal(await countAsked(() => publish(client, 'a/b', 1)), 0);
});

t.test('a grant ends with its until', async (t) => {
  const { file, webhook, countAsked, ...stage } = await openCacheStage(t);
  const client = await stage.signIn();
  const untilNs = steadyNow() + SECOND_NS;
  webhook.answerWith(({ check }) => ({ status: 200, headers: file.offer(check.clientid ?? '', untilNs) }));
  await publish(client, 'a/b', 1);
  await publish(client, 'a/b', 1);

  await waitUntil(() => steadyNow() >= untilNs);

  for (let i = 0; i < 2; i++) t.equal(await countAsked(() => publish(client, 'a/b', 1)), 1);
});

t.test('nothing is granted from memory unless both deadlines are ahead, within the lease', async (t) => {
  const { file, countAsked, stopRenewing, ...stage } = await openCacheStage(t);
  const client = await stage.signIn();
  await publish(client, 'a/b', 1);
  stopRenewing();
  const attacks: [name: string, act: () => void][] = [
    ['steady deadline passed', () => file.setSteadyDeadline(steadyNow() - 1n)],
    ['steady deadline of the machine’s start', () => file.setSteadyDeadline(1n)],
    ['steady deadline 0', () => file.setSteadyDeadline(0n)],
    ['steady deadline beyond the lease', () => file.setSteadyDeadline(steadyNow() + 20n * SECOND_NS)],
    ['steady deadline for ever', () => file.setSteadyDeadline(-1n)],
    ['steady deadline negative by a little', () => file.setSteadyDeadline(-SECOND_NS)],
    ['wall deadline passed', () => file.setWallDeadline(BigInt(Date.now()) - 1n)],
    ['wall deadline 0', () => file.setWallDeadline(0n)],
    ['wall deadline beyond the lease', () => file.setWallDeadline(BigInt(Date.now()) + 20_000n)],
    ['wall deadline for ever', () => file.setWallDeadline(-1n)],
    ['wall deadline in ns', () => file.setWallDeadline(BigInt(Date.now()) * 1_000_000n)],
  ];

  for (const [name, act] of attacks) {
    // A broker that has just looked at the file and given it up looks again within a second.
    await until(async () => (file.renew(), (await countAsked(() => publish(client, 'a/b', 1))) === 0), {
      what: `granted from memory before: ${name}`,
    });
    act();
    t.equal(await countAsked(() => publish(client, 'a/b', 1)), 1, name);
    t.equal(await countAsked(() => publish(client, 'a/b', 1)), 1, `${name}, again`);
  }
});

t.test('what is revoked while the webhook answers is not remembered', async (t) => {
  const { file, webhook, countAsked, ...stage } = await openCacheStage(t);
  const client = await stage.signIn();
  for (const bump of [() => file.bump('c'), file.bumpGlobal]) {
    webhook.answerWith((request) => {
      const answer = grantWithOffer(file, request);
      bump();
      return answer;
    });

    for (let i = 0; i < 3; i++) t.equal(await countAsked(() => publish(client, 'a/b', 1)), 1);
  }
});

t.test('what is revoked between two attempts of a check is not remembered', async (t) => {
  const { file, webhook, countAsked, ...stage } = await openCacheStage(t, { plugin: { retry_count: 1 } });
  const client = await stage.signIn();
  let number = 0;
  webhook.answerWith((request) => {
    if (number++ % 2) return grantWithOffer(file, request);
    file.bump('c');
    return 500;
  });

  for (let i = 0; i < 3; i++) t.equal(await countAsked(() => publish(client, 'a/b', 1)), 2);
});

t.test('of two webhooks that answer in turn each revokes what it granted', async (t) => {
  const { file, secondFile, webhook, countAsked, ...stage } = await openCacheStage(t);
  const client = await stage.signIn();
  const topics = Array.from({ length: 10 }, (_, number) => `a/${number}`);
  let number = 0;
  webhook.answerWith((request) => grantWithOffer(number++ % 2 ? file : secondFile, request));
  const publishAll = async () => {
    for (const topic of topics) await publish(client, topic, 1);
  };

  t.equal(await countAsked(publishAll), 10);
  t.equal(await countAsked(publishAll), 0);
  file.bump('c');
  t.equal(await countAsked(publishAll), 5);
  file.bumpGlobal();
  secondFile.bump('c');
  t.equal(await countAsked(publishAll), 10);
  t.equal(await countAsked(publishAll), 0);
});

t.test('two brokers that map one file are both told by it', async (t) => {
  const { file, broker, webhook, countAsked, ...stage } = await openCacheStage(t);
  const second = await startBroker({ plugin: pluginOptions(webhook.port, { cache_file: file.path }) });
  t.teardown(() => second.stop());
  const clients = [
    await stage.signIn(),
    await signIn({ port: second.port, clientId: 'c', username: 'u', password: 'p' }),
  ];
  for (const client of clients) {
    t.equal(await countAsked(() => publish(client, 'a/b', 1)), 1, 'each asks for itself');
    t.equal(await countAsked(() => publish(client, 'a/b', 1)), 0);
  }

  file.bump('c');

  for (const client of clients) t.equal(await countAsked(() => publish(client, 'a/b', 1)), 1);
});

t.test('a webhook that dies leaves its grants until its deadline, and not longer', async (t) => {
  const { file, webhook, stopRenewing, ...stage } = await openCacheStage(t);
  const client = await stage.signIn();
  await publish(client, 'a/b', 1);
  await webhook.close();
  stopRenewing();
  file.renew();
  t.strictSame(await publish(client, 'a/b', 1), ['puback 16'], 'granted from memory while the lease runs');
  const deadlineNs = steadyNow() + SECOND_NS;
  file.setSteadyDeadline(deadlineNs);

  let lastGrantedNs = 0n;
  let startedNs = steadyNow();
  let events = await publish(client, 'a/b', 1);
  while (events[0] === 'puback 16') {
    lastGrantedNs = startedNs;
    startedNs = steadyNow();
    events = await publish(client, 'a/b', 1);
  }

  t.ok(lastGrantedNs < deadlineNs && deadlineNs <= steadyNow());
  t.strictSame(events, ['disconnect 128', 'closed'], 'then it is asked, and the truth can not be had');
});

t.test('a webhook that starts anew is taken up with its new file', async (t) => {
  const { file, webhook, countAsked, ...stage } = await openCacheStage(t);
  const client = await stage.signIn();
  await publish(client, 'a/b', 1);

  const successor = createCounterFile(t, { path: file.path, slots: 2048 });
  keepRenewing(t, successor);
  webhook.answerWith((request) => grantWithOffer(successor, request));
  file.bump('c');

  t.equal(await countAsked(() => publish(client, 'a/b', 1)), 1);
  while ((await countAsked(() => publish(client, 'a/b', 1))) > 0);
  t.match(stage.broker.log(), `the counter file ${file.path} is used: 2048 slots`);
  successor.bump('c');
  t.equal(await countAsked(() => publish(client, 'a/b', 1)), 1);
});
