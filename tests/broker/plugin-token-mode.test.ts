import t from 'tap';
import { openClient, publish, signIn } from '../support/mqtt-outcomes.ts';
import { openPluginStage } from '../support/plugin-stage.ts';

const token = 'eyJhbGciOiJFZERTQSJ9.e30.c2lnbmF0dXJl';

t.test('the username is sent as a bearer token, with null for a JSON body', async (t) => {
  const { broker, webhook } = await openPluginStage(t, {
    backend: 'jwt',
    plugin: { jwt_superuser_uri: '/superuser', 'jwt_header_X-Bednet-Key': 'k' },
  });
  webhook.answerWith(({ check }) => (check.kind === 'superuser' ? 401 : 200));

  const client = await signIn({ port: broker.port, clientId: 'c', username: token, password: 'ignored' });
  await publish(client, 'a/b', 0);

  t.strictSame(
    webhook.requests.map(({ method, url, body }) => `${method} ${url} ${body}`),
    ['POST /user null', 'POST /superuser null', 'POST /acl {"acc":2,"clientid":"c","topic":"a/b"}'],
  );
  for (const { headers } of webhook.requests) {
    t.equal(headers['authorization'], `Bearer ${token}`);
    t.equal(headers['content-type'], 'application/json');
    t.equal(headers['x-bednet-key'], 'k');
  }
  t.equal(webhook.connections(), 1, 'a 401 costs no connection');
});

t.test('with forms the body of a user check is empty', async (t) => {
  const plugin = { jwt_params_mode: 'form', jwt_http_method: 'PUT' };
  const { broker, webhook } = await openPluginStage(t, { backend: 'jwt', plugin });

  const client = await signIn({ port: broker.port, clientId: 'c', username: token, password: 'p' });
  await publish(client, 'a/b', 0);

  const [user, acl] = webhook.requests;
  t.match(user, {
    method: 'PUT',
    body: '',
    headers: { 'content-length': '0', authorization: `Bearer ${token}` },
  });
  t.match(acl, { body: 'acc=2&clientid=c&topic=a%2Fb', headers: { authorization: `Bearer ${token}` } });
});

t.test(
  'with jwt_send_clientid the user check carries the client id, and nothing else does more than before',
  async (t) => {
    for (const [mode, body] of [
      ['json', '{"clientid":"c"}'],
      ['form', 'clientid=c'],
    ] as const) {
      const plugin = { jwt_send_clientid: 'true', jwt_params_mode: mode };
      const { broker, webhook } = await openPluginStage(t, { backend: 'jwt', plugin });

      const client = await signIn({ port: broker.port, clientId: 'c', username: token, password: 'p' });
      await publish(client, 'a/b', 0);

      t.equal(webhook.requests[0]?.body, body);
      t.notMatch(webhook.requests[1]?.body, /username/);
    }
  },
);

t.test('each client is asked with its own token', async (t) => {
  const { broker, webhook } = await openPluginStage(t, {
    backend: 'jwt',
    plugin: { jwt_response_mode: 'json' },
  });
  webhook.answerWith(({ headers }) => ({
    status: 200,
    body: `{"Ok":${headers['authorization'] === 'Bearer good'}}`,
  }));

  const good = await signIn({ port: broker.port, clientId: 'good', username: 'good', password: 'p' });
  const bad = openClient({ port: broker.port, clientId: 'bad', username: 'bad', password: 'p' });

  t.equal(await bad.next(), 'connack 135');
  t.strictSame(await publish(good, 'a/b', 1), ['puback 16']);
});

t.test('what is no token is refused without asking', async (t) => {
  const { broker, webhook } = await openPluginStage(t, { backend: 'jwt' });

  for (const username of ['', 'two words', 'café']) {
    const client = openClient({ port: broker.port, clientId: 'c', username, password: 'p' });
    t.equal(await client.next(), 'connack 135', JSON.stringify(username));
  }
  t.equal(webhook.requests.length, 0);
});

t.test('a token never stands in a line of the plugin', async (t) => {
  const { broker, webhook } = await openPluginStage(t, { backend: 'jwt', plugin: { log_level: 'debug' } });
  const client = await signIn({ port: broker.port, clientId: 'c', username: token, password: 'p' });
  await publish(client, 'a/b', 0);
  for (const status of [403, 500]) {
    webhook.answerWith(() => status);
    await openClient({ port: broker.port, clientId: 'd', username: token, password: 'p' }).next();
  }

  t.match(broker.pluginLines(), [
    /^asking /,
    'sign-in granted; client c, username (token)',
    'write granted; client c, username (token), topic a/b',
    'sign-in denied: HTTP 403; client d, username (token)',
    /^the webhook .* fails: HTTP 500/,
  ]);
  t.notMatch(broker.pluginLines().join('\n'), token);
});
