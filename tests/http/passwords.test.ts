import argon2 from 'argon2';
import t from 'tap';
import { createPasswordHasher } from '../../services/core/passwords/hasher.ts';
import { credentialKey } from '../../services/core/redis/keys.ts';
import { somebody, startService, startSessionStage, type Person } from '../support/session-service.ts';
import { untilServed } from '../support/until.ts';

const stage = await startSessionStage(t, { ARGON2_MEMORY_KIB: '19456', ARGON2_TIME: '2' });
const { ask, register, signIn, store } = stage;

const letters = 'xqvabzkefjwiyplomhutsgrdcn';
/** A password of so many characters, none in the basic plane, no two alike in a row. */
const snails = (count: number) =>
  Array.from({ length: count }, (_, i) => String.fromCodePoint(0x1f400 + ((i * 7) % 62))).join('');

const tryRegister = (password: string, more: Partial<Person> = {}) =>
  ask('POST', '/api/auth/register', { body: { ...somebody(), ...more, password } });
const login = (username: string, password: string) =>
  ask('POST', '/api/auth/login', { body: { username, password } });
const storedHash = async (person: Person) => {
  const { user } = await signIn(person);
  return (await store.redis.hget(credentialKey(user.id), 'passwordHash')) ?? '';
};

t.test('14 characters are refused, 15 are taken, and an emoji counts as one', async (t) => {
  const accented = (text: string) => text.replaceAll(/[aeiou]/g, '$&\u0301');
  for (const [password, status] of [
    [letters.slice(0, 14), 400],
    [letters.slice(0, 15), 201],
    [snails(14), 400],
    [snails(15), 201],
    [accented(letters.slice(0, 14)), 400],
    [accented(letters.slice(0, 15)), 201],
  ] as const) {
    const answer = await tryRegister(password);
    t.equal(answer.status, status, password);
    if (status === 400) t.match(answer.body.error, { code: 'VAL_PASSWORD_TOO_SHORT', field: 'password' });
  }
});

t.test('64 characters work, and a difference at character 200 counts', async (t) => {
  const long = Array.from({ length: 60 }, (_, i) => `w${i * 37} `)
    .join('')
    .slice(0, 250);
  const person = await register({ password: long });
  const short = await register({ password: long.slice(0, 64) });

  t.equal((await login(short.username, short.password)).status, 200);
  t.equal((await login(person.username, long)).status, 200);
  t.equal((await login(person.username, `${long.slice(0, 200)}X${long.slice(201)}`)).status, 401);
  t.equal((await login(person.username, long.slice(0, -1))).status, 401);
});

t.test('256 characters or 1024 bytes are the most, and more is refused before hashing', async (t) => {
  const person = await register();

  t.equal((await tryRegister(letters.repeat(10).slice(0, 256))).status, 201);
  t.equal((await tryRegister(snails(256))).status, 201, '1024 bytes');
  for (const password of ['x'.repeat(257), '🐌'.repeat(257), 'x'.repeat(1025)]) {
    t.equal((await tryRegister(password)).code, 'VAL_PASSWORD_TOO_LONG');
  }
  const { verify } = argon2;
  argon2.verify = () => t.fail('hashed') as never;
  const refused = await login(person.username, 'x'.repeat(1025)).finally(() =>
    Object.assign(argon2, { verify }),
  );
  t.equal(refused.status, 400);
  t.equal(refused.code, 'VAL_PASSWORD_TOO_LONG');
});

t.test('blanks around it and letter case count', async (t) => {
  const person = await register({ password: '  My long Password  ' });

  t.equal((await login(person.username, '  My long Password  ')).status, 200);
  t.equal((await login(person.username, 'My long Password')).status, 401);
  t.equal((await login(person.username, '  my long password  ')).status, 401);
});

t.test('common passwords and words of the account are refused, with the reason', async (t) => {
  const cases: [string, string][] = [
    ['passwordpassword', 'VAL_PASSWORD_COMMON'],
    ['aaaaaaaaaaaaaaaa', 'VAL_PASSWORD_COMMON'],
    ['Bednet 2026 2026', 'VAL_PASSWORD_CONTEXT'],
    ['Mona.Sayed 20261', 'VAL_PASSWORD_CONTEXT'],
  ];
  for (const [password, code] of cases) {
    const answer = await tryRegister(password, { username: 'mona.sayed' });
    t.equal(answer.status, 400, password);
    t.match(answer.body.error, { code, field: 'password' }, password);
  }
});

t.test('there is no rule about kinds of characters', async (t) => {
  for (const password of [letters, '394871602558136', 'пароль из одних букв', '!?;-)+(=/"%&~<>']) {
    t.equal((await tryRegister(password)).status, 201, password);
  }
});

