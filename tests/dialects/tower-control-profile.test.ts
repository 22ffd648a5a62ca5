import t from 'tap';
import { isResult } from './tower-stage.ts';
import { makeKey, nobody, refuses, refusesStrangers, startPeopleStage } from './tower-people.ts';

const stage = await startPeopleStage(t);
const { member, group, age, isLive, signIn } = stage;
await group('one');
await group('two');

t.test('a profile is read as it was written', async (t) => {
  const ann = await member(['user', 'device-read']);
  const written = {
    firstName: 'Ann',
    lastName: 'Ähre',
    mobileNumber: '+49 1',
    isoCountryCode: 'DE',
    language: 'EN',
    customFields: [{ name: 'desk', value: '12' }],
  };

  const put = await ann.call('PUT', 'profile/basic', { login: ann.login, ...written });
  const read = await ann.call('GET', 'profile/basic/');

  isResult(t, put, 200, 'user-profile-updated');
  t.strictSame(read.body, {
    ...{ ...written, language: 'en', email: ann.person.email, login: ann.login },
    roles: ['ROLE_REGISTERED_USER', 'ROLE_DEVICE_READ'],
    ...{ acls: [], passwordExpirationMs: 0, lastComMessageSeen: 0, twoFAConfig: 'NONE' },
  });
});

t.test('a profile that nobody has written has the name of the registration', async (t) => {
  const ann = await member();

  const { body } = await ann.call('GET', 'profile/basic');

  t.match(body, { firstName: ann.person.full_name, lastName: '', customFields: [], language: 'en' });
});

t.test('what is absent in a change stays', async (t) => {
  const ann = await member();
  await ann.call('PUT', 'profile/basic', { login: ann.login, firstName: 'A', lastName: 'B', language: 'fr' });

  await ann.call('PUT', 'profile/basic', { login: ann.login, lastName: 'C', language: 'fr' });

  t.match((await ann.call('GET', 'profile/basic')).body, { firstName: 'A', lastName: 'C', language: 'fr' });
});

t.test('bad changes of a profile say what is wrong', async (t) => {
  const ann = await member();
  const { login } = ann;
  const rows: [body: unknown, status: number, message: string][] = [
    [{ language: 'en' }, 400, 'user-profile-login-invalid'],
    [{ login: '', language: 'en' }, 400, 'user-profile-login-invalid'],
    [{ login: null, language: 'en' }, 400, 'user-profile-login-invalid'],
    [{ login: 5, language: 'en' }, 400, 'user-profile-login-invalid'],
    [[], 400, 'user-profile-login-invalid'],
    [undefined, 400, 'user-profile-login-invalid'],
    [{ login }, 400, 'user-profile-language-invalid'],
    [{ login, language: 'english' }, 400, 'user-profile-language-invalid'],
    [{ login, language: null }, 400, 'user-profile-language-invalid'],
    [{ login, language: 'en', firstName: 'a\u0007' }, 400, 'user-profile-login-invalid'],
    [{ login, language: 'en', firstName: 'a'.repeat(101) }, 400, 'user-profile-login-invalid'],
    [{ login, language: 'en', customFields: fields(33) }, 400, 'user-profile-login-invalid'],
    [{ login: nobody, language: 'en' }, 403, 'user-profile-no-access'],
  ];
  for (const [body, status, message] of rows) {
    isResult(
      t,
      await ann.call('PUT', 'profile/basic', body),
      status,
      message,
      JSON.stringify(body)?.slice(0, 80),
    );
  }
});

t.test('roles, state and other facts in a body change nothing', async (t) => {
  const ann = await member();
  const extra = {
    roles: ['ROLE_GOD_ADMIN'],
    state: 'active',
    uid: 'x',
    epoch: 9,
    apiKeys: 'x',
    email: 'x@y.z',
  };

  await ann.call('PUT', 'profile/basic', { login: ann.login, language: 'en', ...extra });

  const { body } = await ann.call('GET', 'profile/basic');
  t.same(body.roles, ['ROLE_REGISTERED_USER']);
  t.equal(body.email, ann.person.email);
});

t.test('custom fields are added, replaced, and removed by an empty value', async (t) => {
  const ann = await member();
  const put = (customFields: object[]) =>
    ann.call('PUT', 'profile/customfield', { login: ann.login, customFields });

  isResult(t, await put([field('a', '1'), field('b', '2')]), 200, 'user-profile-customfields-upserted');
  await put([field('a', ''), field('b', '3'), field('__proto__', 'x')]);

  t.same((await ann.call('GET', 'profile/basic')).body.customFields, [
    field('b', '3'),
    field('__proto__', 'x'),
  ]);
});

