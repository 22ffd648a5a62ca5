import t from 'tap';
import type { Session } from '../../services/client/session.ts';
import { until } from '../support/until.ts';
import { startClientStage, untilState } from './client-stage.ts';

const paths = { refresh: '/api/auth/refresh', login: '/api/auth/login', logout: '/api/auth/logout' };
const isSignedOut = ({ status }: Session['state']) => status === 'signed-out';

t.test('what was asked as one person is not repeated as another', async (t) => {
  const { stage, openTab } = await startClientStage(t);
  const [one, other] = [await stage.register(), await stage.register()];
  const [first, second] = [openTab(), openTab()];
  await Promise.all([first.session.start(), second.session.start()]);
  await first.session.signIn(one);
  const elsewhere = await stage.signIn(one);
  await stage.ask('POST', '/api/auth/sessions/terminate-others', { token: elsewhere.access_token });

  const held = first.network.holdAnswerOf('/api/auth/me');
  const call = first.session.call('GET', '/api/auth/me');
  await held.arrived;
  await second.session.signIn(other);
  await untilState(first.session, (state) => nameIn(state) === other.username);
  held.release();

  await t.rejects(call, { code: 'SIGNED_OUT' });
  t.equal(first.network.asked.filter((path) => path === '/api/auth/me').length, 1);
  t.equal(nameIn(first.session.state), other.username, 'the new session is untouched');
});

t.test('a sign-in waits for the answer of a sign-out, which clears the cookie', async (t) => {
  const { stage, signInTab } = await startClientStage(t);
  const person = await stage.register();
  const { session, network } = await signInTab(person);
  const held = network.holdAnswerOf(paths.logout);
  const signOut = session.signOut();
  await held.arrived;
  const before = network.asked.length;

  const signIn = session.signIn(person);
  await new Promise(setImmediate);
  t.strictSame(network.asked.slice(before), [], 'nothing is sent yet');
  held.release();
  await Promise.all([signOut, signIn]);

  t.equal(session.state.status, 'signed-in');
});

t.test('a sign-in waits for a renewal under way', async (t) => {
  const { stage, signInTab } = await startClientStage(t);
  const [one, other] = [await stage.register(), await stage.register()];
  const { session, network } = await signInTab(one);
  const held = network.holdAnswerOf(paths.refresh);
  const renewal = session.renew();
  await held.arrived;

  const signIn = session.signIn(other);
  held.release();
  await Promise.all([renewal, signIn]);

  t.strictSame(network.asked.slice(-2), [paths.refresh, paths.login]);
  t.equal(nameIn(session.state), other.username);
});

t.test('a failed sign-in over a session leaves it as it was, renewals included', async (t) => {
  const { stage, signInTab } = await startClientStage(t, { ACCESS_TTL_SECONDS: '2' });
  const person = await stage.register();
  const { session, network } = await signInTab(person);

  await t.rejects(session.signIn({ ...person, password: 'certainly not this one' }), {
    code: 'AUTH_INVALID_CREDENTIALS',
  });
  t.equal(nameIn(session.state), person.username);
  await untilState(session, () => network.asked.includes(paths.refresh));

  t.match(await session.call('GET', '/api/auth/me'), { username: person.username });
});

t.test('a sign-in that is given up while it is under way leaves no session behind', async (t) => {
  const { stage, openTab } = await startClientStage(t);
  const person = await stage.register();
  const { session, network } = openTab();
  await session.start();
  const held = network.holdAnswerOf(paths.login);
  const signIn = session.signIn(person);
  await held.arrived;

  await session.signOut();
  held.release();

  await t.rejects(signIn, { code: 'SIGNED_OUT' });
  t.equal(session.state.status, 'signed-out');
  t.equal(network.asked.at(-1), paths.logout);
  const { access_token: token } = await stage.signIn(person);
  const sessions = await stage.ask('GET', '/api/auth/sessions', { token });
  t.equal(sessions.body.data.sessions.length, 1, 'only that of this look');
});

t.test('a sign-out without the server is told later, and nothing signs in again meanwhile', async (t) => {
  const { stage, signInTab } = await startClientStage(t);
  const { session, network } = await signInTab(await stage.register());
  const token = await session.accessToken();
  network.isDown = true;
  await t.rejects(session.renew(), { code: 'OFFLINE' }, 'so a next try is due');

  await t.rejects(session.signOut(), { code: 'OFFLINE' });
  network.isDown = false;
  network.asked.length = 0;
  await until(async () => (await stage.ask('GET', '/api/auth/me', { token })).code === 'AUTH_TOKEN_REVOKED');

  t.strictSame([...new Set(network.asked)], [paths.logout]);
  t.match(session.state, { status: 'signed-out', reason: { kind: 'signed-out' } });
});

