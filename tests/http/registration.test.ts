import t from 'tap';
import { emailKey } from '../../services/core/redis/keys.ts';
import { commandsOf, countHashes } from '../support/count-work.ts';
import { seen } from '../support/seen.ts';
import { somebody, startSessionStage } from '../support/session-service.ts';

const { ask, register, signIn, store } = await startSessionStage(t);

const login = (username: string, password: string) =>
  ask('POST', '/api/auth/login', { body: { username, password } });

t.test('a registration asks as much of Redis whether the address is known or not', async (t) => {
  const { email } = await register();
  const registerAs = (body: object) => commandsOf(store, () => ask('POST', '/api/auth/register', { body }));

  const fresh = await registerAs(somebody());
  const known = await registerAs({ ...somebody(), email });

  t.equal(known.length, fresh.length, `${fresh} and ${known}`);
  const reads = (commands: string[]) => commands.filter((name) => ['get', 'hgetall'].includes(name));
  t.same(reads(known), reads(fresh), 'so all others, which write, are as many');
});

t.test('registering takes a username once, and never tells whether an address is known', async (t) => {
  const person = await register();
  const again = { ...somebody(), username: person.username.toUpperCase() };
  const sameAddress = { ...somebody(), email: person.email.toUpperCase() };

  const [taken, known, fresh] = await Promise.all(
    [again, sameAddress, somebody()].map((body) => ask('POST', '/api/auth/register', { body })),
  );

  t.equal(taken?.status, 409);
  t.equal(taken?.code, 'RES_USERNAME_TAKEN');
  t.equal(taken?.body.error.field, 'username');
  t.equal(known?.status, 201);
  t.same(seen(known!), seen(fresh!));
  t.same(fresh?.body.data, {});
  t.equal((await login(sameAddress.username, sameAddress.password)).status, 401, 'no account came of it');
  t.equal((await login(person.email, person.password)).status, 200, 'the address is still its owner’s');
});

t.test('of parallel registrations of one username or address one wins', async (t) => {
  const person = somebody();
  const sameName = Array.from({ length: 8 }, (_, i) => ({
    ...somebody(),
    username: person.username,
    password: `long password number ${i}`,
  }));
  const sameAddress = Array.from({ length: 8 }, () => ({ ...somebody(), email: person.email }));

  const named = await Promise.all(sameName.map((body) => ask('POST', '/api/auth/register', { body })));
  const addressed = await Promise.all(sameAddress.map((body) => ask('POST', '/api/auth/register', { body })));

  t.equal(named.filter(({ status }) => status === 201).length, 1);
  t.equal(named.filter(({ code }) => code === 'RES_USERNAME_TAKEN').length, 7);
  const winner = sameName[named.findIndex(({ status }) => status === 201)];
  t.equal((await login(person.username, winner?.password ?? '')).status, 200);
  t.same(new Set(addressed.map(({ status }) => status)), new Set([201]));
  let accounts = 0;
  for (const { username, password } of sameAddress) {
    if ((await login(username, password)).status === 200) accounts += 1;
  }
  t.equal(accounts, 1);
});

t.test('an address in letters that fold to a known one is the known one', async (t) => {
  const person = await register({ email: `kim.${somebody().username}@example.org` });
  const kelvin = { ...somebody(), email: person.email.replace('k', '\u212a') };

  const answer = await ask('POST', '/api/auth/register', { body: kelvin });

  t.equal(answer.status, 201);
  t.equal((await login(kelvin.username, kelvin.password)).status, 401, 'no second account');
  t.equal((await login(person.email, person.password)).status, 200);
});

t.test('each registration costs one hash, whatever its names', async (t) => {
  const person = await register();
  for (const body of [
    { ...somebody(), username: person.username },
    { ...somebody(), email: person.email },
    somebody(),
  ]) {
    t.equal(await countHashes(() => ask('POST', '/api/auth/register', { body })), 1);
  }
});

t.test('an address is stored as its owner wrote it and found by its hash only', async (t) => {
  const person = await register({ email: `Ann.${somebody().username}@Example.ORG` });

  t.equal((await signIn(person)).user.id, await store.redis.get(emailKey(person.email)));
  t.same(await store.redis.keys('*Example*'), []);
});
