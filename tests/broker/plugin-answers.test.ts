import t from 'tap';
import { DEADLINE_MS } from '../support/broker-process.ts';
import { openClient, publish, signIn, subscribe } from '../support/mqtt-outcomes.ts';
import { openPluginStage } from '../support/plugin-stage.ts';
import type { Answer } from '../support/scripted-webhook.ts';

const GRANT = 'connack 0';
const DENIAL = 'connack 135';
const ERROR = 'closed';

type Row = [answer: Answer, outcome: string];

const redirect: Answer = { status: 302, headers: { location: '/user?again' } };

const answers: Record<string, Row[]> = {
  status: [
    [{ status: 200 }, GRANT],
    [{ status: 204 }, GRANT],
    [{ status: 200, body: '{"Ok":false}' }, GRANT],
    [{ status: 400 }, DENIAL],
    [{ status: 401 }, DENIAL],
    [{ status: 403, body: 'ok' }, DENIAL],
    [{ status: 404 }, DENIAL],
    [redirect, DENIAL],
    [{ status: 500 }, ERROR],
    [{ status: 503, body: 'ok' }, ERROR],
    [{ status: 200, body: 'x'.repeat(64 * 1024) }, GRANT],
    [{ status: 200, body: 'x'.repeat(64 * 1024 + 1) }, ERROR],
  ],
  text: [
    [{ status: 200, body: 'ok' }, GRANT],
    [{ status: 299, body: 'ok' }, GRANT],
    [{ status: 200, body: 'OK' }, DENIAL],
    [{ status: 200, body: 'ok\n' }, DENIAL],
    [{ status: 200, body: 'okay' }, DENIAL],
    [{ status: 200, body: 'ok\0' }, DENIAL],
    [{ status: 200, body: '' }, DENIAL],
    [{ status: 403, body: 'ok' }, DENIAL],
    [{ status: 500, body: 'ok' }, ERROR],
  ],
  json: [
    [{ status: 200, body: '{"Ok":true}' }, GRANT],
    [{ status: 200, body: ' {"ok": true, "error": "", "more": [{}]}\n' }, GRANT],
    [{ status: 201, body: '{"OK":true}' }, GRANT],
    [{ status: 200, body: '{"Ok":false}' }, DENIAL],
    [{ status: 200, body: '{"Ok":true,"ok":false}' }, DENIAL],
    [{ status: 200, body: '{"Ok":null}' }, DENIAL],
    [{ status: 200, body: '{}' }, DENIAL],
    [{ status: 200, body: 'null' }, DENIAL],
    [{ status: 403, body: '{"Ok":true}' }, DENIAL],
    [{ status: 200, body: '{"Ok":"true"}' }, ERROR],
    [{ status: 200, body: '{"Ok":1}' }, ERROR],
    [{ status: 200, body: '[{"Ok":true}]' }, ERROR],
    [{ status: 200, body: '{"Ok":true}{"Ok":true}' }, ERROR],
    [{ status: 200, body: '{"Ok":true}\0' }, ERROR],
    [{ status: 200, body: '{"Ok":true' }, ERROR],
    [{ status: 200, body: 'ok' }, ERROR],
    [{ status: 200, body: '' }, ERROR],
    [{ status: 200, body: '['.repeat(60_000) }, ERROR],
    [{ status: 502, body: '{"Ok":true}' }, ERROR],
  ],
};

for (const [mode, rows] of Object.entries(answers)) {
  t.test(`what an answer means with http_response_mode ${mode}`, async (t) => {
    const { broker, webhook } = await openPluginStage(t, { plugin: { http_response_mode: mode } });
    for (const [answer, outcome] of rows) {
      webhook.answerWith(() => answer);
      const client = openClient({ port: broker.port, clientId: 'c', username: 'u', password: 'p' });

      t.equal(
        await client.next(),
        outcome,
        `${answer.status} ${JSON.stringify(answer.body ?? '').slice(0, 30)}`,
      );
    }
    t.equal(webhook.requests.length, rows.length, 'each was asked once, and no redirect followed');
  });
}

t.test('retry_count repeats errors at once, and never a denial', async (t) => {
  const { broker, webhook } = await openPluginStage(t, { plugin: { retry_count: 2 } });
  const outcomeOf = async (statuses: number[]) => {
    const asked = webhook.requests.length;
    webhook.answerWith(() => statuses[webhook.requests.length - asked - 1] ?? 200);
    const client = openClient({ port: broker.port, clientId: 'c', username: 'u', password: 'p' });
    return `${await client.next()} after ${webhook.requests.length - asked}`;
  };

  t.equal(await outcomeOf([500, 500, 200]), `${GRANT} after 3`);
  t.equal(await outcomeOf([500, 500, 500, 200]), `${ERROR} after 3`);
  t.equal(await outcomeOf([403, 200]), `${DENIAL} after 1`);
  t.equal(await outcomeOf([500, 403, 200]), `${DENIAL} after 2`);
});

