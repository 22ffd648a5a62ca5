import { createHash } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import t from 'tap';
import { errorCodes } from '../../services/contract/error-codes.ts';
import { createAnswerCheck, documentsOf } from '../support/answer-check.ts';
import { startService, startSessionStage } from '../support/session-service.ts';

const origin = 'https://app.example.org';
const stage = await startSessionStage(t, { CORS_ORIGINS: origin });
const { ask, app, signInSomebody } = stage;

interface Described {
  paths: Record<
    string,
    Record<
      string,
      { security?: object[]; responses: Record<string, { description: string; content?: unknown }> }
    >
  >;
  info: { description: string };
}

interface Place {
  name: string;
  openapi: string;
  sign_in?: string;
}

t.test('the root says what is where', async (t) => {
  const { body } = await ask('GET', '/');
  const { service, dialects, ...own } = body as Record<string, string> & { dialects: Place[] };

  t.same(
    dialects.map(({ name }) => name),
    [...app.documents.keys()].filter((name) => name !== 'service'),
  );
  for (const path of [...Object.values(own), ...dialects.map(({ openapi }) => openapi)]) {
    t.equal((await ask('GET', path)).status, 200, path);
  }
  for (const { sign_in: signIn } of dialects) {
    if (signIn) t.equal((await ask('POST', signIn, { body: {} })).status, 400, signIn);
  }
});

t.test('OpenAPI describes every route with every status and every error code', async (t) => {
  const { body } = await ask('GET', '/docs/native/openapi.json');
  const { paths, info } = body as Described;
  const routes = [
    'post /api/auth/register',
    'post /api/auth/login',
    'post /api/auth/refresh',
    'post /api/auth/logout',
    'post /api/auth/change-password',
    'post /api/auth/forgot-password',
    'post /api/auth/reset-password',
    'post /api/auth/verify-email',
    'post /api/auth/resend-verification',
    'post /api/auth/accept-terms',
    'post /api/auth/step-up',
    'post /api/auth/2fa/enable',
    'post /api/auth/2fa/verify',
    'post /api/auth/2fa/verify-login',
    'post /api/auth/2fa/email',
    'post /api/auth/2fa/disable',
    'get /api/auth/2fa/backup-codes',
    'post /api/auth/2fa/backup-codes/regenerate',
    'get /api/auth/me',
    'get /api/auth/config',
    'put /api/auth/me',
    'delete /api/auth/me',
    'get /api/auth/devices',
    'post /api/auth/devices/{id}/disable',
    'post /api/auth/devices/{id}/enable',
    'post /api/auth/devices/{id}/rotate-key',
    'post /api/auth/change-email',
    'get /api/auth/activity',
    'get /api/auth/sessions',
    'delete /api/auth/sessions/{id}',
    'post /api/auth/sessions/terminate-others',
  ];

  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );
  const isOfAdmins = (route: string) => route.includes(' /api/admin/'); // Listed in admin-access.test.ts.
  t.same(described.filter((route) => !isOfAdmins(route)).sort(), routes.sort());
  for (const route of described) {
    const [method = '', path = ''] = route.split(' ');
    for (const [status, response] of Object.entries(paths[path]?.[method]?.responses ?? {})) {
      t.ok(response.content, `${route} ${status} has a schema`);
      t.notMatch(response.description, /^Default Response$/, `${route} ${status} is described`);
    }
  }
  for (const code of Object.keys(errorCodes)) t.match(info.description, `\`${code}\``, code);
});

