import t from 'tap';
import { partitionOf } from '../../services/core/ids.ts';
import {
  accountKey,
  clientsKey,
  eventsKey,
  expiryKey,
  sessionIndexKey,
  sessionKey,
} from '../../services/core/redis/keys.ts';
import { startHolders, untilHolding, writeCheck } from '../support/holder-stage.ts';
import { signIn } from '../support/mqtt-outcomes.ts';
import { openRedisGate } from '../support/redis-gate.ts';
import { until } from '../support/until.ts';
import { startWebhookStage, type SignedIn } from '../support/webhook-service.ts';

/** Redis, and a broker whose webhook service has a near cache and reaches that Redis through a gate. */
const home = await startHolders(t, 0);
const { store } = home;
const gate = await openRedisGate(t, home.stack.ports.redis);
const stage = await startWebhookStage(t, {
  parts: ['redis', 'webhook', 'mosquitto'],
  settings: {
    webhook: {
      REDIS_URL: home.stack.redisUrl('webhook').replace(`:${home.stack.ports.redis}`, `:${gate.port}`),
      ISSUER: home.issuer,
      VERIFICATION_KEYS_FILE: home.stack.secrets.files.verificationKeys,
      ...{ NEAR_CACHE: 'on', LEASE_MS: '5000', EXPIRY_SWEEP_MS: '60000' },
    },
  },
});

const connect = ({ clientId, username, token }: SignedIn) =>
  signIn({ port: stage.stack.ports.mqtt, clientId, username, password: token });

async function signInWarm(): Promise<SignedIn> {
  const session = await home.signIn();
  await untilHolding(stage);
  await until(async () => (await stage.askAcl(writeCheck(session))).status === 200);
  return session;
}

/** What a revoker does before it waits for the memories of webhook services. */
async function endSession({ uid, sid }: SignedIn): Promise<void> {
  const partition = partitionOf(uid);
  await store.run(
    'sessions-revoke',
    [accountKey(uid), sessionIndexKey(uid), expiryKey(partition), eventsKey(partition), sessionKey(sid)],
    ['listed', '', 'test', 'operator', '', sid],
  );
}

t.test(
  'a client that connects while its session is being revoked is kicked, though nobody else could find it',
  async (t) => {
    const ana = await signInWarm();

    gate.hold('xread'); // Neither the memory nor the kicks hear of the event.
    await endSession(ana);
    const client = await connect(ana);

    while ((await client.next()) !== 'closed');
    t.pass('kicked');
    await until(async () => (await store.redis.hlen(clientsKey(ana.sid))) === 0, { what: 'forgotten' });
    gate.open();
  },
);

t.test('its allowed twin stays', async (t) => {
  const ben = await signInWarm();

  gate.hold('xread');
  const client = await connect(ben);
  await until(async () => (await store.redis.hlen(clientsKey(ben.sid))) > 0);
  t.same(await client.settle(), []);
  gate.open();

  t.same(await client.settle(), []);
  await client.leave();
});
