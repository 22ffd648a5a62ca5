import t from 'tap';
import { disableAccount } from '../../services/core/accounts/change-account-state.ts';
import { sessionKey, usedGenerationKey } from '../../services/core/redis/keys.ts';
import { renewSession } from '../../services/core/sessions/renew-session.ts';
import { issuePendingToken } from '../../services/core/tokens/pending-token.ts';
import { issueRenewalToken } from '../../services/core/tokens/renewal-token.ts';
import { giveRoles } from '../support/admins.ts';
import { newClient, postForm } from '../support/oauth-client.ts';
import { startService, startSessionStage, type Tokens } from '../support/session-service.ts';
import { signToken } from '../support/webhook-service.ts';

const stage = await startSessionStage(t);
const { store, stack, config } = stage;
const client = await newClient(store, ['introspect']);
const [signingKey] = config.signingKeys;
const [renewalKey] = config.renewalKeys;
if (!signingKey || !renewalKey) throw new Error('no key');

const introspect = (token: string, more: Record<string, string> = {}, service = stage) =>
  postForm(service, '/oauth/introspect', { token, ...more }, { authorization: client.basic });
const claimsOf = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
const dead = '{"active":false}';

t.test('a live access token is told with its account, its session and its lives', async (t) => {
  const { access_token: token, session_id: sid, user, person } = await stage.signInSomebody();
  const { iat, exp, jti, auth_time, amr } = claimsOf(token);

  const { status, body, headers } = await introspect(token);

  t.equal(status, 200);
  t.same(body, {
    ...{ active: true, token_type: 'Bearer', sub: user.id, username: person.username, sid },
    ...{ iss: config.issuer, aud: 'bednet', iat, exp, jti, role: 'user', auth_time, amr },
  });
  t.equal(headers.get('cache-control'), 'no-store');
  t.equal(headers.get('pragma'), 'no-cache');
  t.match(headers.get('content-type'), /^application\/json/);
});

t.test('roles and permissions are those of now, not those of the token', async (t) => {
  const { access_token: token, user } = await stage.signInSomebody();
  await giveRoles(store, user.id, ['admin']);

  const { body } = await introspect(token);

  t.match(body, { active: true, role: 'admin', scope: '*' });
});

t.test('a live renewal token is told as one, so that nobody takes it for an access token', async (t) => {
  const { refresh_token: token, session_id: sid, user } = await stage.signInSomebody();

  const { body } = await introspect(token);

  t.match(body, { active: true, token_type: 'refresh_token', sub: user.id, sid, aud: config.issuer });
  t.match(body, { exp: Number, amr: ['pwd'] });
  t.notOk('scope' in body || 'jti' in body || 'role' in body);
});

t.test('a hint, right, wrong or unknown, changes no answer', async (t) => {
  const { access_token: access, refresh_token: renewal } = await stage.signInSomebody();

  for (const token of [access, renewal]) {
    const { text } = await introspect(token);
    for (const hint of ['access_token', 'refresh_token', 'id_token', '']) {
      t.equal((await introspect(token, { token_type_hint: hint })).text, text, hint);
    }
  }
});

t.test('looking at a renewal token rotates nothing and uses nothing', async (t) => {
  const { refresh_token: parent, session_id: sid } = await stage.signInSomebody();
  const renewed = (await stage.renew(parent)).body.data as Tokens;
  const before = await store.redis.hgetall(sessionKey(sid));

  for (let i = 0; i < 5; i += 1) {
    for (const token of [parent, renewed.refresh_token]) {
      t.match((await introspect(token)).body, { active: true }, 'both would be answered by a renewal');
    }
  }

  t.same(await store.redis.hgetall(sessionKey(sid)), before, 'the session is as it was');
  t.equal((await stage.renew(parent)).body.data.refresh_token, renewed.refresh_token, 'the parent converges');
});

t.test('an access token that somebody asks about has been used', async (t) => {
  const { refresh_token: parent, session_id: sid } = await stage.signInSomebody();
  const renewed = (await stage.renew(parent)).body.data as Tokens;
  await introspect(renewed.access_token);
  await store.redis.hincrby(sessionKey(sid), 'rotatedAtMs', -60_000);

  t.equal((await introspect(parent)).text, dead, 'its parent is replaced');
  t.match((await introspect(renewed.refresh_token)).body, { active: true });
});