t.test('every route that is described as closed refuses a caller without a live session', async (t) => {
  const { body } = await ask('GET', '/docs/native/openapi.json');
  const ended = await signInSomebody();
  await ask('POST', '/api/auth/logout', { token: ended.access_token });
  const closed = Object.entries((body as Described).paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { security }]) =>
      security ? [[method.toUpperCase(), path.replace('{id}', ended.session_id)] as const] : [],
    ),
  );

  t.ok(closed.length >= 6, 'they are found');
  for (const [method, path] of closed) {
    t.equal((await ask(method, path)).code, 'AUTH_UNAUTHORIZED', `${method} ${path} without a token`);
    t.equal((await ask(method, path, { token: 'forged' })).code, 'AUTH_INVALID_TOKEN', `${method} ${path}`);
    if (path.endsWith('/logout')) continue;
    const late = await ask(method, path, {
      token: ended.access_token,
      ...(method === 'GET' ? {} : { raw: '{' }),
    });
    t.equal(late.code, 'AUTH_TOKEN_REVOKED', `${method} ${path} after the end, before its body is read`);
  }
});

t.test('the check that every test here makes finds answers that do not fit', async (t) => {
  const check = createAnswerCheck(documentsOf(app));
  const answer = await ask('GET', '/health');

  t.throws(() => check('GET', '/health', { ...answer, status: 418 }), /does not describe/);
  t.throws(() => check('GET', '/health', { ...answer, body: { status: 'fine' } }), /does not fit/);
  t.throws(() => check('GET', '/api/auth/sessions', { ...answer, body: { success: true } }), /does not fit/);
  const asText = new Headers({ 'content-type': 'text/plain' });
  t.throws(() => check('GET', '/health', { ...answer, headers: asText }), /text\/plain, which is not/);
  t.doesNotThrow(() => check('GET', '/health', answer));
});