t.test('custom fields stay bounded, and parallel changes lose nothing', async (t) => {
  const ann = await member();
  const put = (customFields: object[]) =>
    ann.call('PUT', 'profile/customfield', { login: ann.login, customFields });

  const answers = await Promise.all([1, 2, 3, 4].map((i) => put([field(`p${i}`, 'v')])));
  const more = await put(fields(32));

  t.same(
    answers.map(({ status }) => status),
    [200, 200, 200, 200],
  );
  isResult(t, more, 400, 'user-profile-login-invalid');
  t.equal((await ann.call('GET', 'profile/basic')).body.customFields.length, 4);
});

t.test('an API key may set custom fields of its owner, and of nobody else', async (t) => {
  const ann = await member(['user', 'user-apikey']);
  const bob = await member();
  const key = await makeKey(stage, ann);
  const put = (login: string) =>
    key.call('PUT', 'profile/customfield', { login, customFields: [field('k', 'v')] });

  isResult(t, await put(ann.login), 200, 'user-profile-customfields-upserted');
  isResult(t, await put(bob.login), 400, 'user-profile-no-access');
  isResult(t, await key.call('PUT', 'profile/customfield', {}), 400, 'user-profile-login-invalid');
});

t.test(
  'an admin reaches everybody, an administrator of users the own groups, others themselves',
  async (t) => {
    const god = await member(['user', 'admin']);
    const helper = await member(['user', 'user-admin'], ['one', 'gone']);
    const [same, other] = [await member(['user'], ['one']), await member(['user'], ['two', 'gone'])];
    const put = (caller: typeof god, login: string) =>
      caller.call('PUT', 'profile/basic', { login, firstName: 'Changed', language: 'en' });

    for (const { login } of [same, other, helper])
      isResult(t, await put(god, login), 200, 'user-profile-updated');
    isResult(t, await put(god, nobody), 403, 'user-profile-user-not-found');
    isResult(t, await put(god, 'no login at all'), 403, 'user-profile-user-not-found');
    isResult(t, await put(helper, same.login), 200, 'user-profile-updated');
    isResult(t, await put(helper, other.login), 403, 'user-profile-no-access');
    isResult(t, await put(helper, god.login), 403, 'user-profile-no-access');
    isResult(
      t,
      await put(same, helper.login),
      403,
      'user-profile-no-access',
      'a shared group alone is no right',
    );
  },
);

t.test('whoever deletes their account is signed out everywhere', async (t) => {
  const ann = await member(['user', 'user-apikey']);
  const second = await signIn(ann.person);
  const key = await makeKey(stage, ann);

  const answer = await ann.call('DELETE', 'profile/');

  isResult(t, answer, 200, 'user-profile-delete-done');
  for (const { token } of [ann, second, key]) t.notOk(await isLive(token));
  const again = await stage.call(undefined)('POST', 'session/signin', ann.person);
  isResult(t, again, 400, 'user-login-refused');
});

t.test('deleting needs a sign-in of the last minutes, and the last admin stays', async (t) => {
  const late = await member();
  await age(late);
  isResult(t, await late.call('DELETE', 'profile'), 403, 'user-profile-no-access');
  t.ok(await isLive(late.token));

  const { store } = stage;
  const admins = await store.redis.smembers('bn:{admins}:uids');
  const god = await member(['user', 'admin']);
  const { disableAccount } = await import('../../services/core/accounts/change-account-state.ts');
  for (const uid of admins) await disableAccount(store, { uid, reason: 'test', actor: 'test' });
  isResult(t, await god.call('DELETE', 'profile/'), 400, 'user-profile-delete-failed');
  t.ok(await isLive(god.token));
});

t.test('profiles are closed to strangers, and to API keys where they are a person’s own', async (t) => {
  const ann = await member(['user', 'user-apikey']);
  const key = await makeKey(stage, ann);
  const body = { login: ann.login, language: 'en' };
  const own = [
    ['GET', 'profile/basic'],
    ['PUT', 'profile/basic', body],
    ['DELETE', 'profile/'],
  ] as const;

  await refusesStrangers(t, stage, [...own, ['PUT', 'profile/customfield', body]]);
  await refuses(t, key, own);
});

function field(name: string, value: string) {
  return { name, value };
}

function fields(count: number) {
  return Array.from({ length: count }, (_, i) => field(`f${i}`, 'v'));
}
