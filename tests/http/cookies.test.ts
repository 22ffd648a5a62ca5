import t from 'tap';
import { sessionKey } from '../../services/core/redis/keys.ts';
import { isRefusal } from '../support/refusal.ts';
import { startSessionStage, type Answer, type Person } from '../support/session-service.ts';

const name = '__Host-bednet_renewal';
const pageOrigin = 'https://app.example.org';
const stage = await startSessionStage(t, { CORS_ORIGINS: pageOrigin, RENEWAL_GRACE_SECONDS: '60' });
const { ask, register, renew, signIn, store } = stage;

/** What a page of ours sends beside its cookie. */
const ownPage = {
  'sec-fetch-site': 'same-origin',
  'x-bednet-request': '1',
  'content-type': 'application/json',
};

const login = (
  { username, password }: Person,
  headers: Record<string, string> = ownPage,
  more: object = {},
) => ask('POST', '/api/auth/login', { body: { username, password, transport: 'cookie', ...more }, headers });
const withCookie = (token: string, headers: Record<string, string> = ownPage) => ({
  ...headers,
  cookie: `${name}=${token}`,
});
const refresh = (token: string, headers?: Record<string, string>) =>
  ask('POST', '/api/auth/refresh', { headers: withCookie(token, headers) });

/** The cookie that an answer sets: its value and its attributes, sorted. */
function cookieOf(answer: Answer): { value: string; attributes: string[] } {
  const [pair = '', ...attributes] = (answer.headers.get('set-cookie') ?? '').split('; ');
  return { value: pair.slice(pair.indexOf('=') + 1), attributes: attributes.sort() };
}

/** A signed-in page: its access token and what its cookie holds. */
async function openPage(person?: Person) {
  const answer = await login(person ?? (await register()));
  return { ...answer.body.data, cookie: cookieOf(answer).value } as {
    access_token: string;
    session_id: string;
    cookie: string;
  };
}

t.test('the cookie is __Host-, Secure, HttpOnly, SameSite=Strict, and its value is in no JSON', async (t) => {
  const answer = await login(await register());
  const { value, attributes } = cookieOf(answer);

  t.equal(answer.status, 200);
  t.match(answer.headers.get('set-cookie'), new RegExp(`^${name}=[A-Za-z0-9_.-]{40,};`));
  t.same(attributes, ['HttpOnly', 'Max-Age=604800', 'Path=/', 'SameSite=Strict', 'Secure']);
  t.notMatch(answer.text, value);
  t.notOk('refresh_token' in answer.body.data);
  t.ok(answer.body.data.access_token);
});

t.test('a sign-in that does not ask for the cookie gets none', async (t) => {
  const person = await register();
  const answer = await login(person, {}, { transport: 'body' });

  t.equal(answer.headers.get('set-cookie'), null);
  t.ok(answer.body.data.refresh_token);
});

t.test('a page renews with an empty body and gets the next cookie', async (t) => {
  const page = await openPage();

  const first = await refresh(page.cookie);
  const second = await refresh(cookieOf(first).value);

  for (const answer of [first, second]) {
    t.equal(answer.status, 200);
    t.equal(answer.body.data.session_id, page.session_id);
    t.notOk('refresh_token' in answer.body.data);
    t.same(cookieOf(answer).attributes.slice(0, 1), ['HttpOnly']);
  }
  t.not(cookieOf(first).value, cookieOf(second).value);
});

t.test('the cookie counts only for a page of this site', async (t) => {
  const page = await openPage();
  const { 'sec-fetch-site': _site, ...noSite } = ownPage;
  const { 'x-bednet-request': _header, ...noHeader } = ownPage;
  const { 'content-type': _type, ...noType } = ownPage;
  const strangers: Record<string, Record<string, string>> = {
    'no origin at all': noSite,
    'another site': { ...noSite, origin: 'https://evil.example' },
    'another site, told by the browser': { ...ownPage, 'sec-fetch-site': 'cross-site' },
    'a sibling site': { ...ownPage, 'sec-fetch-site': 'same-site' },
    'origin null': { ...noSite, origin: 'null' },
    'an origin that begins like ours': { ...noSite, origin: `${pageOrigin}.evil.example` },
    'our host without TLS': { ...noSite, origin: 'http://app.example.org' },
    'no header of ours': noHeader,
    'a wrong header': { ...ownPage, 'x-bednet-request': 'yes' },
    'no type': noType,
  };

  for (const [what, headers] of Object.entries(strangers)) {
    for (const path of ['/api/auth/refresh', '/api/auth/logout']) {
      const answer = await ask('POST', path, { headers: withCookie(page.cookie, headers) });
      isRefusal(t, answer, `${path}: ${what}`, 403);
      t.equal(answer.code, 'AUTH_CROSS_SITE', `${path}: ${what}`);
    }
  }
  t.equal((await refresh(page.cookie)).status, 200, 'its own page');
  t.equal((await refresh(page.cookie, { ...noSite, origin: pageOrigin })).status, 200, 'a listed origin');
  t.equal(
    (await refresh(page.cookie, { ...noSite, origin: 'http://localhost:8080' })).status,
    200,
    'the issuer',
  );
});

