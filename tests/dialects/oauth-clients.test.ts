import t from 'tap';
import { deleteClient, rotateClientSecret } from '../../services/core/oauth/clients.ts';
import { basicOf, newClient, postForm } from '../support/oauth-client.ts';
import { startService, startSessionStage } from '../support/session-service.ts';

const stage = await startSessionStage(t);
const { store, stack } = stage;
const client = await newClient(store);
const { access_token: token } = await stage.signInSomebody();
const introspect = (form: Parameters<typeof postForm>[2], headers: Record<string, string> = {}) =>
  postForm(stage, '/oauth/introspect', form, headers);
const asClient = { authorization: client.basic };

t.test('a client proves itself by HTTP Basic or in the form', async (t) => {
  const { id: client_id, secret: client_secret } = client;
  const ways: [string, Record<string, string>, Record<string, string>][] = [
    ['Basic', {}, asClient],
    ['Basic in small letters', {}, { authorization: client.basic.replace('Basic', 'basic') }],
    ['Basic, and its id in the form', { client_id }, asClient],
    [
      'Basic with form encoding',
      {},
      { authorization: basicOf(client_id.replace('s', '%73'), client_secret) },
    ],
    ['the form', { client_id, client_secret }, {}],
  ];

  for (const [what, form, headers] of ways) {
    t.match((await introspect({ token, ...form }, headers)).body, { active: true }, what);
  }
});

t.test('without right credentials there is no answer about any token', async (t) => {
  const other = await newClient(store);
  const { id, secret } = client;
  const wrong: [string, Record<string, string>, Record<string, string>][] = [
    ['none', {}, {}],
    ['a wrong secret', {}, { authorization: basicOf(id, `${secret.slice(0, -1)}_`) }],
    ["another client's secret", {}, { authorization: basicOf(id, other.secret) }],
    ['an empty secret', {}, { authorization: basicOf(id, '') }],
    ['an unknown client', {}, { authorization: basicOf('nobody', secret) }],
    ['an id that is a field of every object', {}, { authorization: basicOf('__proto__', secret) }],
    ['an empty id', {}, { authorization: basicOf('', secret) }],
    ['no colon', {}, { authorization: `Basic ${Buffer.from(id + secret).toString('base64')}` }],
    ['no base64', {}, { authorization: 'Basic !!!' }],
    ['a stray percent sign', {}, { authorization: basicOf(`${id}%`, secret) }],
    ['the access token as bearer', {}, { authorization: `Bearer ${token}` }],
    ['an id alone', { client_id: id }, {}],
    ['a secret alone', { client_secret: secret }, {}],
    ['a wrong secret in the form', { client_id: id, client_secret: `${secret}x` }, {}],
  ];

  for (const [what, form, headers] of wrong) {
    for (const asked of [token, 'unknown']) {
      const answer = await introspect({ token: asked, ...form }, headers);
      t.equal(answer.status, 401, what);
      t.same(answer.body, {
        error: 'invalid_client',
        error_description: 'The client is unknown or its secret is not right.',
      });
      t.equal(answer.headers.get('www-authenticate'), 'Basic realm="bednet", charset="UTF-8"');
      t.equal(answer.headers.get('cache-control'), 'no-store');
    }
  }
});

t.test('two ways at once are a faulty request', async (t) => {
  const { id: client_id, secret: client_secret } = client;

  for (const form of [{ client_id, client_secret }, { client_secret }, { client_id: 'another' }]) {
    const { status, body } = await introspect({ token, ...form }, asClient);
    t.equal(status, 400);
    t.match(body, { error: 'invalid_request' });
  }
});

t.test('a client may do what it was allowed, and no more', async (t) => {
  const reader = await newClient(store, ['introspect']);
  const ender = await newClient(store, ['revoke']);
  const { access_token: own } = await stage.signInSomebody();

  const refused = await introspect({ token: own }, { authorization: ender.basic });
  const alsoRefused = await postForm(stage, '/oauth/revoke', { token: own }, { authorization: reader.basic });

  for (const { status, body } of [refused, alsoRefused]) {
    t.equal(status, 403);
    t.same(body, { error: 'unauthorized_client', error_description: 'The client may not do this.' });
  }
  t.match((await introspect({ token: own }, { authorization: reader.basic })).body, { active: true });
});

t.test('a rotated secret works beside the one before it until the overlap ends', async (t) => {
  const { id, basic: first } = await newClient(store);
  const second = basicOf(id, (await rotateClientSecret(store, id, 60)) ?? '');
  const answers = async (...all: string[]) =>
    Promise.all(all.map(async (authorization) => (await introspect({ token }, { authorization })).status));

  t.same(await answers(first, second), [200, 200]);
  const third = basicOf(id, (await rotateClientSecret(store, id, 0)) ?? '');
  t.same(await answers(first, second, third), [401, 401, 200]);
  t.equal(await deleteClient(store, id), true);
  t.same(await answers(third), [401]);
  t.equal(await rotateClientSecret(store, id, 0), undefined);
});