t.test('every answer carries the security headers, and those with tokens are kept nowhere', async (t) => {
  const { access_token: token, refresh_token } = await signInSomebody();
  const answers = {
    health: await ask('GET', '/health'),
    me: await ask('GET', '/api/auth/me', { token }),
    refresh: await ask('POST', '/api/auth/refresh', { body: { refresh_token } }),
    'a refusal': await ask('GET', '/api/auth/me'),
    'bad input': await ask('POST', '/api/auth/login', { raw: '{' }),
    'an unknown path': await ask('GET', '/nothing'),
    'another method': await ask('PUT', '/health'),
  };

  for (const [what, { headers }] of Object.entries(answers)) {
    t.match(
      Object.fromEntries(headers),
      {
        'strict-transport-security': 'max-age=31536000; includeSubDomains',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'x-frame-options': 'DENY',
        'cache-control': 'no-store',
        'x-request-id': /^[0-9a-f-]{36}$/,
      },
      what,
    );
    const policy = headers.get('content-security-policy') ?? '';
    for (const part of [
      "default-src 'none'",
      "object-src 'none'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ]) {
      t.match(policy, part, what);
    }
    t.notMatch(policy, 'unsafe', what);
    t.notOk(headers.has('server') || headers.has('x-powered-by'), `${what}: no version`);
  }
});

t.test('a request id of the caller is taken if it is harmless', async (t) => {
  const idOf = async (given: string) => {
    const { headers, body } = await ask('GET', '/nothing', { headers: { 'x-request-id': given } });
    t.equal(body.request_id, headers.get('x-request-id'));
    return headers.get('x-request-id');
  };

  t.equal(await idOf('trace-1234_ABC'), 'trace-1234_ABC');
  for (const bad of [
    'short',
    'x'.repeat(65),
    '<script>alert(1)</script>',
    'a b c d e f g',
    'rép\u00e9tition',
  ]) {
    t.match(await idOf(bad), /^[0-9a-f-]{36}$/, bad);
  }
});

t.test('pages of a listed origin may call, and of no other', async (t) => {
  const from = async (value: string) => (await ask('GET', '/health', { headers: { origin: value } })).headers;

  const allowed = await from(origin);
  t.equal(allowed.get('access-control-allow-origin'), origin);
  t.match(allowed.get('vary'), /origin/i);
  t.equal(allowed.get('access-control-allow-credentials'), 'true', 'cookies are for listed origins only');
  const others = [
    'null',
    'http://app.example.org',
    'https://app.example.org.attacker.net',
    'https://attacker.net/https://app.example.org',
    'https://app.example.or',
    'https://sub.app.example.org',
    'https://app.example.org:8443',
  ];
  for (const other of others) t.equal((await from(other)).get('access-control-allow-origin'), null, other);
  const preflight = await ask('OPTIONS', '/api/auth/me', {
    headers: {
      origin,
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'authorization',
    },
  });
  t.equal(preflight.status, 204);
  t.match(preflight.headers.get('access-control-allow-headers'), /authorization/i);
});

t.test('the documentation page loads nothing from elsewhere and runs only its own script', async (t) => {
  const redirect = await ask('GET', '/docs');
  const { text, headers } = await ask('GET', '/docs/');
  const script = await ask('GET', '/docs/js/scalar.js');

  t.match(redirect.headers.get('location'), '/docs/');
  t.notMatch(text, /https?:\/\//, 'no address of another server');
  t.equal(script.status, 200);
  const inline = /<script type="text\/javascript">([^]*?)<\/script>/.exec(text)?.[1] ?? '';
  const hash = createHash('sha256').update(inline).digest('base64');
  const policy = headers.get('content-security-policy') ?? '';
  t.match(policy, `script-src 'self' 'sha256-${hash}'`);
  t.match(policy, "default-src 'none'");
  t.notMatch(policy, /script-src[^;]*unsafe/);
  t.notMatch(policy, /https?:/);
});

t.test('metrics and documentation are for this machine, unless they are opened', async (t) => {
  const paths = ['/metrics', '/docs/', '/docs/native/openapi.json', '/docs/js/scalar.js'];
  const open = await startService(t, stage.stack, { DOCS_ACCESS: 'everyone', METRICS_ACCESS: 'everyone' });
  const forwarded = { 'x-forwarded-for': '127.0.0.1' };

  for (const path of paths) {
    t.equal((await ask('GET', path)).status, 200, path);
    const hidden = await ask('GET', path, { headers: forwarded });
    t.equal(hidden.status, 404, `${path} through a proxy`);
    t.equal(hidden.code, 'RES_NOT_FOUND');
    t.equal((await open.ask('GET', path, { headers: forwarded })).status, 200, `${path}, opened`);
    const far = await app.inject({ method: 'GET', url: path, remoteAddress: '192.0.2.7' });
    t.equal(far.statusCode, 404, `${path} from afar`);
  }
});

t.test('metrics count by route, never by what a caller wrote', async (t) => {
  await ask('GET', '/nothing/very-secret-path');
  await ask('DELETE', '/api/auth/sessions/very-secret-id');

  const { text } = await ask('GET', '/metrics');

  t.match(
    text,
    /bednet_http_request_duration_seconds_count\{method="GET",route="\/health",status="200"\} \d+/,
  );
  t.match(text, 'route="/api/auth/sessions/:id"');
  t.notMatch(text, 'very-secret');
});

t.test('X-Forwarded-For counts only from a listed proxy', async (t) => {
  const headers = { 'x-forwarded-for': '203.0.113.9, 198.51.100.7', 'x-real-ip': '203.0.113.10' };
  const proxied = await startService(t, stage.stack, { TRUSTED_PROXIES: '127.0.0.0/8' });
  const ipSeenBy = async ({ register, signIn, ask }: Pick<typeof stage, 'register' | 'signIn' | 'ask'>) => {
    const { access_token: token } = await signIn(await register(), headers);
    return (await ask('GET', '/api/auth/sessions', { token })).body.data.sessions[0].ip;
  };

  t.equal(await ipSeenBy(stage), '127.0.0.1');
  t.equal(await ipSeenBy(proxied), '198.51.100.7', 'the last hop before the proxy');
});

t.test('it listens on loopback only, unless told otherwise', async (t) => {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const outside = addresses.find(({ internal, family }) => !internal && family === 'IPv4');
  const { address } = app.server.address() as { address: string };

  t.equal(address, '127.0.0.1');
  if (!outside) return;
  const { port } = app.server.address() as { port: number };
  await t.rejects(fetch(`http://${outside.address}:${port}/health`));
});