t.test('a webhook that does not answer in time is an error, and not waited for', async (t) => {
  const timeoutMs = DEADLINE_MS / 15;
  const { broker, webhook } = await openPluginStage(t, { plugin: { http_timeout_ms: timeoutMs } });
  webhook.answerWith(() => ({ status: 200, hangs: true }));

  const started = performance.now();
  const client = openClient({ port: broker.port, clientId: 'c', username: 'u', password: 'p' });

  t.equal(await client.next(), ERROR);
  t.ok(performance.now() - started >= timeoutMs);
  t.match(broker.pluginLines().at(-1), /fails: .*timed out/i);
  webhook.answerWith(() => 200);
  await signIn({ port: broker.port, clientId: 'c', username: 'u', password: 'p' });
});

t.test('a superuser is asked first, and needs no ACL check', async (t) => {
  const { broker, webhook } = await openPluginStage(t, { plugin: { http_superuser_uri: '/superuser' } });
  let superuser = 200;
  let acl = 200;
  webhook.answerWith(({ check }) => ({ user: 200, superuser, acl })[check.kind]);
  const outcomeOf = async (statuses: [number, number]) => {
    [superuser, acl] = statuses;
    const client = await signIn({ port: broker.port, clientId: 'c', username: 'u', password: 'p' });
    const asked = webhook.requests.length;
    const seen = await publish(client, 'a/b', 1);
    return `${seen} after ${webhook.requests.slice(asked).map(({ url, body }) => `${url}${body}`)}`;
  };
  const first = '/superuser{"username":"u"}';
  const both = `${first},/acl{"acc":2,"clientid":"c","topic":"a/b","username":"u"}`;

  t.equal(await outcomeOf([200, 403]), `puback 16 after ${first}`);
  t.equal(await outcomeOf([403, 200]), `puback 16 after ${both}`);
  t.equal(await outcomeOf([403, 403]), `puback 135 after ${both}`);
  t.equal(await outcomeOf([500, 200]), `puback 16 after ${both}`);
  t.equal(await outcomeOf([500, 403]), `disconnect 128,closed after ${both}`, 'its error stays');
});

t.test('disable_superuser and http_register leave checks out', async (t) => {
  const off = { http_superuser_uri: '/superuser', disable_superuser: 'true' };
  const { broker, webhook } = await openPluginStage(t, { plugin: off });
  const client = await signIn({ port: broker.port, clientId: 'c', username: 'u', password: 'p' });
  t.strictSame(await publish(client, 'a/b', 1), ['puback 16']);
  t.notOk(webhook.requests.some(({ check }) => check.kind === 'superuser'));

  const usersOnly = await openPluginStage(t, { plugin: { http_register: 'user' } });
  const reader = await signIn({ port: usersOnly.broker.port, clientId: 'c', username: 'u', password: 'p' });
  t.strictSame(await subscribe(reader, 'a/b', 0), ['suback 135']);
  t.equal(usersOnly.webhook.requests.length, 1, 'what is not registered is denied without asking');
});

t.test('the client id can stand in for the username', async (t) => {
  const { broker, webhook } = await openPluginStage(t, { plugin: { use_clientid_as_username: 'true' } });

  const client = await signIn({ port: broker.port, clientId: 'c', username: 'u', password: 'p' });
  await publish(client, 'a/b', 0);

  t.strictSame(
    webhook.requests.map(({ check }) => check.username),
    ['c', 'c'],
  );
});

t.test('a client without username or password is refused without asking', async (t) => {
  const { broker, webhook } = await openPluginStage(t);
  const incomplete = [
    {},
    { username: 'u' },
    { username: '', password: 'p' },
    { username: 'u', password: '' },
  ];

  for (const credentials of incomplete) {
    const client = openClient({ port: broker.port, clientId: 'c', version: 4, ...credentials });
    t.equal(await client.next(), 'connack 5', JSON.stringify(credentials));
  }
  t.equal(webhook.requests.length, 0);
});

t.test('names that could change a pattern of rules get no rights, without asking', async (t) => {
  const { broker, webhook } = await openPluginStage(t);
  const names = [
    { clientId: 'c', username: '#' },
    { clientId: 'c', username: 'a+b' },
    { clientId: 'c', username: 'a/b' },
    { clientId: 'c/+', username: 'u' },
  ];

  for (const name of names) {
    const client = await signIn({ port: broker.port, password: 'p', ...name });
    t.strictSame(await subscribe(client, 'a/b', 0), ['suback 135'], JSON.stringify(name));
    t.strictSame(await publish(client, 'a/b', 1), ['puback 135']);
  }
  t.notOk(webhook.requests.some(({ check }) => check.kind === 'acl'));
});

t.test('giving up a subscription is not asked', async (t) => {
  const { broker, webhook } = await openPluginStage(t);
  const client = await signIn({ port: broker.port, clientId: 'c', username: 'u', password: 'p', version: 4 });
  await subscribe(client, 'a/b', 0);
  webhook.answerWith(() => 403);

  client.send({ cmd: 'unsubscribe', messageId: 9, unsubscriptions: ['a/b'] });

  t.strictSame(await client.settle(), ['unsuback']);
  t.equal(webhook.requests.length, 2);
});
