import t from 'tap';
import { startBrokerStage, withoutKicks } from '../support/broker-stage.ts';
import { publish, publishRetained, subscribe, type Qos, type Version } from '../support/mqtt-outcomes.ts';

/** Nobody is kicked here: each refusal is the check's own. A ping round trip proves that nothing was delivered. */
const stage = await startBrokerStage(t, withoutKicks);
const refusedConnack = { 4: 'connack 5', 5: 'connack 135' } as const;
const versions: readonly Version[] = [4, 5];
const qualities: readonly Qos[] = [0, 1, 2];

for (const version of versions) {
  t.test(`a revoked session can't connect (MQTT ${version})`, async (t) => {
    const alice = await stage.signIn();
    await (await stage.connect(alice, { version })).leave();

    await stage.revoke(alice);

    const client = stage.knock(alice, { version });
    t.equal(await client.next(), refusedConnack[version]);
    t.equal(await client.next(), 'closed');
  });

  t.test(`a revoked session can't publish, and stays connected (MQTT ${version})`, async (t) => {
    const alice = await stage.signIn();
    const bob = await stage.signIn();
    const speaker = await stage.connect(alice, { version });
    const listener = await stage.connect(bob, { version });
    await subscribe(listener, 'room/a', 2);
    for (const qos of qualities) {
      await publish(speaker, 'room/a', qos, `before ${qos}`);
      t.same((await listener.settle())[0], `publish room/a=before ${qos}`);
    }

    await stage.revoke(alice);

    for (const qos of qualities) {
      t.notOk((await publish(speaker, 'room/a', qos, 'after')).includes('closed'), `QoS ${qos}: not cut`);
      t.same(await listener.settle(), [], `QoS ${qos}: not delivered`);
    }
    if (version === 5) t.same(await publish(speaker, 'room/a', 1), ['puback 135']);
    await Promise.all([speaker.leave(), listener.leave()]);
  });

  t.test(`a revoked session can't subscribe (MQTT ${version})`, async (t) => {
    const alice = await stage.signIn();
    const client = await stage.connect(alice, { version });

    await stage.revoke(alice);

    t.same(await subscribe(client, 'room/a', 1), [version === 5 ? 'suback 135' : 'suback 128']);
    await client.leave();
  });

  t.test(
    `a mere listener gets nothing once revoked; publisher and others are undisturbed (MQTT ${version})`,
    async (t) => {
      const [alice, bob, carol] = [await stage.signIn(), await stage.signIn(), await stage.signIn()];
      const speaker = await stage.connect(alice, { version });
      const listener = await stage.connect(bob, { version });
      const witness = await stage.connect(carol, { version });
      await subscribe(listener, 'room/+', 2);
      await subscribe(witness, 'room/+', 2);
      await publish(speaker, 'room/a', 1, 'before');
      t.same(await listener.settle(), ['publish room/a=before']);
      t.same(await witness.settle(), ['publish room/a=before']);

      await stage.revoke(bob);

      for (const qos of qualities) {
        const answers = await publish(speaker, 'room/a', qos, `after ${qos}`);
        t.notOk(answers.includes('closed'), `QoS ${qos}: the publisher stays`);
        t.notOk(
          answers.some((answer) => / 1[0-9]{2}$/.test(answer)),
          `QoS ${qos}: and is told of no failure`,
        );
        t.equal((await witness.settle())[0], `publish room/a=after ${qos}`, 'the witness is served');
        t.same(await listener.settle(), [], 'the revoked one is not');
      }
      await Promise.all([speaker.leave(), listener.leave(), witness.leave()]);
    },
  );
}

t.test('a retained message is not given to a revoked session', async (t) => {
  const [alice, bob] = [await stage.signIn(), await stage.signIn()];
  const speaker = await stage.connect(alice);
  await publishRetained(speaker, 'room/retained', 'kept');
  const listener = await stage.connect(bob);
  t.same(await subscribe(listener, 'room/retained', 1), ['suback 1', 'publish room/retained=kept']);

  await stage.revoke(bob);

  t.same(await subscribe(listener, 'room/retained', 1), ['suback 135']);
  await Promise.all([speaker.leave(), listener.leave()]);
});

t.test('nothing is queued for an offline session once it is revoked', async (t) => {
  const [alice, bob] = [await stage.signIn(), await stage.signIn()];
  const speaker = await stage.connect(alice);
  const reader = await stage.connect(bob, { clean: false });
  await subscribe(reader, 'room/queue', 1);
  await reader.leave();
  t.same(await publish(speaker, 'room/queue', 1, 'before'), ['puback']);

  await stage.revoke(bob);
  t.same(await publish(speaker, 'room/queue', 1, 'after'), ['puback']);

  t.equal(await stage.knock(bob, { clean: false }).next(), 'connack 135', 'the queue is out of reach');
  await stage.store.redis.hset(`bn:{${bob.sid[0]}}:session:${bob.sid}`, 'state', 'active'); // only to look inside
  const again = await stage.connect(bob, { clean: false });
  t.same(await again.settle(), ['publish room/queue=before'], 'what came after the revocation is not in it');
  await Promise.all([speaker.leave(), again.leave()]);
});

