import t from 'tap';
import { accountKey } from '../../services/core/redis/keys.ts';
import { isRefusal } from '../support/refusal.ts';
import { startSessionStage } from '../support/session-service.ts';

const stage = await startSessionStage(t);
const { ask, signInSomebody, store } = stage;

t.test('people change their full name and the language of their mails', async (t) => {
  const { access_token: token, user, person } = await signInSomebody();
  const put = (body: object) => ask('PUT', '/api/auth/me', { token, body });

  const both = await put({ full_name: '  Ada Lovelace ', language: 'fr' });
  const one = await put({ language: 'ar' });

  t.equal(both.status, 200, both.text);
  t.match(both.body.data, { id: user.id, full_name: 'Ada Lovelace', language: 'fr', role: 'user' });
  t.match(one.body.data, { full_name: 'Ada Lovelace', language: 'ar' }, 'what is not named stays');
  t.same((await ask('GET', '/api/auth/me', { token })).body.data, one.body.data);
  t.match(await store.redis.hgetall(accountKey(user.id)), { username: person.username, email: person.email });
  const { activity } = (await ask('GET', '/api/auth/activity', { token })).body.data;
  t.match(activity[0], { event: 'account-changed', by: 'self', reason: 'profile' });
});

t.test('the name that other dialects show in parts follows', async (t) => {
  const { access_token: token } = await signInSomebody();
  await ask('PUT', '/users/1.0/profile/basic', {
    token,
    body: { firstName: 'Old', lastName: 'Name', language: 'en' },
  });

  await ask('PUT', '/api/auth/me', { token, body: { full_name: 'Ada Lovelace' } });

  const { text } = await ask('GET', '/users/1.0/profile/basic', { token });
  t.match(text, 'Ada Lovelace');
  t.notMatch(text, '"Old"');
});

t.test('nothing else is changed by it, and bad input is refused', async (t) => {
  const { access_token: token, user, person } = await signInSomebody();
  const before = await store.redis.hgetall(accountKey(user.id));
  const bodies: unknown[] = [
    {},
    null,
    [],
    { full_name: '' },
    { full_name: '   ' },
    { full_name: 'A\r\nBcc: eve@example.org' },
    { full_name: 'x'.repeat(201) },
    { full_name: ['x'] },
    { language: 'de' },
    { language: '' },
    { language: '__proto__' },
  ];

  for (const body of bodies) {
    isRefusal(t, await ask('PUT', '/api/auth/me', { token, body }), JSON.stringify(body), 400);
  }
  t.same(await store.redis.hgetall(accountKey(user.id)), before);
  isRefusal(t, await ask('PUT', '/api/auth/me', { body: { language: 'ar' } }), 'nobody', 401);

  const greedy = { full_name: 'New Name', username: 'root', roles: ['admin'], email: 'eve@example.org' };
  await ask('PUT', '/api/auth/me', { token, body: greedy });

  const { username, email, roles } = await store.redis.hgetall(accountKey(user.id));
  t.match({ username, email, roles }, { username: person.username, email: person.email, roles: 'user' });
});
