import t from 'tap';
import { until } from '../support/until.ts';
import { startClientStage, untilState } from './client-stage.ts';

const refresh = '/api/auth/refresh';

t.test('a page signs in, knows its user and calls the API', async (t) => {
  const { stage, openTab } = await startClientStage(t);
  const person = await stage.register();
  const { session } = openTab();
  t.equal((await session.start()).status, 'signed-out');

  const state = await session.signIn({ username: ` ${person.username} `, password: person.password });

  t.match(state, { status: 'signed-in', user: { username: person.username }, isOffline: false });
  t.match(await session.call('GET', '/api/auth/me'), { username: person.username });
  const answer = await session.fetch(`${stage.url}/api/auth/sessions`);
  t.equal(answer.status, 200);
  t.equal(session.hasPermission('products.view'), false);
});

t.test('a refused sign-in rejects with the code of the API and changes nothing', async (t) => {
  const { stage, openTab } = await startClientStage(t);
  const { username } = await stage.register();
  const { session } = openTab();
  await session.start();

  const signIn = session.signIn({ username, password: 'certainly not this one' });

  await t.rejects(signIn, { code: 'AUTH_INVALID_CREDENTIALS', status: 401 });
  t.equal(session.state.status, 'signed-out');
  await t.rejects(session.accessToken(), { code: 'SIGNED_OUT' });
});

t.test('the access token is renewed before it lapses, by the life the server told', async (t) => {
  const { stage, signInTab } = await startClientStage(t, { ACCESS_TTL_SECONDS: '2' });
  const { session, network } = await signInTab(await stage.register());
  const first = await session.accessToken();

  await untilState(session, () => network.asked.includes(refresh));

  t.not(await session.accessToken(), first);
  t.match(await session.call('GET', '/api/auth/me'), { is_active: true });
});

t.test('parallel requests with a refused token cause one renewal', async (t) => {
  const { stage, signInTab } = await startClientStage(t);
  const { session, network } = await signInTab(await stage.register());
  network.refusedToken = await session.accessToken();
  const before = network.asked.length;

  const answers = await Promise.all(
    Array.from({ length: 8 }, () => session.fetch(`${stage.url}/api/auth/me`)),
  );

  t.strictSame([...new Set(answers.map(({ status }) => status))], [200]);
  const renewals = network.asked.slice(before).filter((path) => path === refresh);
  t.equal(renewals.length, 1);
});

t.test('a renewal whose answer is lost is repeated, and the session goes on', async (t) => {
  const { stage, signInTab } = await startClientStage(t);
  const { session, network } = await signInTab(await stage.register());
  const first = await session.accessToken();

  network.loseAnswerOf(refresh);
  await t.rejects(session.renew(), { code: 'OFFLINE' });
  t.match(session.state, { status: 'signed-in', isOffline: true });
  await untilState(session, (state) => state.status === 'signed-in' && !state.isOffline);

  t.not(await session.accessToken(), first);
  t.match(await session.call('GET', '/api/auth/me'), { is_active: true });
});

t.test('a server that is away is "offline", not "signed out"', async (t) => {
  const { stage, signInTab } = await startClientStage(t);
  const { session, network } = await signInTab(await stage.register());

  network.isDown = true;
  await t.rejects(session.renew(), { code: 'OFFLINE' });
  t.match(session.state, { status: 'signed-in', isOffline: true });
  network.isDown = false;
  await session.renew();

  t.match(session.state, { status: 'signed-in', isOffline: false });
});

t.test('a signed-out tab is not revived by a late renewal', async (t) => {
  const { stage, signInTab } = await startClientStage(t);
  const { session, network } = await signInTab(await stage.register());
  const held = network.holdAnswerOf(refresh);
  const renewal = session.renew();
  await held.arrived;

  await session.signOut();
  held.release();
  await renewal;

  t.match(session.state, { status: 'signed-out', reason: { kind: 'signed-out' } });
  await t.rejects(session.accessToken(), { code: 'SIGNED_OUT' });
});

t.test('signing out works without the server: this page forgets the session at once', async (t) => {
  const { stage, signInTab } = await startClientStage(t);
  const { session, network } = await signInTab(await stage.register());

  network.isDown = true;
  const signOut = session.signOut();

  t.equal(session.state.status, 'signed-out');
  await t.rejects(signOut, { code: 'OFFLINE' });
});

t.test('a session that was ended elsewhere ends here, with its reason', async (t) => {
  const { stage, signInTab } = await startClientStage(t);
  const person = await stage.register();
  const { session } = await signInTab(person);
  const other = await stage.signIn(person);
  await stage.ask('POST', '/api/auth/sessions/terminate-others', { token: other.access_token });

  await t.rejects(session.call('GET', '/api/auth/me'), { code: 'AUTH_TOKEN_REVOKED' });

  const ended = { reason: 'ended-by-owner', by: 'self' };
  t.match(session.state, { status: 'signed-out', reason: { kind: 'revoked', ended } });
});

t.test('the access token goes to no other origin', async (t) => {
  const { stage, signInTab } = await startClientStage(t);
  const { session, network } = await signInTab(await stage.register());
  const before = network.asked.length;

  await t.rejects(session.fetch('https://elsewhere.example/collect'), { name: 'TypeError' });

  t.equal(network.asked.length, before);
});

t.test('a page that nobody uses signs out, however often it polls', async (t) => {
  const { stage, signInTab } = await startClientStage(t);
  const { session } = await signInTab(await stage.register(), { idleTimeoutMs: 300 });
  const token = await session.accessToken();
  const poll = setInterval(() => void session.call('GET', '/api/auth/me').catch(() => {}), 50);
  t.teardown(() => clearInterval(poll));

  await untilState(session, (state) => state.status === 'signed-out');

  t.match(session.state, { reason: { kind: 'inactivity' } });
  await until(async () => (await stage.ask('GET', '/api/auth/me', { token })).code === 'AUTH_TOKEN_REVOKED');
  t.equal((await stage.ask('GET', '/api/auth/me', { token })).code, 'AUTH_TOKEN_REVOKED');
});
