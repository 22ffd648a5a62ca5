import t from 'tap';
import { publish, signIn, subscribe, openClient } from '../support/mqtt-outcomes.ts';
import { openPluginStage } from '../support/plugin-stage.ts';
import type { Answer, RecordedRequest } from '../support/scripted-webhook.ts';

const CONTENT_TYPES = { json: 'application/json', form: 'application/x-www-form-urlencoded' };

const variants = [
  { method: 'POST', params: 'json' },
  { method: 'PUT', params: 'json' },
  { method: 'GET', params: 'json' },
  { method: 'POST', params: 'form' },
  { method: 'PUT', params: 'form' },
] as const;

const yes: Record<string, Answer> = {
  status: { status: 204 },
  text: { status: 200, body: 'ok' },
  json: { status: 200, body: '{"Ok":true,"Error":""}' },
};

const no: Record<string, Answer> = {
  status: { status: 403 },
  text: { status: 200, body: 'wrong password' },
  json: { status: 200, body: '{"Ok":false,"Error":"wrong password"}' },
};

/** Grants user u with password p as client c, and reading, subscribing and writing a/b. */
function isRight({ check }: RecordedRequest): boolean {
  if (check.kind === 'user')
    return check.username === 'u' && check.password === 'p' && check.clientid === 'c';
  return check.username === 'u' && check.clientid === 'c' && check.topic === 'a/b';
}

for (const { method, params } of variants) {
  for (const response of ['status', 'text', 'json']) {
    t.test(`${method} ${params}, answers by ${response}: right is granted, wrong is denied`, async (t) => {
      const modes = { http_method: method, http_params_mode: params, http_response_mode: response };
      const { broker, webhook } = await openPluginStage(t, { plugin: modes });
      webhook.answerWith((request) => (isRight(request) ? yes[response] : no[response]) ?? 500);
      const { port } = broker;

      const wrongPassword = openClient({ port, clientId: 'c', username: 'u', password: 'x' });
      const wrongUsername = openClient({ port, clientId: 'c', username: 'x', password: 'p' });
      const wrongClientId = openClient({ port, clientId: 'x', username: 'u', password: 'p' });
      const client = await signIn({ port, clientId: 'c', username: 'u', password: 'p' });

      t.equal(await wrongPassword.next(), 'connack 135');
      t.equal(await wrongUsername.next(), 'connack 135');
      t.equal(await wrongClientId.next(), 'connack 135');
      t.strictSame(await subscribe(client, 'a/+', 0), ['suback 135']);
      t.strictSame(await subscribe(client, 'a/b', 0), ['suback 0']);
      t.strictSame(await publish(client, 'a/c', 1), ['puback 135']);
      t.strictSame(await publish(client, 'a/b', 0), ['publish a/b=x']);
      t.notMatch(broker.pluginLines().join('\n'), /fails/, 'a denial is never taken for a failure');
      t.ok(webhook.requests.every((request) => request.method === method));
      t.ok(webhook.requests.every((request) => request.headers['content-type'] === CONTENT_TYPES[params]));
      t.same(new Set(webhook.requests.map(({ url }) => url)), new Set(['/user', '/acl']));
      t.equal(webhook.connections(), 1, 'one connection carries all checks');
    });
  }
}

t.test('JSON requests are those of mosquitto-go-auth, byte for byte', async (t) => {
  const { broker, webhook } = await openPluginStage(t, {
    plugin: { http_getuser_uri: '/user?key=k%201', 'http_header_X-Bednet-Key': 'a secret: 1' },
  });

  const client = await signIn({ port: broker.port, clientId: 'c', username: 'u', password: 'p' });
  await subscribe(client, 'a/%u/#', 0);
  await publish(client, 'a/b', 0);

  t.strictSame(
    webhook.requests.map(({ url, body }) => `${url} ${body}`),
    [
      '/user?key=k%201 {"clientid":"c","password":"p","username":"u"}',
      '/acl {"acc":4,"clientid":"c","topic":"a/%u/#","username":"u"}',
      '/acl {"acc":2,"clientid":"c","topic":"a/b","username":"u"}',
    ],
  );
  for (const { headers, headerNames, body } of webhook.requests) {
    t.strictSame(headerNames.sort(), [
      'Content-Length',
      'Content-Type',
      'Host',
      'User-Agent',
      'X-Bednet-Key',
    ]);
    t.equal(headers['host'], `127.0.0.1:${webhook.port}`);
    t.equal(headers['content-length'], String(body.length));
    t.match(headers['user-agent'], /^mosquitto-\d+\.\d+\.\d+$/);
    t.equal(headers['x-bednet-key'], 'a secret: 1');
  }
});

