import t from 'tap';
import { startBrokerStage } from '../support/broker-stage.ts';
import { openClient, publish, signIn, subscribe } from '../support/mqtt-outcomes.ts';
import { somebody, type Tokens } from '../support/session-service.ts';

/** The whole product with access tokens of five seconds; everything here goes through its front doors. */
const stage = await startBrokerStage(t, {
  parts: ['redis', 'webhook', 'session', 'mosquitto'],
  settings: {
    session: { ACCESS_TTL_SECONDS: '5', ARGON2_MEMORY_KIB: '64', ARGON2_TIME: '1' },
    webhook: { EXPIRY_SWEEP_MS: '100' },
  },
});
const port = stage.stack.ports.mqtt;

interface Login extends Tokens {
  mqtt: { url: string; websocket_url: string; username: string; client_id: string };
}

async function post<T>(path: string, body: object, token?: string): Promise<T> {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
  const answer = await fetch(`${stage.stack.urls.session}${path}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return ((await answer.json()) as { data: T }).data;
}

async function login(): Promise<Login> {
  const { username, password, ...person } = somebody();
  await post('/api/auth/register', { username, password, ...person });
  return post<Login>('/api/auth/login', { username, password });
}

const renew = ({ refresh_token }: Tokens) => post<Login>('/api/auth/refresh', { refresh_token });
const asked = ({ mqtt, access_token }: Login) => ({
  ...{ port, clientId: mqtt.client_id, username: mqtt.username, password: access_token },
});

t.test('what the login answers is all that MQTT needs', async (t) => {
  const alice = await login();
  const client = await signIn(asked(alice));

  t.same(await subscribe(client, `users/${alice.mqtt.username}/#`, 1), ['suback 1']);
  t.match(alice.mqtt, {
    url: stage.stack.urls.mqtt.replace('127.0.0.1', 'localhost'),
    websocket_url: /^ws:/,
  });
  await client.leave();
});

t.test(
  'renewing over HTTP keeps a connection alive past the expiry of the token that opened it',
  async (t) => {
    let alice = await login();
    const first = alice.access_token;
    const client = await signIn(asked(alice));
    const topic = `users/${alice.mqtt.username}/x`;
    await subscribe(client, topic, 1);
    const { exp } = JSON.parse(Buffer.from(first.split('.')[1] ?? '', 'base64url').toString()) as {
      exp: number;
    };

    let rounds = 0;
    while (Date.now() < (exp + 3) * 1000) {
      alice = await renew(alice);
      rounds += 1;
      t.same((await publish(client, topic, 1, `${rounds}`)).sort(), ['puback', `publish ${topic}=${rounds}`]);
      await new Promise((resolve) => setTimeout(resolve, 500)); // the pace of a client that renews, not a wait
    }

    t.ok(rounds >= 4);
    await client.leave();
  },
);

t.test('a session that stops renewing is kicked by the sweep, and can come back by renewing', async (t) => {
  const alice = await login();
  const client = await signIn(asked(alice));
  const startMs = performance.now();

  while ((await client.next()) !== 'closed');
  t.comment(`closed ${(performance.now() - startMs).toFixed(0)} ms after the sign-in, with tokens of 5 s`);
  t.equal(await openClient(asked(alice)).next(), 'connack 135', 'the old token');

  const renewed = await renew(alice);
  const again = await signIn(asked(renewed));
  t.match(await publish(again, `users/${alice.mqtt.username}/x`, 1), [/^puback/]);
  await again.leave();
});

t.test('signing out ends the connection', async (t) => {
  const alice = await login();
  const client = await signIn(asked(alice));

  await post('/api/auth/logout', {}, alice.access_token);

  while ((await client.next()) !== 'closed');
  t.equal(await openClient(asked(alice)).next(), 'connack 135');
});

t.test('reusing an old renewal token ends the connection of the thief and of the owner', async (t) => {
  const owner = await login();
  const renewed = await renew(owner);
  const again = await renew(renewed);
  const client = await signIn(asked(again));

  await t.rejects(renew(owner), /401/);

  while ((await client.next()) !== 'closed');
  t.equal(await openClient(asked(again)).next(), 'connack 135');
});

t.test('a renewal token is no MQTT password', async (t) => {
  const alice = await login();

  t.equal(await openClient({ ...asked(alice), password: alice.refresh_token }).next(), 'connack 135');
});
