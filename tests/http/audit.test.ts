import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import { accountKey, auditKey } from '../../services/core/redis/keys.ts';
import { untilAuditWritten } from '../../services/core/audit/append.ts';
import { partsOf } from '../mail/eml.ts';
import { startSessionStage, type Answer } from '../support/session-service.ts';
import { makeTestFolder } from '../support/stack.ts';
import { until } from '../support/until.ts';

const mailFolder = makeTestFolder(t);
const stage = await startSessionStage(t, {
  TRUSTED_PROXIES: '127.0.0.1',
  MAIL_FOLDER: mailFolder,
  RENEWAL_GRACE_SECONDS: '60',
});
const { app, ask, logLines, register, renew, signIn, store } = stage;

const wrong = 'not the password at all';
const from = (ip: string) => ({ 'x-forwarded-for': ip });
const login = (username: string, password: string, headers: Record<string, string> = {}) =>
  ask('POST', '/api/auth/login', { body: { username, password }, headers });
const activity = async (token: string, query = '') => {
  await untilAuditWritten(app.store, 5000);
  return (await ask('GET', `/api/auth/activity${query}`, { token })) as Answer;
};

/** All that the audit holds, as text. */
async function auditText(): Promise<string> {
  await untilAuditWritten(app.store, 5000);
  return JSON.stringify(await store.redis.xrange(auditKey, '-', '+'));
}

t.test('an account sees its own facts, newest first, and nobody else sees them', async (t) => {
  const person = await register();
  const other = await signIn(await register());
  const { access_token: token, session_id: sid } = await signIn(person, from('198.51.100.3'));
  await login(person.username, wrong, from('203.0.113.4'));

  const answer = await activity(token);

  const { activity: items } = answer.body.data;
  t.match(items[0], {
    event: 'sign-in-failed',
    outcome: 'failure',
    by: 'unknown',
    ip: '203.0.113.4',
    reason: 'password',
    session_id: null,
  });
  t.match(
    items.find(({ event }: { event: string }) => event === 'sign-in'),
    { outcome: 'success', by: 'self', ip: '198.51.100.3', session_id: sid, at: /^\d{4}-.*Z$/ },
  );
  t.ok(items.some(({ event }: { event: string }) => event === 'account-registered'));
  t.equal(answer.headers.get('cache-control'), 'no-store');
  t.notMatch((await activity(other.access_token)).text, '203.0.113.4');
  t.equal((await ask('GET', '/api/auth/activity')).code, 'AUTH_UNAUTHORIZED');
});

t.test('the activity is asked for in pages of 1 to 100', async (t) => {
  const person = await register();
  const { access_token: token } = await signIn(person);

  t.equal((await activity(token, '?limit=1')).body.data.activity.length, 1);
  t.ok((await activity(token, '?limit=100')).body.data.activity.length > 1);
  for (const limit of ['0', '101', '-1', 'x', '1e1', '']) {
    t.equal((await activity(token, `?limit=${limit}`)).code, 'VAL_INVALID_FORMAT', limit);
  }
});

t.test('a fingerprint is audited', async (t) => {
  const { username, password } = await register();
  const body = { username, password, fingerprint: 'the-device-of-ana' };
  await ask('POST', '/api/auth/login', { body });

  t.match(await auditText(), 'the-device-of-ana');
});

t.test('a reuse is in the activity of the account whose token it was', async (t) => {
  const person = await register();
  const { refresh_token: first } = await signIn(person);
  const second = (await renew(first)).body.data.refresh_token;
  await renew(second);
  await renew(first);
  const { access_token: token } = await signIn(person);

  t.match((await activity(token)).text, /"event":"renewal-reuse".*"reason":"ancestor"/);
});