t.test('a form of another site is refused before it is read', async (t) => {
  const { cookie } = await openPage();
  const forms: Record<string, string> = {
    'application/x-www-form-urlencoded': 'a=b',
    'text/plain': '{"a":"b"}',
    'multipart/form-data; boundary=x': '--x--',
  };

  for (const [type, raw] of Object.entries(forms)) {
    for (const path of ['/api/auth/refresh', '/api/auth/logout']) {
      const headers = { 'content-type': type, origin: 'https://evil.example', cookie: `${name}=${cookie}` };
      t.equal((await ask('POST', path, { raw, headers })).code, 'AUTH_CROSS_SITE', `${path}: ${type}`);
    }
  }
  t.equal((await refresh(cookie)).status, 200);
});

t.test('nobody is signed in by a page elsewhere', async (t) => {
  const person = await register();

  const answer = await login(person, { origin: 'https://evil.example' });

  t.equal(answer.code, 'AUTH_CROSS_SITE');
  t.equal(answer.headers.get('set-cookie'), null);
  t.equal((await login(person)).status, 200);
});

t.test('a page signs out by its cookie alone, and the cookie is gone', async (t) => {
  const page = await openPage();

  const answer = await ask('POST', '/api/auth/logout', { headers: withCookie(page.cookie) });

  t.equal(answer.status, 200);
  t.equal(cookieOf(answer).value, '');
  t.ok(
    cookieOf(answer).attributes.includes('Max-Age=0') ||
      /Expires=Thu, 01 Jan 1970/.test(answer.headers.get('set-cookie')!),
  );
  t.ok(cookieOf(answer).attributes.includes('Secure'));
  t.equal((await refresh(page.cookie)).code, 'AUTH_TOKEN_REVOKED');
  t.equal((await ask('GET', '/api/auth/me', { token: page.access_token })).code, 'AUTH_TOKEN_REVOKED');
  t.equal((await ask('POST', '/api/auth/logout', { headers: withCookie('rubbish') })).status, 200, 'twice');
});

t.test('an access token does not make a request with a cookie a request of ours', async (t) => {
  const { access_token: token, cookie } = await openPage();

  const answer = await ask('POST', '/api/auth/logout', { token, headers: { cookie: `${name}=${cookie}` } });

  t.equal(answer.code, 'AUTH_CROSS_SITE');
  t.equal((await ask('GET', '/api/auth/me', { token })).status, 200);
});

t.test('a change of password leaves the fresh renewal token in the cookie', async (t) => {
  const person = await register();
  const page = await openPage(person);

  const answer = await ask('POST', '/api/auth/change-password', {
    token: page.access_token,
    headers: withCookie(page.cookie),
    body: { current_password: person.password, new_password: 'another long enough password' },
  });

  t.equal(answer.status, 200);
  t.notOk('refresh_token' in answer.body.data);
  t.equal((await refresh(cookieOf(answer).value)).status, 200);
});

t.test('a sign-in ends the session whose cookie it overwrites', async (t) => {
  const old = await openPage();

  await login(await register(), withCookie(old.cookie));

  t.match(await store.redis.hgetall(sessionKey(old.session_id)), { state: 'revoked', reason: 'replaced' });
});

t.test('a renewal token in the body needs no page, and a cookie beside it is not looked at', async (t) => {
  const tokens = await signIn(await register());
  const page = await openPage();

  const answer = await ask('POST', '/api/auth/refresh', {
    body: { refresh_token: tokens.refresh_token },
    headers: { cookie: `${name}=${page.cookie}` },
  });

  t.equal(answer.status, 200);
  t.equal(answer.body.data.session_id, tokens.session_id);
  t.ok(answer.body.data.refresh_token);
  t.equal((await renew(answer.body.data.refresh_token)).status, 200);
});

t.test('no GET changes state, and the cookie opens nothing but renewal and sign-out', async (t) => {
  const { cookie } = await openPage();
  const paths = Object.entries((stage.app.documents.get('native')?.() as { paths: object }).paths);
  t.ok(paths.length > 5);

  for (const [path, methods] of paths) {
    for (const method of Object.keys(methods as object)) {
      if (['/api/auth/refresh', '/api/auth/logout'].includes(path)) continue;
      const asked = { headers: withCookie(cookie), ...(method !== 'get' && { body: {} }) };
      const { status } = await ask(method.toUpperCase(), path.replaceAll(/\{[^}]+\}/g, 'x'), asked);
      const isOpen = method === 'get' && status === 200;
      t.ok(isOpen || status >= 400, `${method} ${path}: ${status}`);
    }
  }
  t.equal((await ask('GET', '/api/auth/logout', { headers: withCookie(cookie) })).status, 405);
  t.equal((await ask('GET', '/api/auth/refresh', { headers: withCookie(cookie) })).status, 405);
  t.equal((await ask('GET', '/api/auth/me', { headers: withCookie(cookie) })).code, 'AUTH_UNAUTHORIZED');
  t.equal((await refresh(cookie)).status, 200, 'the session is as it was');
});