t.test('two who rotate at once each get a secret, and one of them works', async (t) => {
  const { id } = await newClient(store);
  const secrets = await Promise.all([0, 0, 0, 0].map((seconds) => rotateClientSecret(store, id, seconds)));
  const statuses = await Promise.all(
    secrets.map(
      async (secret) => (await introspect({ token }, { authorization: basicOf(id, secret ?? '') })).status,
    ),
  );

  t.same(statuses.toSorted(), [200, 401, 401, 401]);
});

t.test('wrong secrets slow their network down, never the client', async (t) => {
  const service = await startService(t, stack, { GUESS_FAILURES_PER_NETWORK: '5' });
  await store.redis.del('bn:network:client-failure:127.0.0.1');
  const wrong = { authorization: basicOf(client.id, 'x'.repeat(43)) };
  const statuses = [];

  for (let i = 0; i < 7; i += 1)
    statuses.push((await postForm(service, '/oauth/introspect', { token }, wrong)).status);

  t.same(statuses, [401, 401, 401, 401, 401, 429, 429]);
  t.equal((await postForm(service, '/oauth/introspect', { token }, asClient)).status, 200, 'the right one');
  await store.redis.del('bn:network:client-failure:127.0.0.1');
});

t.test('a faulty form is refused in the shape of OAuth', async (t) => {
  const faulty: [string, Parameters<typeof postForm>[2], Record<string, string>, number][] = [
    ['no token', {}, asClient, 400],
    ['an empty token', { token: '' }, asClient, 400],
    ['the token twice', [['token', token], ['token', token]], asClient, 400], // prettier-ignore
    ['an unknown parameter twice', [['token', token], ['x', '1'], ['x', '2']], asClient, 400], // prettier-ignore
    ['no body', '', asClient, 400],
    ['JSON', JSON.stringify({ token }), { ...asClient, 'content-type': 'application/json' }, 415],
    ['text', `token=${token}`, { ...asClient, 'content-type': 'text/plain' }, 415],
    ['too large', `token=${'x'.repeat(20_000)}`, asClient, 413],
  ];

  for (const path of ['/oauth/introspect', '/oauth/revoke']) {
    for (const [what, form, headers, status] of faulty) {
      const answer = await postForm(stage, path, form, headers);
      t.equal(answer.status, status, `${path}: ${what}`);
      t.same(Object.keys(answer.body).sort(), ['error', 'error_description'], what);
      t.equal(answer.body.error, 'invalid_request', what);
    }
  }
  t.match(
    (await introspect({ token, x: '1' }, asClient)).body,
    { active: true },
    'an unknown one is ignored',
  );
});

t.test('what is no route below /oauth answers in the shape of OAuth', async (t) => {
  const cases: [string, string, number][] = [
    ['GET', '/oauth', 404],
    ['POST', '/oauth/token', 404],
    ['GET', '/oauth/authorize?x=1', 404],
    ['GET', '/oauth/introspect', 405],
    ['DELETE', '/oauth/revoke', 405],
    ['GET', '/oauth/%zz', 400],
    ['POST', '/.well-known/oauth-authorization-server', 405],
  ];

  for (const [method, path, status] of cases) {
    const answer = await stage.ask(method, path);
    t.equal(answer.status, status, `${method} ${path}`);
    t.match(answer.body, { error: 'invalid_request', error_description: String }, path);
    t.equal(answer.headers.get('cache-control'), 'no-store');
  }
});

t.test('the metadata tells what there is, and nothing else', async (t) => {
  const { body, status } = await stage.ask('GET', '/.well-known/oauth-authorization-server');
  const issuer = 'http://localhost:8080';

  t.equal(status, 200);
  t.same(body, {
    issuer,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    response_types_supported: [],
    grant_types_supported: [],
    introspection_endpoint: `${issuer}/oauth/introspect`,
    introspection_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    revocation_endpoint: `${issuer}/oauth/revoke`,
    revocation_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
  });
  const local = (url: string) => url.slice(issuer.length);
  t.equal((await stage.ask('GET', local(body.jwks_uri))).status, 200);
  for (const url of [body.introspection_endpoint, body.revocation_endpoint])
    t.equal((await postForm(stage, local(url), { token: 'x' }, asClient)).status, 200, url);
});

t.test('an issuer with a path has its metadata where RFC 8414 looks for it', async (t) => {
  const service = await startService(t, stack, { ISSUER: 'https://example.org/sessions' });

  const { body } = await service.ask('GET', '/.well-known/oauth-authorization-server/sessions');

  t.match(body, {
    issuer: 'https://example.org/sessions',
    introspection_endpoint: 'https://example.org/sessions/oauth/introspect',
  });
});

t.test('Redis holds no secret of a client', async (t) => {
  t.notMatch(JSON.stringify(await store.redis.hgetall('bn:{oauth}:clients')), client.secret);
  t.notMatch(stage.logLines.join(''), client.secret);
});