t.test('a renewal token is active exactly where a renewal by it would succeed', async (t) => {
  const cases: [string, generation: number, changes: Record<string, string>, byBroker?: number][] = [
    ['current', 3, {}],
    ['parent in the grace', 2, { rotatedAtMs: 'now', usedGeneration: '3' }],
    ['parent late, child unused', 2, { rotatedAtMs: '1', usedGeneration: '2' }],
    ['parent late, child used over HTTP', 2, { rotatedAtMs: '1', usedGeneration: '3' }],
    ['parent late, child used at a broker', 2, { rotatedAtMs: '1', usedGeneration: '2' }, 3],
    ['parent rotated in the future', 2, { rotatedAtMs: '99999999999999', usedGeneration: '3' }],
    ['ancestor in the grace', 1, { rotatedAtMs: 'now', usedGeneration: '2' }],
    ['not issued yet', 4, {}],
    ['revoked', 3, { state: 'revoked' }],
    ['idle', 3, { idleUntilMs: '1' }],
    ['past its absolute life', 3, { absoluteUntilMs: '1' }],
  ];

  for (const [what, generation, changes, byBroker] of cases) {
    const { session_id: sid } = await stage.signInSomebody();
    const rotated = changes['rotatedAtMs'] === 'now' ? { rotatedAtMs: String(Date.now()) } : {};
    await store.redis.hset(sessionKey(sid), { generation: '3', ...changes, ...rotated });
    if (byBroker) await store.redis.zadd(usedGenerationKey(sid), byBroker, 'generation');
    const { body } = await introspect(issueRenewalToken({ sid, generation }, renewalKey));

    const { outcome } = await renewSession(store, { sid, generation }, config.lives);
    t.equal(body.active, ['rotated', 'repeated'].includes(outcome), `${what}: ${outcome}`);
  }
});

t.test('every dead, foreign or unknown token gets one and the same answer', async (t) => {
  const ended = await stage.signInSomebody();
  await stage.ask('POST', '/api/auth/logout', { token: ended.access_token });
  const disabled = await stage.signInSomebody();
  await disableAccount(store, { uid: disabled.user.id, reason: 'test', actor: 'test' });
  const gone = await stage.signInSomebody();
  await store.redis.del(sessionKey(gone.session_id));
  const live = await stage.signInSomebody();
  const claims = claimsOf(live.access_token);
  const { kid } = renewalKey;
  const strangersKey = { kid, secret: Buffer.alloc(32, 1) };
  const current = { sid: live.session_id, generation: 1 };
  const tokens = {
    'signed out, access': ended.access_token,
    'signed out, renewal': ended.refresh_token,
    'disabled, access': disabled.access_token,
    'disabled, renewal': disabled.refresh_token,
    'session gone, access': gone.access_token,
    'session gone, renewal': gone.refresh_token,
    'run out': signToken({ ...claims, exp: claims.iat - 10 }, signingKey),
    'of the future': signToken({ ...claims, iat: claims.iat + 3600 }, signingKey),
    'another issuer': signToken({ ...claims, iss: 'https://example.org' }, signingKey),
    'another audience': signToken({ ...claims, aud: 'other' }, signingKey),
    'another type': signToken(claims, signingKey, { typ: 'JWT' }),
    'of a session of nobody': signToken({ ...claims, sid: `${claims.sid[0]}${'x'.repeat(21)}` }, signingKey),
    'of another account': signToken({ ...claims, sub: `${claims.sub[0]}${'x'.repeat(21)}` }, signingKey),
    'of a generation to come': signToken({ ...claims, jti: '9.x' }, signingKey),
    'tampered with': `${live.access_token.slice(0, -4)}AAAA`,
    'forged renewal': issueRenewalToken(current, strangersKey),
    'another kid': issueRenewalToken(current, { ...renewalKey, kid: 'other' }),
    pending: issuePendingToken(live.session_id, renewalKey),
    text: 'mF_9.B5f-4.1JqM',
    'a NUL': 'a\0b',
    'no ASCII': 'مرحبا',
    long: 'x'.repeat(9000),
    'a client secret': client.secret,
  };

  for (const [what, token] of Object.entries(tokens)) {
    const { status, text } = await introspect(token);
    t.same({ status, text }, { status: 200, text: dead }, what);
  }
  t.match((await introspect(live.access_token)).body, { active: true }, 'the twin');
  t.match((await introspect(live.refresh_token)).body, { active: true }, 'and nothing has ended its session');
});

t.test(
  'an access token of a session that pauses is dead with the session, whatever its exp says',
  async (t) => {
    const { access_token: token, session_id: sid } = await stage.signInSomebody();
    await store.redis.hset(sessionKey(sid), 'idleUntilMs', '1');

    t.equal((await introspect(token)).text, dead);
  },
);

t.test('requests of one network are limited, right ones too', async (t) => {
  const service = await startService(t, stack, { INTROSPECTION_REQUESTS_PER_NETWORK: '3' });
  const { access_token: token } = await stage.signInSomebody();
  await store.redis.del('bn:network:introspection:127.0.0.1');

  const answers = [];
  for (let i = 0; i < 5; i += 1) answers.push(await introspect(token, {}, { ...stage, ...service }));

  t.same(
    answers.map(({ status }) => status),
    [200, 200, 200, 429, 429],
  );
  t.match(answers[4]?.body, { error: 'temporarily_unavailable' });
  t.match(answers[4]?.headers.get('retry-after'), /^[1-9][0-9]*$/);
  await store.redis.del('bn:network:introspection:127.0.0.1');
});
