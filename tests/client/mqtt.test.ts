import mqtt from 'mqtt';
import t, { type Test } from 'tap';
import { createSession, type Session } from '../../services/client/session.ts';
import { connectMqtt, type MqttConnection, type MqttState } from '../../services/client/mqtt.ts';
import { somebody, type Person } from '../support/session-service.ts';
import { startTestStack } from '../support/stack.ts';

interface Seen {
  connection: MqttConnection;
  states: MqttState[];
  until(status: MqttState['status']): Promise<MqttState>;
}

const stack = await startTestStack(t, {
  settings: { session: { ACCESS_TTL_SECONDS: '5', ARGON2_MEMORY_KIB: '64', ARGON2_TIME: '1' } },
});

t.test('a page talks MQTT as its session', async (t) => {
  const { session } = await startPage(t);
  const { connection, until } = connect(t, session);
  await until('connected');
  const { username } = signedIn(session).user;
  const topic = `users/${username}/greeting`;
  const received = new Promise((resolve) =>
    connection.client.on('message', (name, payload) => resolve([name, payload.toString()])),
  );

  await connection.client.subscribeAsync(topic, { qos: 1 });
  await connection.client.publishAsync(topic, 'hello', { qos: 1 });

  t.same(await received, [topic, 'hello']);
});

t.test('the connection outlives its first access token, and reconnects with a fresh one', async (t) => {
  const { session } = await startPage(t);
  const first = await session.accessToken();
  const { connection, states, until } = connect(t, session);
  await until('connected');
  await afterRenewal(session);
  await afterRenewal(session);

  t.ok(connection.client.connected, 'still the first connection, past the life of its token');
  t.equal(states.filter(({ status }) => status === 'connected').length, 1);
  connection.client.stream.destroy();
  await until('waiting');
  await until('connected');

  t.not(connection.client.options.password, first);
});

t.test('subscriptions come back after a lost connection', async (t) => {
  const { session } = await startPage(t);
  const { connection, until } = connect(t, session);
  await until('connected');
  const topic = `users/${signedIn(session).user.username}/again`;
  await connection.client.subscribeAsync(topic, { qos: 1 });
  const received = new Promise((resolve) => connection.client.once('message', resolve));

  connection.client.stream.destroy();
  await until('waiting');
  await until('connected');
  await connection.client.publishAsync(topic, 'still there', { qos: 1 });

  t.equal(await received, topic);
});

t.test('a message under way when the connection is lost is sent again', async (t) => {
  const { session } = await startPage(t);
  const { connection, until } = connect(t, session);
  await until('connected');
  const topic = `users/${signedIn(session).user.username}/lost`;

  const publishing = connection.client.publishAsync(topic, 'hello', { qos: 1 });
  connection.client.stream.destroy();

  t.ok(await publishing, 'the broker has confirmed it in the end');
});

t.test('a session ended elsewhere is one clear event and no reconnect storm', async (t) => {
  const { session, person } = await startPage(t);
  const { states, connection, until } = connect(t, session);
  await until('connected');
  const other = await signInDirectly(person);

  await post('/api/auth/sessions/terminate-others', {}, other);
  const endedAtMs = performance.now();
  const last = await until('ended');
  t.comment(`known ${(performance.now() - endedAtMs).toFixed(0)} ms after the call returned`);

  t.match(last, { status: 'ended', reason: { kind: 'revoked' } });
  t.match(session.state, { status: 'signed-out', reason: { kind: 'revoked' } });
  t.equal(states.filter(({ status }) => status === 'ended').length, 1);
  t.ok(states.length <= 6, `few tries: ${states.map(({ status }) => status).join(' ')}`);
  t.equal(connection.client.connected, false);
  t.equal(connection.client.options.password, undefined, 'no token is left behind');
});

t.test('signing out ends the connections of the session', async (t) => {
  const { session } = await startPage(t);
  const { until } = connect(t, session);
  await until('connected');

  await session.signOut();

  t.match(await until('ended'), { reason: { kind: 'signed-out' } });
});

async function startPage(t: Test): Promise<{ session: Session; person: Person }> {
  const person = somebody();
  await post('/api/auth/register', person, undefined, 201);
  const baseUrl = `http://127.0.0.1:${stack.ports.session}`;
  const session = createSession({ baseUrl, transport: 'body', idleTimeoutMs: 0 });
  t.teardown(() => session.close());
  await session.signIn(person);
  return { session, person };
}

function connect(t: Test, session: Session): Seen {
  const connection = connectMqtt(session, mqtt.connect);
  const states: MqttState[] = [];
  const waiting = new Set<(state: MqttState) => void>();
  connection.subscribe((state) => {
    states.push(state);
    for (const look of [...waiting]) look(state);
  });
  t.teardown(() => connection.end());
  const until = (status: MqttState['status']) =>
    new Promise<MqttState>((resolve) => {
      const look = (state: MqttState) => {
        if (state.status !== status) return;
        waiting.delete(look);
        resolve(state);
      };
      waiting.add(look);
      look(connection.state);
    });
  return { connection, states, until };
}

function signedIn(session: Session) {
  if (session.state.status !== 'signed-in') throw new Error(`the session is ${session.state.status}`);
  return session.state;
}

async function afterRenewal(session: Session): Promise<void> {
  const before = await session.accessToken();
  while ((await session.accessToken()) === before) await nextChange(session);
}

function nextChange(session: Session): Promise<void> {
  return new Promise((resolve) => {
    const stop = session.subscribe(() => {
      stop();
      resolve();
    });
  });
}

async function signInDirectly({ username, password }: Person): Promise<string> {
  const answer = await post('/api/auth/login', { username, password });
  return (answer as { data: { access_token: string } }).data.access_token;
}

async function post(path: string, body: object, token?: string, status = 200): Promise<unknown> {
  const answer = await fetch(`http://127.0.0.1:${stack.ports.session}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  });
  if (answer.status !== status) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
  return answer.json();
}
