import t, { type Test } from 'tap';
import { createDevice } from '../../services/core/devices/change-device.ts';
import { sessionKey } from '../../services/core/redis/keys.ts';
import { makeKey, startPeopleStage, type Member } from '../dialects/tower-people.ts';
import { loginIdOf } from '../../services/session/dialects/tower-control/login-id.ts';
import { secondFactorHands } from '../support/second-factor.ts';
import { startService, type Answer, type Asked } from '../support/session-service.ts';

/** One call at a service; those of two services differ in what they ask of replicas. */
type Ask = (method: string, path: string, asked?: Asked) => Promise<Answer>;
type Call = (ask: Ask) => Promise<Answer>;

const stage = await startPeopleStage(t);
const { stack, store, service, member, webhook } = stage;
const strict = await startService(t, stack, { ISSUER: webhook.issuer, REDIS_REPLICAS_REQUIRED: '1' });
const { enrol, codeOf, forgetSteps } = secondFactorHands({ ...service, store });
const god = await member(['user', 'admin']);

const asGod =
  (method: string, path: string, body?: object): Call =>
  (ask) =>
    ask(method, `/api/admin${path}`, { token: god.token, ...(body && { body }) });
const tower =
  (token: string, method: string, path: string, body?: object): Call =>
  (ask) => {
    const headers = { 'content-type': 'application/json' };
    return ask(method, `/users/1.0/${path}`, { token, body, headers });
  };

/** The first call ends something unconfirmed; so the repeat, which finds nothing left, is unconfirmed as well. */
async function isUnconfirmedTwice(
  t: Test,
  name: string,
  call: Call,
  confirmed: { status: number; text?: RegExp },
) {
  for (const time of ['first', 'repeat']) {
    const { status, text } = await call(strict.ask);
    t.equal(status, 503, `${name}, ${time}: ${text}`);
  }
  t.match(await call(service.ask), confirmed, name);
}

t.test('a second factor that is gone is told to be gone once that is confirmed', async (t) => {
  const [one, two, three] = [await enrol(), await enrol(), await enrol()];
  const removal = asGod('POST', `/accounts/${one.uid}/remove-second-factor`, {});
  const factor = { login: loginIdOf(two.uid), state: false };
  const off = { twoFaType: 'NONE' };

  await isUnconfirmedTwice(t, 'admin', removal, { status: 200, text: /"changed":false/ });
  await isUnconfirmedTwice(t, 'tower-control admin', tower(god.token, 'PUT', 'admin/2fa/disable', factor), {
    status: 400,
    text: /user-profile-2fa-not-enabled/,
  });
  await isUnconfirmedTwice(t, 'owner', tower(three.tokens.access_token, 'PUT', 'profile/2fa', off), {
    status: 200,
    text: /NONE/,
  });
});

t.test(
  'a second factor that is in force is told to be so once the ends of other sessions are confirmed',
  async (t) => {
    const ann = await member();
    const begun = await ann.call('PUT', 'profile/2fa', { twoFaType: 'AUTHENTICATOR' });
    const secret = new URL(begun.body.secret).searchParams.get('secret') ?? '';
    const check: Call = async (ask) => {
      await forgetSteps(ann.uid);
      return tower(ann.token, 'GET', `session/2fa?secondFactor=${await codeOf(secret)}`)(ask);
    };

    await isUnconfirmedTwice(t, 'code', check, { status: 200, text: /user-session-2fa-code-valid/ });
  },
);

t.test(
  'an account that is disabled, locked, deleted or has such roles already is confirmed to be so',
  async (t) => {
    const people = await Promise.all(Array.from({ length: 5 }, () => member(['user', 'device'])));
    const [disabled, locked, deleted, demoted, ended] = people as [Member, Member, Member, Member, Member];
    const ok = { status: 200 };

    await isUnconfirmedTwice(t, 'disabled', asGod('POST', `/accounts/${disabled.uid}/disable`, {}), ok);
    const lock = tower(god.token, 'PUT', 'admin/lock', { login: locked.login, state: true });
    await isUnconfirmedTwice(t, 'locked', lock, ok);
    await isUnconfirmedTwice(t, 'deleted', asGod('DELETE', `/accounts/${deleted.uid}`), ok);
    const roles = asGod('PUT', `/accounts/${demoted.uid}/roles`, { roles: ['user'] });
    await isUnconfirmedTwice(t, 'roles', roles, ok);
    await isUnconfirmedTwice(t, 'sessions', asGod('POST', `/accounts/${ended.uid}/end-sessions`, {}), ok);
  },
);

t.test('a device that is disabled or deleted already is confirmed to be so', async (t) => {
  for (const id of ['lamp', 'fan'])
    await createDevice(store, { id, label: '', owner: '', roles: ['device'], actor: 'test' });

  await isUnconfirmedTwice(t, 'disabled', asGod('POST', '/devices/lamp/disable', {}), { status: 200 });
  await isUnconfirmedTwice(t, 'deleted', asGod('DELETE', '/devices/fan'), { status: 200 });
});

t.test('an API key that has ended is told to be gone once that is confirmed', async (t) => {
  const ann = await member(['user', 'user-apikey']);
  const { id } = await makeKey(stage, ann);

  await isUnconfirmedTwice(t, 'key', tower(ann.token, 'DELETE', `apikey/${id}/`), {
    status: 400,
    text: /user-apikey-not-found/,
  });
});

t.test('sessions that have ended, or that Redis does not know, are confirmed to be over', async (t) => {
  const tokens = await service.signInSomebody();
  const { person, access_token: token } = tokens;
  const second = await service.signIn(person);
  const [unknown, inCookie] = [await service.signInSomebody(), await service.signInSomebody()];
  for (const { session_id: sid } of [unknown, inCookie]) await store.redis.del(sessionKey(sid));
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const revoke =
    (text: string): Call =>
    (ask) =>
      ask('POST', '/oauth/revoke', { raw: `token=${text}`, headers: form });
  const cookie = `__Host-bednet_renewal=${inCookie.refresh_token}`;
  const ownPage = { cookie, 'sec-fetch-site': 'same-origin', 'x-bednet-request': '1' };
  const others = (ask: Ask) => ask('POST', '/api/auth/sessions/terminate-others', { token, body: {} });

  await isUnconfirmedTwice(
    t,
    'another',
    (ask) => ask('DELETE', `/api/auth/sessions/${second.session_id}`, { token }),
    {
      status: 200,
    },
  );
  await isUnconfirmedTwice(t, 'none left', others, { status: 200 });
  await isUnconfirmedTwice(t, 'revoked', revoke(token), { status: 200 });
  await isUnconfirmedTwice(t, 'signed out', (ask) => ask('POST', '/api/auth/logout', { token, body: {} }), {
    status: 200,
  });
  for (const name of ['access_token', 'refresh_token'] as const)
    await isUnconfirmedTwice(t, `unknown ${name}`, revoke(unknown[name]), { status: 200 });
  await isUnconfirmedTwice(
    t,
    'cookie',
    (ask) => ask('POST', '/api/auth/logout', { headers: ownPage, body: {} }),
    {
      status: 200,
    },
  );
  t.equal((await revoke('never.made.here')(strict.ask)).status, 200, 'a token that is not ours ends nothing');
});