t.test('form requests are those of mosquitto-go-auth, with acc as text', async (t) => {
  const plugin = { http_params_mode: 'form', http_user_agent: 'our broker' };
  const { broker, webhook } = await openPluginStage(t, { plugin });

  const client = await signIn({ port: broker.port, clientId: 'c', username: 'u', password: 'p' });
  await publish(client, 'a/b', 0);

  t.strictSame(
    webhook.requests.map(({ body }) => body),
    ['clientid=c&password=p&username=u', 'acc=2&clientid=c&topic=a%2Fb&username=u'],
  );
  t.ok(webhook.requests.every(({ headers }) => headers['user-agent'] === 'our broker'));
});

t.test('the options work under auth_opt_ as well', async (t) => {
  const { broker, webhook } = await openPluginStage(t, {
    prefix: 'auth_opt_',
    plugin: { http_method: 'PUT' },
  });

  await signIn({ port: broker.port, clientId: 'c', username: 'u', password: 'p' });

  t.equal(webhook.requests[0]?.method, 'PUT');
});

t.test('no string can leave its field', async (t) => {
  const username = `q" b\\ a&acc=4 e=1 p%25 +${'\u{1F600}'} </script>`;
  for (const params of ['json', 'form']) {
    const plugin = { http_params_mode: params, deny_special_chars: 'false' };
    const { broker, webhook } = await openPluginStage(t, { plugin });

    const client = await signIn({
      port: broker.port,
      clientId: 'c&c"',
      username,
      password: `p"&'\n\t\u0001`,
    });
    await publish(client, `t/"&${username.replace('+', '')}`, 0);

    const [user, acl] = webhook.requests;
    t.strictSame(user?.check, { kind: 'user', clientid: 'c&c"', username, password: `p"&'\n\t\u0001` });
    t.match(acl?.check, { acc: 2, topic: `t/"&${username.replace('+', '')}`, username });
  }
});

t.test('a password is cut at NUL, and what is not UTF-8 in it becomes U+FFFD', async (t) => {
  const bytes = (text: string) => Buffer.from(text, 'latin1');
  const passwords: [string, Buffer, string][] = [
    ['a lone byte', bytes('a\xFFb'), 'a\uFFFDb'],
    ['a sequence that stops early', bytes('a\xE2\x82'), 'a\uFFFD\uFFFD'],
    ['an overlong form', bytes('\xC0\xAF\xE0\x80\xAF'), '\uFFFD'.repeat(5)],
    ['a surrogate', bytes('\xED\xA0\x80'), '\uFFFD'.repeat(3)],
    ['above U+10FFFF', bytes('\xF4\x90\x80\x80'), '\uFFFD'.repeat(4)],
    ['valid text', Buffer.from('é€\u{1F600}'), 'é€\u{1F600}'],
    ['NUL', bytes('ab\0cd'), 'ab'],
    ['the longest', Buffer.alloc(65_535, '\u0001'), '\u0001'.repeat(65_535)],
  ];
  for (const params of ['json', 'form']) {
    const { broker, webhook } = await openPluginStage(t, { plugin: { http_params_mode: params } });
    for (const [name, password, expected] of passwords) {
      await signIn({ port: broker.port, clientId: 'c', username: 'u', password });

      t.ok(webhook.requests.at(-1)?.check.password === expected, `${params}: ${name}`);
    }
  }
});
