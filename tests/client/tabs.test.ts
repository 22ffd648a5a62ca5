import t from 'tap';
import { startClientStage, untilState } from './client-stage.ts';

const isSignedIn = (state: { status: string }) => state.status === 'signed-in';

t.test('tabs share sign-in and sign-out', async (t) => {
  const { stage, openTab } = await startClientStage(t);
  const { username, password } = await stage.register();
  const [first, second] = [openTab(), openTab()];
  await Promise.all([first.session.start(), second.session.start()]);

  await first.session.signIn({ username, password });
  await untilState(second.session, isSignedIn);
  t.match(await second.session.call('GET', '/api/auth/me'), { username });

  await second.session.signOut();
  await untilState(first.session, (state) => state.status === 'signed-out');
  t.match(first.session.state, { reason: { kind: 'signed-out' } });
});

t.test('two tabs that renew at once both stay signed in', async (t) => {
  const { stage, openTab } = await startClientStage(t);
  const { username, password } = await stage.register();
  const [first, second] = [openTab(), openTab()];
  await Promise.all([first.session.start(), second.session.start()]);
  await first.session.signIn({ username, password });
  await untilState(second.session, isSignedIn);

  for (let round = 0; round < 5; round++) {
    await Promise.all([first.session.renew(), second.session.renew()]);
  }

  t.match(await first.session.call('GET', '/api/auth/me'), { username });
  t.match(await second.session.call('GET', '/api/auth/me'), { username });
});

t.test('tokens of an ended session that another tab tells of are ignored', async (t) => {
  const { stage, openTab } = await startClientStage(t);
  const { username, password } = await stage.register();
  const [first, second] = [openTab(), openTab()];
  await Promise.all([first.session.start(), second.session.start()]);
  await first.session.signIn({ username, password });
  await untilState(second.session, isSignedIn);
  const held = first.network.holdAnswerOf('/api/auth/refresh');
  const renewal = first.session.renew();
  await held.arrived;

  await second.session.signOut();
  held.release();
  await renewal.catch(() => {});
  await untilState(first.session, (state) => state.status === 'signed-out');

  t.equal(second.session.state.status, 'signed-out');
});

t.test('signing in as somebody else in one tab changes the others too', async (t) => {
  const { stage, openTab } = await startClientStage(t);
  const [one, other] = [await stage.register(), await stage.register()];
  const [first, second] = [openTab(), openTab()];
  await Promise.all([first.session.start(), second.session.start()]);
  await first.session.signIn(one);
  await untilState(second.session, isSignedIn);

  await second.session.signIn(other);

  await untilState(
    first.session,
    (state) => state.status === 'signed-in' && state.user.username === other.username,
  );
  t.match(await first.session.call('GET', '/api/auth/me'), { username: other.username });
});
