import t from 'tap';
import { startService, startSessionStage, type Answer } from '../support/session-service.ts';

const name = '__Host-bednet_renewal';
const stage = await startSessionStage(t);
const { register } = stage;
const cookieStage = await startService(t, stage.stack, { PLAIN_RENEWAL_TRANSPORT: 'cookie' });

/** What a page of ours sends beside its cookie. */
const ownPage = {
  'sec-fetch-site': 'same-origin',
  'x-bednet-request': '1',
  'content-type': 'application/json',
};
type At = Pick<typeof stage, 'ask'>;

const login = async (at: At, more: object = {}, headers: Record<string, string> = ownPage) => {
  const { username, password } = await register();
  return at.ask('POST', '/login', { body: { username, password, ...more }, headers });
};
const cookieOf = (answer: Answer) =>
  /^__Host-bednet_renewal=([^;]+);/.exec(answer.headers.get('set-cookie') ?? '')?.[1] ?? '';
const withCookie = (cookie: string, headers: Record<string, string> = ownPage) => ({
  headers: { ...headers, cookie: `${name}=${cookie}` },
});

for (const [how, at, wish] of [
  ['by the wish of a sign-in', stage, { transport: 'cookie' }],
  ['by setting', cookieStage, {}],
] as const) {
  t.test(`${how} the renewal token travels in a cookie and never in JSON`, async (t) => {
    const first = await login(at, wish);
    t.equal(first.status, 200, first.text);
    t.match(first.headers.get('set-cookie'), /; HttpOnly; Secure; SameSite=Strict$/);
    t.notOk('refreshToken' in first.body);
    t.notMatch(first.text, cookieOf(first));

    const second = await at.ask('POST', '/refresh', withCookie(cookieOf(first)));
    t.equal(second.status, 200, second.text);
    t.notOk('refreshToken' in second.body);
    t.not(cookieOf(second), cookieOf(first));

    const out = await at.ask('POST', '/logout', withCookie(cookieOf(second)));
    t.same(out.body, { signedOut: true });
    t.match(out.headers.get('set-cookie'), new RegExp(`^${name}=;`));
    t.equal((await at.ask('GET', '/me', { token: second.body.token })).code, 'AUTH_TOKEN_REVOKED');
  });
}

t.test('where the cookie is the setting, a client without a page may still wish for the body', async (t) => {
  const answer = await login(cookieStage, { transport: 'body' }, {});

  t.ok(answer.body.refreshToken);
  t.equal(answer.headers.get('set-cookie'), null);
});

t.test('the cookie counts for a page of ours only, at sign-in, refresh and sign-out', async (t) => {
  const cookie = cookieOf(await login(stage, { transport: 'cookie' }));
  const strangers = {
    'another site': { ...ownPage, 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
    'a page of the same site': { ...ownPage, 'sec-fetch-site': 'same-site' },
    'no header of a script': { 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' },
    'a form': { ...ownPage, 'content-type': 'text/plain' },
  };

  for (const [who, headers] of Object.entries(strangers)) {
    for (const path of ['/refresh', '/logout']) {
      const answer = await stage.ask('POST', path, withCookie(cookie, headers));
      t.match(answer, { status: 403, code: 'AUTH_CROSS_SITE' }, `${path} by ${who}`);
      t.equal(answer.headers.get('set-cookie'), null);
    }
  }
  const { 'sec-fetch-site': _site, ...noSite } = ownPage;
  t.equal((await login(stage, { transport: 'cookie' }, noSite)).code, 'AUTH_CROSS_SITE');
  t.equal((await login(cookieStage, {}, {})).code, 'AUTH_CROSS_SITE', 'by setting');
  t.equal((await stage.ask('POST', '/refresh', withCookie(cookie))).status, 200, 'the twin');
});

t.test('a script cannot have the token of a cookie put into JSON', async (t) => {
  const cookie = cookieOf(await login(stage, { transport: 'cookie' }));

  const answer = await stage.ask('POST', '/refresh', { ...withCookie(cookie), body: { transport: 'body' } });

  t.equal(answer.status, 200);
  t.notOk('refreshToken' in answer.body);
});