t.test('composed and combining accents are one password, on both sides', async (t) => {
  const composed = await register({ password: 'un caf\u00e9 bien serr\u00e9' });
  const combining = await register({ password: 'un cafe\u0301 bien serre\u0301' });

  t.equal((await login(composed.username, combining.password)).status, 200);
  t.equal((await login(combining.username, composed.password)).status, 200);
});

t.test('a stored hash has the costs of the settings, a salt of 16 bytes and a tag of 32', async (t) => {
  const password = 'one and the same sentence';
  const hashes = [
    await storedHash(await register({ password })),
    await storedHash(await register({ password })),
  ];

  for (const hash of hashes)
    t.match(hash, /^\$argon2id\$v=19\$m=19456,p=1,t=2\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  t.not(hashes[0], hashes[1], 'equal passwords, different hashes');
});

t.test('with a higher cost the old hash verifies once more and is replaced', async (t) => {
  const person = await register();
  const oldHash = await storedHash(person);
  const dearer = await startService(t, stage.stack, { ARGON2_MEMORY_KIB: '19456', ARGON2_TIME: '3' });

  const { user } = await dearer.signIn(person);

  const newHash = (await store.redis.hget(credentialKey(user.id), 'passwordHash')) ?? '';
  t.match(oldHash, '$m=19456,p=1,t=2$');
  t.match(newHash, '$m=19456,p=1,t=3$');
  t.equal((await dearer.signIn(person)).user.id, user.id, 'the new hash fits');
  t.equal(
    await store.redis.hget(credentialKey(user.id), 'passwordHash'),
    newHash,
    'and is not replaced again',
  );
});

t.test('a wrong password replaces no hash', async (t) => {
  const person = await register();
  const { user } = await signIn(person);
  const before = await store.redis.hget(credentialKey(user.id), 'passwordHash');
  const dearer = await startService(t, stage.stack, { ARGON2_MEMORY_KIB: '19456', ARGON2_TIME: '3' });

  await dearer.ask('POST', '/api/auth/login', {
    body: { username: person.username, password: 'not it at all' },
  });

  t.equal(await store.redis.hget(credentialKey(user.id), 'passwordHash'), before);
});

t.test('the pepper is needed for every check and is nowhere in Redis', async (t) => {
  const person = await register();
  const hash = await storedHash(person);
  const cost = { memoryKib: 19_456, passes: 2, parallelism: 1 };
  const own = await createPasswordHasher(cost, stage.config.pepper);
  const other = await createPasswordHasher(cost, Buffer.alloc(32, 7));

  t.ok(await own.verify(person.password, hash));
  t.notOk(await other.verify(person.password, hash));
  t.notOk(await argon2.verify(hash, person.password), 'without any');
  const pepper = [stage.config.pepper.toString('base64url'), stage.config.pepper.toString('hex')];
  for (const key of await store.redis.keys('bn:*')) {
    const content = JSON.stringify(await contentOf(key));
    for (const form of pepper) t.notMatch(content, form, key);
    t.notMatch(content, person.password, key);
  }
});

t.test('argon2id gives the tag of RFC 9106, section 5.3', async (t) => {
  const tag = await argon2.hash(Buffer.alloc(32, 1), {
    type: argon2.argon2id,
    salt: Buffer.alloc(16, 2),
    secret: Buffer.alloc(8, 3),
    associatedData: Buffer.alloc(12, 4),
    memoryCost: 32,
    timeCost: 3,
    parallelism: 4,
    hashLength: 32,
    raw: true,
  });

  t.equal(tag.toString('hex'), '0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659');
});

t.test('too many sign-ins at once: some are 503 with Retry-After, renewals go on', async (t) => {
  const person = await register();
  const tokens = await signIn(person);

  const signIns = Array.from({ length: 100 }, () => login(person.username, person.password));
  const renewed = await untilServed(() => stage.renew(tokens.refresh_token));
  const unknown = Array.from({ length: 20 }, () => login('nobody.here', person.password));
  const answers = await Promise.all([...signIns, ...unknown]);

  t.equal(renewed.status, 200);
  const busy = answers.filter(({ status }) => status === 503);
  t.ok(
    busy.length > 0 && busy.length < answers.length,
    `${busy.length} of ${answers.length} were turned away`,
  );
  for (const answer of busy) {
    t.equal(answer.code, 'SYS_BUSY');
    t.match(answer.headers.get('retry-after'), /^[1-9]$/);
  }
  t.same(
    new Set(answers.map(({ status }) => status)),
    new Set([200, 401, 503]),
    'known and unknown names meet the same queue',
  );
  t.equal((await login(person.username, person.password)).status, 200, 'and then it is over');
});

async function contentOf(key: string): Promise<unknown> {
  switch (await store.redis.type(key)) {
    case 'hash':
      return store.redis.hgetall(key);
    case 'stream':
      return store.redis.xrange(key, '-', '+');
    case 'zset':
      return store.redis.zrange(key, '0', '-1');
    case 'list':
      return store.redis.lrange(key, '0', '-1');
    default:
      return store.redis.get(key);
  }
}
