import t from 'tap';
import { isResult, startTowerStage } from './tower-stage.ts';

const stage = await startTowerStage(t);
const { ask, call, enrol, signin, signinSomebody, upgrade, codeOf, stack, logLines } = stage;

const notSigned = 'user-rights-not-signed-user';

t.test('what is no route is an ActionResult, too', async (t) => {
  isResult(t, await call('GET', 'nothing'), 404, 'res-not-found');
  isResult(t, await ask('GET', '/users/1.0'), 404, 'res-not-found');
  isResult(t, await call('GET', 'nothing/%zz'), 400, 'val-invalid-format');
  isResult(t, await call('DELETE', 'session/signin'), 405, 'res-method-not-allowed');
  isResult(t, await call('GET', 'session/signin/'), 405, 'res-method-not-allowed');
});

t.test('a body that is no JSON is refused as an ActionResult', async (t) => {
  const send = (raw: string, headers: Record<string, string> = {}) =>
    ask('PUT', '/users/1.0/profile/password/reset', { raw, headers });

  isResult(t, await send('{'), 400, 'user-profile-password-not-valid');
  isResult(t, await send('a=b', { 'content-type': 'text/plain' }), 415, 'val-media-type');
  isResult(t, await send(JSON.stringify('x'.repeat(17_000))), 413, 'val-body-too-large');
});

t.test('a token that is missing, forged or badly presented is refused, before anything else', async (t) => {
  const { jwtToken } = await signinSomebody();
  const presented: Record<string, Record<string, string>> = {
    none: {},
    forged: { authorization: `Bearer ${jwtToken.slice(0, -9)}AAAAAAAAA` },
    'small letters': { authorization: `bearer ${jwtToken}` },
    'two blanks': { authorization: `Bearer  ${jwtToken}` },
    'no scheme': { authorization: jwtToken },
    Basic: { authorization: `Basic ${jwtToken}` },
    'a cookie': { cookie: `jwtToken=${jwtToken}; __Host-bednet_renewal=${jwtToken}` },
    'a pending token of the native dialect': { authorization: `Bearer pending.${'A'.repeat(22)}.k.m` },
    long: { authorization: `Bearer ${'x'.repeat(5000)}` },
  };

  for (const [what, headers] of Object.entries(presented)) {
    for (const path of ['session/upgrade', 'session/signout', 'session/2fa', 'profile/basic']) {
      isResult(t, await ask('GET', `/users/1.0/${path}`, { headers }), 403, notSigned, `${path}, ${what}`);
    }
  }
  const inQuery = await ask('GET', `/users/1.0/profile/basic?access_token=${jwtToken}`);
  isResult(t, inQuery, 403, notSigned, 'in the query');
});

t.test('a pending token is bound by its mac and its type', async (t) => {
  const { person } = await enrol();
  const { jwtToken } = await signin(person);
  const [header = '', payload = '', mac = ''] = jwtToken.split('.');
  const raised = JSON.parse(Buffer.from(payload, 'base64url').toString());
  raised.roles.push('ROLE_LOGIN_COMPLETE');
  const other = Buffer.from(JSON.stringify(raised)).toString('base64url');
  const none = Buffer.from('{"alg":"none","typ":"pending+jwt"}').toString('base64url');

  for (const token of [
    `${header}.${other}.${mac}`,
    `${none}.${payload}.`,
    `${none}.${payload}.${mac}`,
    `${jwtToken}.`,
  ]) {
    isResult(t, await call('GET', 'session/upgrade', { token }), 403, notSigned);
  }
  const elsewhere = [
    ask('POST', '/api/auth/2fa/verify', { body: { code: '000000', temp_token: jwtToken } }),
    ask('POST', '/api/auth/refresh', { body: { refresh_token: jwtToken } }),
    ask('GET', '/api/auth/me', { token: jwtToken }),
  ];
  for (const answer of await Promise.all(elsewhere)) t.equal(answer.status, 401, answer.text);
});

t.test('a slash at the end of an address makes no difference', async (t) => {
  const { person, jwtToken: token } = await signinSomebody();
  const { email, password } = person;

  t.equal((await call('POST', 'session/signin/', { body: { email, password } })).status, 200);
  t.equal((await call('GET', 'config/')).status, 200);
  t.ok((await call('GET', 'session/upgrade/', { token })).body.mqtt);
  isResult(
    t,
    await call('GET', 'session/2fa/?secondFactor=x', { token }),
    400,
    'user-session-2fa-code-invalid',
  );
});

t.test('parameters that come twice, and members that nobody asked for, change nothing', async (t) => {
  const { person, jwtToken: token } = await signinSomebody();
  const { email, password } = person;

  const twice = await call('GET', 'session/2fa?secondFactor=000000&secondFactor=111111', { token });
  isResult(t, twice, 400, 'user-session-2fa-code-invalid');
  const body = { email, password, roles: ['ROLE_GOD_ADMIN'], login: 'x', isAdmin: true };
  const answer = await call('POST', 'session/signin', { body });

  t.equal(answer.status, 200);
  t.notMatch(atob(answer.body.jwtToken.split('.')[1]), 'GOD_ADMIN');
});

t.test('codes, keys and tokens are in no log', async (t) => {
  const { person, secret } = await enrol();
  const code = await codeOf(secret);
  const begun = await signin(person);
  const done = await upgrade(begun.jwtToken, code);
  await call('GET', 'session/2fa?secondFactor=AAAA-BBBB-CCCC-DDDD', { token: done.jwtToken });
  await call('GET', 'nothing?secondFactor=AAAA-BBBB-CCCC-DDDD', { token: done.jwtToken });

  const log = logLines.join('\n');

  for (const secretText of [
    begun.jwtToken,
    done.jwtToken,
    done.jwtRenewalToken,
    'AAAA-BBBB',
    person.password,
  ]) {
    t.notOk(log.includes(secretText), secretText.slice(0, 12));
  }
  t.notMatch(log, /secondFactor=/);
});

t.test('without Redis every answer is 503 and an ActionResult', async (t) => {
  const { person, jwtToken: token } = await signinSomebody();
  const { email, password } = person;
  await stack.part('redis').kill();

  const answers = [
    await call('POST', 'session/signin', { body: { email, password } }),
    await call('GET', 'session/upgrade', { token }),
    await call('POST', 'profile/password/request', { body: { email } }),
  ];

  for (const answer of answers) isResult(t, answer, 503, 'sys-service-unavailable');
});
