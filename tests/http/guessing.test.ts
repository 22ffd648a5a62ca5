import argon2 from 'argon2';
import t from 'tap';
import { guessesKey } from '../../services/core/redis/keys.ts';
import { countHashes } from '../support/count-work.ts';
import { seen } from '../support/seen.ts';
import { somebody, startSessionStage, type Answer, type Person } from '../support/session-service.ts';

const stage = await startSessionStage(t, { TRUSTED_PROXIES: '127.0.0.1' });
const { ask, logLines, register, renew, signIn, store } = stage;

const wrong = 'not the password at all';
const times = (count: number) => Array.from({ length: count }, (_, i) => i);
const from = (ip: string) => ({ 'x-forwarded-for': ip });
const login = (username: string, password: string, ip = '203.0.113.1') =>
  ask('POST', '/api/auth/login', { body: { username, password }, headers: from(ip) });

async function failOften({ username }: Pick<Person, 'username'>, count = 5, ip?: string): Promise<Answer> {
  let answer: Answer | undefined;
  for (const _ of times(count)) answer = await login(username, wrong, ip);
  return answer!;
}

t.test('the sixth try is refused without hashing and looks like a wrong password', async (t) => {
  const person = await register();
  const wrongAnswer = await failOften(person);

  let blocked: Answer | undefined;
  const hashes = await countHashes(async () => {
    blocked = await login(person.username, person.password);
  });

  t.equal(hashes, 0);
  t.same(seen(blocked!), seen(wrongAnswer), 'though the password is right');
  t.equal(blocked?.code, 'AUTH_INVALID_CREDENTIALS');
  t.ok(
    logLines.some((line) => /"password delayed".*try-blocked/.test(line)),
    'the log tells them apart',
  );
});

t.test('once the delay is over the right password counts again', async (t) => {
  const person = await register();
  const { user } = await signIn(person, from('198.51.100.1'));
  await failOften(person);
  t.equal((await login(person.username, person.password)).status, 401);

  await store.redis.hset(
    guessesKey({ partition: user.id.charAt(0), name: user.id }, 'password'),
    'new',
    '5 1',
  );

  t.equal((await login(person.username, person.password)).status, 200);
});

t.test('a success clears the failures of its own network', async (t) => {
  const person = await register();
  await signIn(person, from('198.51.100.1'));

  for (const _ of times(3)) {
    await failOften(person, 4, '198.51.100.1');
    t.equal((await login(person.username, person.password, '198.51.100.1')).status, 200);
  }
});

t.test('names without an account are blocked alike, by a username and by an address', async (t) => {
  for (const username of [somebody().username, somebody().email]) {
    const wrongAnswer = await failOften({ username });
    let blocked: Answer | undefined;

    t.equal(await countHashes(async () => (blocked = await login(username, wrong))), 0, username);
    t.same(seen(blocked!), seen(wrongAnswer), username);
    t.notMatch(blocked?.text, /left|remain/i);
  }
});

t.test('the username and the e-mail address of an account share one count', async (t) => {
  const person = await register();
  await failOften(person, 3);
  await failOften({ username: person.email }, 2);

  t.equal((await login(person.username, person.password)).status, 401);
});

t.test("a stranger's failures don't lock the owner out where the owner has signed in before", async (t) => {
  const person = await register();
  await signIn(person, from('198.51.100.7'));

  await failOften(person, 6, '203.0.113.9');

  t.equal((await login(person.username, person.password, '203.0.113.9')).status, 401, 'the stranger');
  t.equal((await login(person.username, person.password, '198.51.100.7')).status, 200, 'the owner');
});

t.test('a renewal resets no counter', async (t) => {
  const person = await register();
  const { refresh_token: token } = await signIn(person, from('198.51.100.1'));
  await failOften(person);

  t.equal((await renew(token)).status, 200);

  t.equal((await login(person.username, person.password)).status, 401);
});

t.test('of 50 parallel wrong tries from as many networks five are looked at', async (t) => {
  const person = await register();

  const hashes = await countHashes(() =>
    Promise.all(times(50).map((i) => login(person.username, wrong, `192.0.2.${i}`))),
  );

  t.equal(hashes, 5);
});

t.test('people who sign in to one account at the same time do not block one another', async (t) => {
  const person = await register();

  const answers = await Promise.all(
    times(12).map((i) => login(person.username, person.password, `192.0.2.${i}`)),
  );

  t.same(
    answers.map(({ status }) => status),
    times(12).map(() => 200),
  );
});

t.test('a try that came to no check is no failure', async (t) => {
  const person = await register();
  const { verify } = argon2;
  argon2.verify = () => Promise.reject(new Error('out of memory'));

  const answers = [];
  for (const _ of times(6)) answers.push((await login(person.username, person.password)).status);
  Object.assign(argon2, { verify });

  t.same(new Set(answers), new Set([500]));
  t.equal((await login(person.username, person.password)).status, 200);
});

t.test('the current password of a change is counted and blocked like that of a sign-in', async (t) => {
  const person = await register();
  const { access_token: token } = await signIn(person, from('198.51.100.1'));
  const change = (current: string) =>
    ask('POST', '/api/auth/change-password', {
      token,
      body: { current_password: current, new_password: 'another long enough password' },
      headers: from('198.51.100.1'),
    });
  let wrongAnswer: Answer | undefined;
  for (const _ of times(5)) wrongAnswer = await change(wrong);

  let blocked: Answer | undefined;
  const hashes = await countHashes(async () => (blocked = await change(person.password)));

  t.equal(hashes, 0);
  t.same(seen(blocked!), seen(wrongAnswer!));
  t.equal((await login(person.username, person.password, '198.51.100.1')).status, 401, 'one count for both');
});
