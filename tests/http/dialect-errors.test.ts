import t from 'tap';
import { speak as speakTo } from '../support/raw-http.ts';
import { startService, startSessionStage } from '../support/session-service.ts';

const { ask, app, stack } = await startSessionStage(t);
const { port } = app.server.address() as { port: number };
const speak = (text: string) => speakTo(port, text);

const shapes = {
  native: { type: /^application\/json; charset=utf-8$/, body: /"success":false/ },
  plain: { type: /^application\/problem\+json/, body: /"type":"about:blank"/ },
};
type Shape = keyof typeof shapes;

const cases: [string, Shape, string, string, number][] = [
  ['an unknown path below a dialect', 'plain', 'GET', '/login/nothing', 404],
  ['an unknown path below another', 'native', 'GET', '/api/nothing', 404],
  ['an unknown path below none', 'native', 'GET', '/nothing', 404],
  ['a path that only begins alike', 'native', 'GET', '/logins', 404],
  ['an unknown path, percent-encoded', 'plain', 'GET', '/%6cogin/nothing', 404],
  ['a path with a query', 'plain', 'GET', '/me/x?y=/api/auth', 404],
  ['another method', 'plain', 'PUT', '/login', 405],
  ['a broken percent code', 'plain', 'GET', '/login/%zz', 400],
  ['a broken percent code elsewhere', 'native', 'GET', '/api/%zz', 400],
  ['a path beyond all lengths', 'plain', 'GET', `/me/${'x'.repeat(3000)}`, 404],
  ['a body of another type', 'plain', 'POST', '/login', 415],
  ['a route, percent-encoded', 'plain', 'GET', '/%6de', 401],
];

for (const [what, shape, method, path, status] of cases) {
  t.test(`${what} is refused in the shape of ${shape}`, async (t) => {
    const headers = { 'content-type': 'text/plain' };
    const answer = await ask(method, path, method === 'POST' ? { raw: 'x', headers } : {});

    t.equal(answer.status, status, answer.text);
    t.match(answer.headers.get('content-type'), shapes[shape].type);
    t.match(answer.text, shapes[shape].body);
  });
}

t.test('headers beyond 16 KiB are refused in the shape of the address that they ask for', async (t) => {
  for (const [path, shape] of [
    ['/login', 'plain'],
    ['/api/auth/login', 'native'],
  ] as const) {
    const answer = await speak(`POST ${path} HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`);

    t.match(answer, /^HTTP\/1.1 431 /, path);
    t.match(answer, shapes[shape].body, path);
    t.match(answer, shape === 'plain' ? /\r\nContent-Type: application\/problem\+json/ : /\/json;/, path);
  }
});

t.test('a body that never ends is refused in the shape of its address', { timeout: 30_000 }, async (t) => {
  const head = 'HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{';

  const [plain, native] = await Promise.all([
    speak(`POST /login ${head}`),
    speak(`POST /api/auth/login ${head}`),
  ]);

  t.match(plain, /^HTTP\/1.1 408 [^]*problem\+json[^]*"code":"VAL_REQUEST_TIMEOUT"/);
  t.match(native, /^HTTP\/1.1 408 [^]*"success":false/);
});

t.test('what is no HTTP at all is refused in the native shape', async (t) => {
  t.match(await speak('nonsense\r\n\r\n'), /^HTTP\/1.1 400 [^]*"success":false/);
});

t.test('a dialect that is switched off is not there', async (t) => {
  const narrow = await startService(t, stack, { DIALECTS: 'native', WEB_PAGE: 'off' });

  for (const path of ['/login', '/refresh', '/logout']) {
    const answer = await narrow.ask('POST', path, { body: {} });
    t.match(answer, { status: 404, code: 'RES_NOT_FOUND', body: { success: false } }, path);
  }
  t.equal((await narrow.ask('GET', '/docs/plain/openapi.json')).status, 404);
  const { body } = await narrow.ask('GET', '/');
  t.same(
    body.dialects.map(({ name }: { name: string }) => name),
    ['native'],
  );
});
