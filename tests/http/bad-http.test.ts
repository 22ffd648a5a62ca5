import t from 'tap';
import { isRefusal } from '../support/refusal.ts';
import { speak as speakTo } from '../support/raw-http.ts';
import { startSessionStage } from '../support/session-service.ts';

const { ask, app, logLines } = await startSessionStage(t);
const { port } = app.server.address() as { port: number };
const speak = (text: string) => speakTo(port, text);

t.test('unknown paths are 404, known ones with another method 405 with Allow', async (t) => {
  const cases: [string, string, number, string?][] = [
    ['GET', '/api/auth/nothing', 404],
    ['GET', '/api/auth', 404],
    ['POST', '/api/auth/LOGIN', 404],
    ['GET', '/api/auth/login/', 404],
    ['GET', '//api/auth/me', 404],
    ['GET', '/api/auth/../auth/nothing', 404],
    ['GET', `/${'x'.repeat(5000)}`, 404],
    ['GET', '/api/auth/login', 405, 'POST'],
    ['PUT', '/api/auth/activity', 405, 'GET, HEAD'],
    ['PATCH', '/api/auth/sessions/abc', 405, 'DELETE'],
    ['OPTIONS', '/api/auth/activity', 405, 'GET, HEAD'],
    ['POST', '/.well-known/jwks.json', 405, 'GET, HEAD'],
    ['DELETE', '/', 405, 'GET, HEAD'],
  ];
  for (const [method, path, status, allow] of cases) {
    const answer = await ask(method, path);
    isRefusal(t, answer, `${method} ${path.slice(0, 40)}`, status);
    t.equal(answer.headers.get('allow') ?? undefined, allow, `${method} ${path.slice(0, 40)}`);
  }
});

t.test('a query parameter may come once; strange paths are refused', async (t) => {
  isRefusal(t, await ask('GET', '/?a=1&a=2'), 'doubled', 400);
  isRefusal(t, await ask('GET', '/%zz'), 'a bad escape', 400);
  isRefusal(t, await ask('GET', '/%'), 'a lone percent sign', 400);
  isRefusal(t, await ask('GET', '/%ff'), 'bytes that are no UTF-8', 400);
});

t.test('what is no HTTP, too large or too slow in its headers is refused', async (t) => {
  const head = `GET /health HTTP/1.1\r\nHost: x\r\n`;
  t.match(
    await speak(`${head}X-Long: ${'x'.repeat(20_000)}\r\n\r\n`),
    /^HTTP\/1.1 431 [^]*VAL_HEADERS_TOO_LARGE/,
  );
  t.match(await speak('nonsense\r\n\r\n'), /^HTTP\/1.1 400 [^]*VAL_INVALID_REQUEST/);
  t.match(await speak('GET /health HTTP/1.1\r\n\r\n'), /^HTTP\/1.1 400 /, 'no Host');
  t.match(await speak(`${head}\0: x\r\n\r\n`), /^HTTP\/1.1 400 /, 'NUL in a header');
  t.match(await speak(`TRACE /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`), /^HTTP\/1.1 405 /);
  const both =
    'POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n';
  t.match(await speak(both), /^HTTP\/1.1 400 /, 'two lengths (request smuggling)');
  const lying =
    'POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: -1\r\n\r\n{}';
  t.match(await speak(lying), /^HTTP\/1.1 400 /, 'a negative length');
  t.match(await speak(`${head}Connection: close\r\n\r\n`), /^HTTP\/1.1 200 /, 'the twin');
});

t.test('strange hosts and methods are no fault of the service', async (t) => {
  for (const host of ['[', 'a b', '', 'x:y:z', '%']) {
    for (const path of ['/docs', '/docs/', '/', '/api/auth/me']) {
      const answer = await speak(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
      t.match(answer, /^HTTP\/1.1 [1-4]\d\d /, `${path} on host "${host}"`);
    }
  }
  for (const method of ['QUERY', 'PROPFIND', 'LOCK', 'PURGE', 'SOURCE', 'FOO']) {
    const answer = await speak(`${method} /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    t.match(answer, /^HTTP\/1.1 4\d\d [^]*(VAL_INVALID_REQUEST|RES_METHOD_NOT_ALLOWED)/, method);
  }
});

t.test('headers that never end are cut after 5 s, a body after 10 s', { timeout: 30_000 }, async (t) => {
  const startedMs = performance.now();
  const after = (answer: string) => ({ answer, ms: performance.now() - startedMs });

  const [headers, body] = await Promise.all([
    speak('GET /health HTTP/1.1\r\nHost: x\r\nX-Slow: ').then(after),
    speak(
      'POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{',
    ).then(after),
  ]);

  t.match(headers.answer, /^HTTP\/1.1 408 [^]*VAL_REQUEST_TIMEOUT/);
  t.ok(headers.ms > 4500, `${headers.ms} ms`);
  t.match(body.answer, /^HTTP\/1.1 408 /);
  t.ok(body.ms > 9000, `${body.ms} ms`);
  // How late Node cuts is a matter of the load; that it does so after these times and no others is not.
  const { headersTimeout, requestTimeout } = app.server;
  t.same({ headersTimeout, requestTimeout }, { headersTimeout: 5000, requestTimeout: 10_000 });
});

t.test('nothing above was a fault of the service', async (t) => {
  const faults = logLines.filter((line) => JSON.parse(line).level >= 50);

  t.same(faults, []);
});