t.test('the will of a revoked session is not sent', async (t) => {
  const [alice, bob, carol] = [await stage.signIn(), await stage.signIn(), await stage.signIn()];
  const will = (payload: string) =>
    ({ topic: 'room/will', payload: Buffer.from(payload), qos: 1, retain: false }) as const;
  const revoked = await stage.connect(alice, { will: will('poison') });
  const live = await stage.connect(carol, { will: will('farewell') });
  const listener = await stage.connect(bob);
  await subscribe(listener, 'room/will', 1);

  await stage.revoke(alice);
  await revoked.drop();
  await live.drop();

  t.equal(await listener.next(), 'publish room/will=farewell', 'the live one, though it came last');
  t.same(await listener.settle(), []);
  await listener.leave();
});

t.test('a revoked member of a shared subscription gets nothing, the others are served', async (t) => {
  const [alice, bob, carol] = [await stage.signIn(), await stage.signIn(), await stage.signIn()];
  const speaker = await stage.connect(alice);
  const member = await stage.connect(bob);
  const other = await stage.connect(carol);
  for (const client of [member, other])
    t.same(await subscribe(client, '$share/g/room/shared', 1), ['suback 1']);

  await stage.revoke(bob);

  const sent = 8;
  for (let i = 0; i < sent; i += 1) t.same(await publish(speaker, 'room/shared', 1, `${i}`), ['puback']);
  t.same(await member.settle(), [], 'the revoked member');
  const received = await other.settle();
  t.ok(received.length >= sent / 2, `the other member got ${received.length} of ${sent}`);
  await Promise.all([speaker.leave(), member.leave(), other.leave()]);
});

t.test('overlapping subscriptions do not let a revoked session in by the side', async (t) => {
  const [alice, bob] = [await stage.signIn(), await stage.signIn()];
  const speaker = await stage.connect(alice);
  const listener = await stage.connect(bob);
  for (const filter of ['room/#', 'room/+', 'room/over', 'room/over/#']) await subscribe(listener, filter, 1);
  await publish(speaker, 'room/over', 1, 'before');
  t.ok((await listener.settle()).length >= 1);

  await stage.revoke(bob);
  t.same(await publish(speaker, 'room/over', 1, 'after'), ['puback']);

  t.same(await listener.settle(), []);
  await Promise.all([speaker.leave(), listener.leave()]);
});

t.test('QoS 2 begun before the revocation and released after a reconnect delivers nothing', async (t) => {
  const [alice, bob] = [await stage.signIn(), await stage.signIn()];
  const listener = await stage.connect(bob);
  await subscribe(listener, 'room/two', 2);
  const speaker = await stage.connect(alice, { clean: false });
  speaker.send({
    cmd: 'publish',
    topic: 'room/two',
    payload: 'x',
    qos: 2,
    messageId: 9,
    dup: false,
    retain: false,
  });
  t.equal(await speaker.next(), 'pubrec');

  await stage.revoke(alice);
  await speaker.drop();

  t.equal(await stage.knock(alice, { clean: false }).next(), 'connack 135');
  t.same(await listener.settle(), []);
  await listener.leave();
});

t.test('disabling an account silences all its sessions', async (t) => {
  const alice = await stage.signIn();
  const second = await stage.signInAgain(alice);
  const clients = [
    await stage.connect(alice),
    await stage.connect(second),
    await stage.connect(second, { clientId: `${second.sid}-tab` }),
  ];

  await stage.disable(alice);

  for (const client of clients) {
    t.same(await publish(client, 'room/a', 1), ['puback 135']);
    await client.leave();
  }
});

t.test('a client id of another session is refused, and its owner is not disturbed', async (t) => {
  const [alice, mallory] = [await stage.signIn(), await stage.signIn()];
  const second = await stage.signInAgain(alice);
  const victim = await stage.connect(alice);

  for (const thief of [mallory, second]) {
    t.equal(await stage.knock(thief, { clientId: alice.clientId }).next(), 'connack 135');
  }
  t.equal(
    await stage.knock(mallory, { clientId: alice.clientId, username: alice.username }).next(),
    'connack 135',
  );
  t.equal(await stage.knock(alice, { clientId: 'anything' }).next(), 'connack 135');
  t.same(await victim.settle(), [], 'still connected');
  t.match(await publish(victim, 'room/a', 1), [/^puback( 16)?$/]);
  await victim.leave();
});

t.test('the same session may take its own client id over', async (t) => {
  const alice = await stage.signIn();
  const first = await stage.connect(alice);
  const second = await stage.connect(alice);

  t.equal((await first.settle()).at(-1), 'closed');
  t.match(await publish(second, 'room/a', 1), [/^puback( 16)?$/]);
  await second.leave();
});