t.test('a renewal that fails after the sign-out starts no other one', async (t) => {
  const { stage, openTab } = await startClientStage(t);
  const person = await stage.register();
  const gate = Promise.withResolvers<void>();
  const asked: string[] = [];
  const { session } = openTab({
    fetch: async (input, init) => {
      const path = new URL(input instanceof Request ? input.url : input).pathname;
      asked.push(path);
      if (path !== paths.refresh) return fetch(input, init);
      await gate.promise;
      throw new TypeError('the network is down');
    },
  });
  await session.start();
  await session.signIn(person);
  const renewal = session.renew();
  await until(async () => asked.includes(paths.refresh));

  await session.signOut();
  gate.resolve();
  await t.rejects(renewal, { code: 'OFFLINE' });
  // Longer than the first delay of a repeated try.
  await new Promise((resolve) => setTimeout(resolve, 1100));

  t.equal(asked.filter((path) => path === paths.refresh).length, 1);
  t.equal(session.state.status, 'signed-out');
});

t.test('a renewal cookie that is gone ends the session instead of leaving it half alive', async (t) => {
  const { stage, openTab } = await startClientStage(t);
  const { session } = openTab({
    fetch: (input, init) =>
      fetch(input, String(input).endsWith(paths.refresh) ? { ...init, body: '{}' } : init),
  });
  await session.start();
  await session.signIn(await stage.register());

  await t.rejects(session.renew(), { code: 'VAL_MISSING_FIELD' });

  t.match(session.state, { status: 'signed-out', reason: { kind: 'expired' } });
});

t.test('an answer that is not of the service counts as no answer', async (t) => {
  const { openTab } = await startClientStage(t);
  let answers = 0;
  const { session } = openTab({
    transport: 'cookie',
    fetch: (input, init) =>
      ++answers === 1 ? Promise.resolve(new Response('<h1>Hotel Wi-Fi</h1>')) : fetch(input, init),
  });

  await t.rejects(session.start(), { code: 'BAD_ANSWER' });
  t.equal(session.state.status, 'starting', 'nobody was signed out');
  await untilState(session, isSignedOut);

  t.equal(answers, 2, 'it was asked again');
});

t.test('older tokens that arrive late do not replace newer ones', async (t) => {
  const { stage, signInTab } = await startClientStage(t);
  const told: object[] = [];
  const channel = new BroadcastChannel(`bednet ${stage.url}`);
  channel.onmessage = (event) => void told.push((event as MessageEvent<object>).data);
  t.teardown(() => channel.close());
  const { session } = await signInTab(await stage.register());
  await session.renew();
  const newest = await session.accessToken();
  await until(async () => told.length === 2);

  channel.postMessage(told[0]);
  channel.postMessage({ type: 'ended', sessionId: 'marks the end' });
  await session.call('GET', '/api/auth/me');

  t.equal(await session.accessToken(), newest);
  await session.renew();
  t.match(await session.call('GET', '/api/auth/me'), { is_active: true });
});

t.test('a page is not idle while somebody uses another tab', async (t) => {
  const { stage, signInTab } = await startClientStage(t);
  const { session } = await signInTab(await stage.register(), { idleTimeoutMs: 1_000 });
  const elsewhere = new BroadcastChannel(`bednet ${stage.url}`);
  const hand = setInterval(() => elsewhere.postMessage({ type: 'active' }), 50);
  t.teardown(() => clearInterval(hand));
  t.teardown(() => elsewhere.close());

  await new Promise((resolve) => setTimeout(resolve, 3_000));
  t.equal(session.state.status, 'signed-in');
  clearInterval(hand);
  await untilState(session, isSignedOut);

  t.match(session.state, { reason: { kind: 'inactivity' } });
});

t.test('a closed session asks nothing more, whatever was under way', async (t) => {
  const { stage, signInTab } = await startClientStage(t);
  const { session, network } = await signInTab(await stage.register());
  const held = network.holdAnswerOf(paths.refresh);
  const renewal = session.renew();
  await held.arrived;

  session.close();
  held.release();

  await t.resolves(renewal);
});

t.test('starting twice is starting once', async (t) => {
  const { stage, signInTab } = await startClientStage(t);
  const { session } = await signInTab(await stage.register());

  t.match(await session.start(), { status: 'signed-in' });
});

function nameIn(state: Session['state']): string | undefined {
  return state.status === 'signed-in' ? state.user.username : undefined;
}
