import t from 'tap';
import { startSessionStage } from '../support/session-service.ts';

t.test('a page learns what it must know before somebody signs in', async (t) => {
  const stage = await startSessionStage(t, {
    REGISTRATION: 'invitation',
    PASSWORD_MIN_LENGTH: '20',
    TERMS_VERSION: '2026-11',
  });

  const { body } = await stage.ask('GET', '/api/auth/config');

  t.match(body.data, {
    registration: 'invitation',
    terms_version: '2026-11',
    can_mail: false,
    password: { min_length: 20, min_digits: 0 },
  });
});

t.test('GET / is the page for a browser and a signpost for everybody else', async (t) => {
  const stage = await startSessionStage(t);

  const page = await stage.ask('GET', '/', { headers: { accept: 'text/html,*/*;q=0.8' } });
  const signpost = await stage.ask('GET', '/');

  t.match(page.headers.get('content-type'), 'text/html');
  const policy = page.headers.get('content-security-policy') ?? '';
  t.match(policy, "script-src 'self';");
  t.notMatch(policy, 'unsafe');
  const [, nonce = ''] = /'nonce-([^']+)'/.exec(policy) ?? [];
  t.ok(nonce.length >= 22 && page.text.includes(nonce), 'the document has the nonce of its own answer');
  const again = await stage.ask('GET', '/login');
  t.notOk(again.text.includes(nonce), 'the next answer has another one');
  t.match(signpost.body, { service: 'Bednet session service' });
});

t.test('the files of the page can be kept for ever, and nothing else can be read there', async (t) => {
  const stage = await startSessionStage(t);
  const { text } = await stage.ask('GET', '/login');
  const [, script = ''] = /src="(\/assets\/[^"]+\.js)"/.exec(text) ?? [];

  const { status, headers } = await stage.ask('GET', script);
  t.equal(status, 200);
  t.match(headers.get('cache-control'), 'immutable');
  for (const path of [
    '/assets/../index.html',
    '/assets/%2e%2e/%2e%2e/package.json',
    '/assets/',
    '/assets/.env',
  ]) {
    t.equal((await stage.ask('GET', path)).status, 404, path);
  }
});

t.test('a browser at an unknown address gets the page, and a program gets an error', async (t) => {
  const stage = await startSessionStage(t);
  const accept = 'text/html,*/*;q=0.8';

  const page = await stage.ask('GET', '/no/such/page', { headers: { accept } });
  t.equal(page.status, 404);
  t.match(page.headers.get('content-type'), 'text/html');
  t.match(await stage.ask('GET', '/no/such/page'), { status: 404, code: 'RES_NOT_FOUND' });
  t.match(await stage.ask('GET', '/api/auth/nothing', { headers: { accept } }), { code: 'RES_NOT_FOUND' });
});

t.test('without the page there is only the API', async (t) => {
  const stage = await startSessionStage(t, { WEB_PAGE: 'off' });

  t.equal((await stage.ask('GET', '/login')).status, 405);
  t.match((await stage.ask('GET', '/', { headers: { accept: 'text/html' } })).body, { keys: /jwks/ });
});
