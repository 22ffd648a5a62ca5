import t, { type Test } from 'tap';
import { requirePasswordChange } from '../../services/core/accounts/require-password-change.ts';
import { secondFactorHands } from '../support/second-factor.ts';
import { startService, startSessionStage, type Answer } from '../support/session-service.ts';

const stage = await startSessionStage(t);
const { ask, register, store } = stage;
const { enrol, tempTokenOf, codeOf } = secondFactorHands(stage);

const signIn = async (at: Pick<typeof stage, 'ask'> = stage) => {
  const person = await register();
  const { username, password } = person;
  return { person, answer: await at.ask('POST', '/login', { body: { username, password } }) };
};
const claimsIn = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;

/** Asserts problem details (RFC 9457), and says which. */
const isProblem = (t: Test, answer: Answer, status: number, code: string) => {
  t.equal(answer.status, status, answer.text);
  t.match(answer.headers.get('content-type'), /^application\/problem\+json/);
  t.match(answer.body, { type: 'about:blank', title: /^[A-Z]/, status, code, detail: /\.$/ });
  t.equal(answer.body.requestId, answer.headers.get('x-request-id'));
};

t.test('a sign-in answers with both tokens and the way to MQTT, bare', async (t) => {
  const { answer, person } = await signIn();

  t.equal(answer.status, 200);
  t.equal(answer.headers.get('cache-control'), 'no-store');
  t.match(answer.body, {
    token: /^ey/,
    refreshToken: /^[\w-]{22}\./,
    expiresIn: 900,
    refreshExpiresIn: 604_800,
    mqtt: { url: /^mqtt:/, websocket_url: /^ws:/, username: person.username, client_id: /^[\w-]{22}$/ },
  });
  t.equal(Object.keys(answer.body).length, 5);
});

t.test('the access token tells name and address to clients that read it', async (t) => {
  const { answer, person } = await signIn();
  const { body: renewed } = await ask('POST', '/refresh', {
    body: { refreshToken: answer.body.refreshToken },
  });

  for (const token of [answer.body.token, renewed.token])
    t.match(claimsIn(token), { name: person.full_name, email: person.email, role: 'user', sub: String });
});

t.test('/me is the account', async (t) => {
  const { answer, person } = await signIn();

  const { body } = await ask('GET', '/me', { token: answer.body.token });

  const { username, email, full_name: name } = person;
  const { sub } = claimsIn(answer.body.token);
  t.same(body, { sub, name, email, role: 'user', username, permissions: [] });
});

t.test('a refresh takes its token under both names, and two different ones are none', async (t) => {
  const { answer } = await signIn();
  const { refreshToken } = answer.body;

  const second = await ask('POST', '/refresh', { body: { refresh_token: refreshToken } });
  t.match(second.body, { token: /^ey/, refreshToken: /^[\w-]{22}\./ });
  const both = { refreshToken: second.body.refreshToken, refresh_token: second.body.refreshToken };
  t.equal((await ask('POST', '/refresh', { body: both })).status, 200);
  const differ = await ask('POST', '/refresh', { body: { ...both, refreshToken } });
  isProblem(t, differ, 400, 'VAL_INVALID_FORMAT');
  isProblem(t, await ask('POST', '/refresh', { body: {} }), 400, 'VAL_MISSING_FIELD');
  isProblem(t, await ask('POST', '/refresh'), 400, 'VAL_MISSING_FIELD');
});

t.test('a sign-out confirms, twice as well, and needs a token', async (t) => {
  const { answer } = await signIn();
  const { token, refreshToken } = answer.body;

  for (const _ of [1, 2]) t.same((await ask('POST', '/logout', { token })).body, { signedOut: true });
  isProblem(t, await ask('GET', '/me', { token }), 401, 'AUTH_TOKEN_REVOKED');
  isProblem(t, await ask('POST', '/refresh', { body: { refreshToken } }), 401, 'AUTH_TOKEN_REVOKED');
  isProblem(t, await ask('POST', '/logout'), 401, 'AUTH_UNAUTHORIZED');
});

t.test('a sign-out ends the session of the renewal token in its body too', async (t) => {
  const [one, two] = [(await signIn()).answer.body, (await signIn()).answer.body];

  await ask('POST', '/logout', { token: one.token, body: { refreshToken: two.refreshToken } });

  for (const token of [one.token, two.token])
    isProblem(t, await ask('GET', '/me', { token }), 401, 'AUTH_TOKEN_REVOKED');
});

t.test('a 401 says how to authenticate (RFC 6750 3)', async (t) => {
  const none = await ask('GET', '/me');
  const forged = await ask('GET', '/me', { token: 'forged' });

  t.equal(none.headers.get('www-authenticate'), 'Bearer realm="bednet"');
  t.equal(forged.headers.get('www-authenticate'), 'Bearer realm="bednet", error="invalid_token"');
});

t.test('the access token is called accessToken if the setting says so', async (t) => {
  const other = await startService(t, stage.stack, { PLAIN_TOKEN_NAMES: 'accessToken' });

  const { answer } = await signIn(other);
  const renewed = await other.ask('POST', '/refresh', { body: { refreshToken: answer.body.refreshToken } });

  for (const { body } of [answer, renewed]) {
    t.match(body, { accessToken: /^ey/, refreshToken: String });
    t.notOk('token' in body);
  }
});

t.test('steps that cannot be done here are named in a problem, before and after a code', async (t) => {
  const enrolled = await enrol();
  const { username, password } = enrolled.person;
  const tempToken = await tempTokenOf(enrolled.person);
  await requirePasswordChange(store, { uid: enrolled.uid, actor: 'test' });

  const answer = await ask('POST', '/login', { body: { username, password } });

  isProblem(t, answer, 403, 'AUTH_STEPS_LEFT');
  t.same(answer.body.steps, ['password-change']);
  t.match(answer.body.detail, 'password-change');
  const late = await ask('POST', '/login/verify', {
    body: { tempToken, code: await codeOf(enrolled.secret) },
  });
  t.equal(late.status, 401, 'the sign-in of before is over');
});

t.test('what the dialect cannot do now says when to come back', async (t) => {
  const narrow = await startService(t, stage.stack, { REFRESH_REQUESTS_PER_NETWORK: '1' });
  const body = { refreshToken: 'x' };
  await narrow.ask('POST', '/refresh', { body: { refreshToken: (await signIn()).answer.body.refreshToken } });
  const { refreshToken } = (await signIn()).answer.body;

  const limited = await narrow.ask('POST', '/refresh', { body: { refreshToken } });
  isProblem(t, limited, 429, 'RATE_LIMIT_EXCEEDED');
  t.match(limited.headers.get('retry-after'), /^[1-9]\d*$/);

  narrow.app.store.redis.disconnect();
  for (const answer of [
    await narrow.ask('POST', '/refresh', { body: { refreshToken } }),
    await narrow.ask('POST', '/login', { body: { username: 'u', password: 'a password of nobody' } }),
  ]) {
    isProblem(t, answer, 503, 'SYS_SERVICE_UNAVAILABLE');
    t.equal(answer.headers.get('retry-after'), '1');
  }
  isProblem(t, await narrow.ask('POST', '/refresh', { body }), 401, 'AUTH_INVALID_TOKEN');
});