t.test('what strangers can cause without end is not kept', async (t) => {
  const person = await register();
  const { access_token: token } = await signIn(person, from('198.51.100.5'));
  for (let i = 0; i < 8; i += 1) await login(person.username, wrong, from('203.0.113.5'));
  for (let i = 0; i < 5; i += 1) await renew('forged');

  const { activity: items } = (await activity(token)).body.data;

  t.equal(items.filter(({ event }: { event: string }) => event === 'sign-in-failed').length, 5);
  t.notMatch(await auditText(), /try-blocked|renewal-refused/);
});

t.test('the owner is mailed about a sign-in from a new network, once', async (t) => {
  const person = await register();
  const headers = {
    ...from('198.51.100.10'),
    'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
  };
  const { user } = await signIn(person, from('198.51.100.9'));
  await store.redis.hset(accountKey(user.id), 'createdAtMs', Date.now() - 3_600_000);

  await signIn(person, from('198.51.100.9'));
  await signIn(person, headers);
  await signIn(person, headers);

  const letters = () => {
    const files = readdirSync(mailFolder).filter((file) => file.endsWith('.eml'));
    const raw = files.map((file) => readFileSync(`${mailFolder}/${file}`, 'utf8'));
    return raw.filter((text) => text.includes(person.email) && /new network/.test(text));
  };
  await until(() => letters().length > 0, { what: 'the letter' });
  t.equal(letters().length, 1);
  const text = partsOf(letters()[0]!)
    .map((part) => part.text)
    .join('');
  t.match(text, '198.51.100.10');
  t.match(text, 'Firefox on Linux');
});

t.test('no secret of a whole scenario is in the log, the audit or the events', async (t) => {
  const person = await register({ password: 'a very secret password, really' });
  const tokens = await signIn(person, from('198.51.100.30'));
  const page = await ask('POST', '/api/auth/login', {
    body: { username: person.username, password: person.password, transport: 'cookie', fingerprint: 'box' },
    headers: { 'sec-fetch-site': 'same-origin', 'x-bednet-request': '1', ...from('198.51.100.30') },
  });
  const cookie = /bednet_renewal=([^;]+)/.exec(page.headers.get('set-cookie') ?? '')?.[1] ?? '';
  const renewed = (await renew(tokens.refresh_token)).body.data;
  await renew(tokens.refresh_token);
  await renew(`${tokens.refresh_token}x`);
  for (let i = 0; i < 6; i += 1) await login(person.username, 'guessed secret', from('203.0.113.30'));
  await login('typed-a-password-as-name', 'guessed secret', from('203.0.113.31'));
  const next = 'the next very secret password';
  const changed = await ask('POST', '/api/auth/change-password', {
    token: renewed.access_token,
    headers: from('198.51.100.30'),
    body: { current_password: person.password, new_password: next },
  });
  await ask('POST', '/api/auth/refresh', { headers: { cookie: `__Host-bednet_renewal=${cookie}` } });
  await ask('POST', '/api/auth/logout', { token: changed.body.data.access_token });

  t.equal(changed.status, 200);
  t.ok(cookie);
  const streams = await auditText();
  const keys = await store.redis.keys('bn:*:events');
  const events = JSON.stringify(await Promise.all(keys.map((key) => store.redis.xrange(key, '-', '+'))));
  const activities = await Promise.all(
    (await store.redis.keys('bn:*:activity:*')).map((key) => store.redis.lrange(key, '0', '-1')),
  );
  const told = [logLines.join(''), streams, events, JSON.stringify(activities)];
  const secrets = [
    ...[person.password, next, 'guessed secret', 'typed-a-password-as-name', cookie],
    ...[tokens, renewed, changed.body.data].flatMap((pair) => [pair.access_token, pair.refresh_token]),
    page.body.data.access_token,
  ];
  for (const secret of secrets) {
    const piece = String(secret).slice(-40);
    t.ok(piece.length >= 14, 'long enough to look for');
    for (const [index, text] of told.entries())
      t.notOk(text.includes(piece), `${index}: ${piece.slice(0, 8)}…`);
  }
  t.ok(
    told.every((text) => text.length > 500),
    'there was something to look through',
  );
});
