import t from 'tap';
import { clientsKey } from '../../services/core/redis/keys.ts';
import { reservePort } from '../support/reserve-port.ts';
import { addDevice } from '../support/devices.ts';
import { openClient, signIn, subscribe, type RawClient, type SignIn } from '../support/mqtt-outcomes.ts';
import { isRabbitmqInstalled, startRabbitmq } from '../support/rabbitmq.ts';
import { until } from '../support/until.ts';
import { startWebhookStage, type SignedIn } from '../support/webhook-service.ts';

const skip = isRabbitmqInstalled() ? false : 'rabbitmq-server is not installed: `make test-rabbitmq` does so';

t.test('RabbitMQ asks the webhook service by its own hook', { skip }, async (t) => {
  const port = await reservePort(t);
  const settings = {
    webhook: { BROKER_HOOKS: 'rabbitmq', BROKER_URLS: `mqtt://127.0.0.1:${port}`, EXPIRY_SWEEP_MS: '100' },
  };
  const stage = await startWebhookStage(t, { settings });
  const { store } = stage;
  await startRabbitmq(t, {
    ...{ port, webhookUrl: stage.stack.urls.webhook, brokerKey: stage.stack.secrets.brokerKey },
  });

  const asked = ({ username, token, clientId }: SignedIn, more: Partial<SignIn> = {}): SignIn => ({
    ...{ port, version: 4, clientId, username, password: token, ...more },
  });
  const connect = (session: SignedIn, more?: Partial<SignIn>) => signIn(asked(session, more));
  const knock = (session: SignedIn, more?: Partial<SignIn>) => openClient(asked(session, more)).next();
  /** The next event: RabbitMQ confirms when it likes, also after the answer to a later ping. */
  const publish = (client: RawClient, topic: string, payload = 'x') => {
    client.send({ cmd: 'publish', topic, payload, qos: 1, messageId: 7, dup: false, retain: false });
    return client.next();
  };
  const untilClosed = async (client: { next(): Promise<string> }) => {
    while ((await client.next()) !== 'closed');
  };

  t.test('a session talks on its own topics', async (t) => {
    const alice = await stage.signIn();
    const own = `users/${alice.username}`;
    const [reader, writer] = [await connect(alice), await connect(alice, { clientId: `${alice.sid}-2` })];

    t.same(await subscribe(reader, `${own}/+/x`, 1), ['suback 1']);
    t.equal(await publish(writer, `${own}/a/x`, 'hello'), 'puback');
    t.equal(await reader.next(), `publish ${own}/a/x=hello`);
    await Promise.all([reader.leave(), writer.leave()]);
  });

  t.test('what is denied closes the connection, as RabbitMQ does for MQTT 3.1.1', async (t) => {
    const alice = await stage.signIn();

    t.equal(await publish(await connect(alice), 'users/bob/x'), 'closed');
    t.same(await subscribe(await connect(alice), 'users/bob/#', 1), ['closed']);
    t.same(await subscribe(await connect(alice), `$share/g/users/${alice.username}/#`, 1), ['closed']);
  });

  t.test('a wrong token, client id or username is refused, and takes over nobody', async (t) => {
    const [alice, bob] = [await stage.signIn(), await stage.signIn()];
    const client = await connect(alice);

    t.equal(await knock(alice, { password: 'wrong' }), 'connack 4');
    t.equal(await knock(alice, { clientId: 'other' }), 'connack 4');
    t.equal(await knock(bob, { clientId: alice.clientId }), 'connack 4');
    t.equal(await knock(alice, { username: bob.username }), 'connack 4');
    t.equal(await knock(alice, { username: `/:${alice.username}` }), 'connack 4', 'with a virtual host');
    t.same(await client.settle(), []);
    await client.leave();
  });

  t.test('a device connects by its key, with the colon in its username', async (t) => {
    const { id, username, key } = await addDevice(store);
    const lamp = await signIn({ port, version: 4, clientId: `${id}.1`, username, password: key });

    t.equal(await publish(lamp, `devices/${id}/x`), 'puback');
    t.equal(await publish(lamp, 'devices/other/x'), 'closed');
  });

  t.test('a revoked session is kicked, and not let in again', async (t) => {
    const tookMs: number[] = [];
    for (let i = 0; i < 10; i += 1) {
      const alice = await stage.signIn();
      const client = await connect(alice);
      await subscribe(client, `users/${alice.username}/#`, 1);
      await stage.revoke(alice);
      const startMs = performance.now();
      await untilClosed(client);
      tookMs.push(performance.now() - startMs);
      t.equal(await knock(alice), 'connack 4');
    }
    tookMs.sort((a, b) => a - b);
    t.comment(`revoked → closed: p50 ${tookMs[5]?.toFixed(1)} ms, max ${tookMs[9]?.toFixed(1)} ms`);
  });

  t.test('a session that is not renewed is kicked when its access lapses', async () => {
    const alice = await stage.signIn({ accessTtlSeconds: 5 });
    await untilClosed(await connect(alice));
  });

  t.test('a kick wipes the persistent session, and its queue with it', async (t) => {
    const alice = await stage.signIn();
    const own = `users/${alice.username}`;
    const writer = await connect(alice, { clientId: `${alice.sid}-2` });
    const reader = await connect(alice, { clean: false });
    await subscribe(reader, `${own}/queue`, 1);
    await reader.leave();
    t.equal(await publish(writer, `${own}/queue`, 'kept'), 'puback');

    await stage.revoke(alice);
    await until(async () => (await store.redis.hlen(clientsKey(alice.sid))) === 0);

    await store.redis.hset(`bn:{${alice.sid[0]}}:session:${alice.sid}`, 'state', 'active'); // only to look inside
    const again = await connect(alice, { clean: false });
    t.same(await again.settle(), [], 'nothing was kept');
    await again.leave();
  });

  t.test('without the kick, RabbitMQ goes on granting the topics that a connection has used', async (t) => {
    const alice = await stage.signIn();
    const own = `users/${alice.username}`;
    const client = await connect(alice);
    await publish(client, `${own}/used`);

    await store.redis.del(clientsKey(alice.sid)); // so that the kick finds nobody
    await stage.revoke(alice);

    t.equal(await publish(client, `${own}/used`), 'puback', 'the limit that docs/scale-out.md tells of');
    t.equal(await publish(client, `${own}/new`), 'closed', 'what is new is asked for');
  });
});
