import t from 'tap';
import { purgeAccount } from '../../services/core/accounts/purge-account.ts';
import {
  accountKey,
  emailKey,
  loginKey,
  mailedTokenKey,
  sessionIndexKey,
} from '../../services/core/redis/keys.ts';
import { commandsOf, countHashes } from '../support/count-work.ts';
import { publicUrl, startMailStage } from '../support/mail-service.ts';
import { isRefusal } from '../support/refusal.ts';
import { seen } from '../support/seen.ts';
import { somebody, startService, type Answer, type Person } from '../support/session-service.ts';

const stage = await startMailStage(t, { EMAIL_VERIFICATION: 'required' });
const { ask, register, store, mailsTo, newestMail, newestToken, untilDelivered } = stage;

const login = (username: string, password: string) =>
  ask('POST', '/api/auth/login', { body: { username, password } });
const verify = (token: unknown) => ask('POST', '/api/auth/verify-email', { body: { token } });
const resend = (tempToken: string) =>
  ask('POST', '/api/auth/resend-verification', { body: { temp_token: tempToken } });
const tempTokenOf = async ({ username, password }: Person) =>
  (await login(username, password)).body.data.temp_token as string;
const uidOf = async ({ username }: Person) => (await store.redis.get(loginKey(username))) ?? '';

async function registerVerified(): Promise<Person> {
  const person = await register();
  await verify(await newestToken(person.email));
  return person;
}

t.test('an account can sign in once its address is verified', async (t) => {
  const person = await register();
  const mail = await newestMail(person.email);

  const before = await login(person.username, person.password);
  const verified = await verify(mail.token);
  const after = await login(person.username, person.password);

  t.match(mail.text, `${publicUrl}/verify-email#token=`);
  t.equal(before.status, 200);
  t.match(before.body.data, { requires_2fa: false, pending: ['email-verification'], methods: [] });
  t.equal(before.body.data.access_token, undefined);
  t.equal(verified.status, 200);
  t.same(verified.body.data, {}, 'nobody is signed in by it');
  t.match(after.body.data, { access_token: /^ey/, user: { email: person.email } });
  t.equal((await login(person.email, person.password)).status, 200, 'from now on by its address, too');
});

t.test('a sign-in that waits for the address can do nothing else', async (t) => {
  const person = await register();
  const tempToken = await tempTokenOf(person);

  t.equal((await ask('GET', '/api/auth/me', { token: tempToken })).code, 'AUTH_INVALID_TOKEN');
  t.equal(
    (await ask('POST', '/api/auth/refresh', { body: { refresh_token: tempToken } })).code,
    'AUTH_INVALID_TOKEN',
  );
  const password = { temp_token: tempToken, new_password: 'another long enough password' };
  isRefusal(t, await ask('POST', '/api/auth/change-password', { body: password }), 'password', 401);
  const terms = { temp_token: tempToken, version: '1' };
  isRefusal(t, await ask('POST', '/api/auth/accept-terms', { body: terms }), 'terms', 401);
  t.equal(await store.redis.exists(sessionIndexKey(await uidOf(person))), 0, 'there is no session');
});

t.test(
  'whether an address is known shows nowhere: not by registering, nor by what comes after',
  async (t) => {
    const owner = await registerVerified();
    const fresh = somebody();
    const known = { ...somebody(), email: owner.email.toUpperCase() };
    const steps: ((person: Person) => Promise<Answer>)[] = [
      (person) => ask('POST', '/api/auth/register', { body: person }),
      (person) => ask('POST', '/api/auth/register', { body: person }),
      ({ username, password }) => login(username, password),
      ({ username }) => login(username, 'not the right one'),
      ({ email, password }) => login(email, password),
      async (person) => resend(await tempTokenOf(person)),
      ({ email }) => ask('POST', '/api/auth/forgot-password', { body: { email } }),
      ({ username, password }) => login(username, password),
      () => verify(`${'A'.repeat(22)}.${'A'.repeat(43)}`),
    ];

    for (const [index, step] of steps.entries()) {
      const answers: unknown[] = [];
      const work: string[][] = [];
      const hashes: number[] = [];
      for (const person of [fresh, known]) {
        hashes.push(
          await countHashes(async () => {
            work.push(await commandsOf(store, async () => answers.push(anonymous(await step(person)))));
          }),
        );
      }
      t.same(answers[0], answers[1], `step ${index}: the answer`);
      t.same(withoutRecords(work[0]), withoutRecords(work[1]), `step ${index}: the commands`);
      t.equal(hashes[0], hashes[1], `step ${index}: the hashes`);
    }
  },
);

t.test('the owner of a known address is told, and no link leaves', async (t) => {
  const owner = await registerVerified();
  const before = (await mailsTo(owner.email)).length;

  await register({ email: owner.email });
  const mail = await newestMail(owner.email, before + 1);

  t.match(mail.subject, 'already have an account');
  t.equal(mail.token, undefined);
  t.notMatch(mail.text, owner.username);
});

t.test('nobody can block an address: who verifies it first has it', async (t) => {
  const email = `shared.${somebody().username}@example.org`;
  const squatter = await register({ email });
  const first = await newestToken(email);
  const owner = await register({ email });
  const second = await newestToken(email, 2);

  t.equal(await store.redis.exists(emailKey(email)), 0, 'it is nobody’s yet');
  t.equal((await verify(second)).status, 200);

  t.equal((await verify(first)).code, 'AUTH_INVALID_TOKEN', 'the other link is void');
  t.equal(await store.redis.get(emailKey(email)), await uidOf(owner));
  t.equal((await login(owner.username, owner.password)).body.data.user.email, email);
  t.match((await login(squatter.username, squatter.password)).body.data, { pending: ['email-verification'] });
});

t.test('of two accounts that verify one address at once, one gets it', async (t) => {
  for (let round = 0; round < 5; round += 1) {
    const email = `race.${somebody().username}@example.org`;
    const people = [await register({ email }), await register({ email })];
    const mails = await mailsTo(email, 2);

    const answers = await Promise.all(mails.map(({ token }) => verify(token)));

    t.same(answers.map(({ status }) => status).sort(), [200, 401]);
    const logins = await Promise.all(people.map(({ username, password }) => login(username, password)));
    t.equal(logins.filter(({ body }) => body.data.access_token).length, 1);
  }
});

t.test('a link works once, for a day, for its own purpose', async (t) => {
  const person = await register();
  const token = await newestToken(person.email);
  const uid = await uidOf(person);

  const ttl = await store.redis.ttl(mailedTokenKey('verification', uid));
  t.ok(ttl > 86_300 && ttl <= 86_400, `${ttl} s`);
  const body = { token, new_password: 'another long enough password' };
  t.equal((await ask('POST', '/api/auth/reset-password', { body })).code, 'AUTH_INVALID_TOKEN');
  const answers = await Promise.all(Array.from({ length: 10 }, () => verify(token)));
  t.equal(answers.filter(({ status }) => status === 200).length, 1);
  for (const answer of answers.filter(({ status }) => status !== 200)) isRefusal(t, answer, 'a repeat', 401);
  for (const wrong of ['x', `${token}x`, `${uid}.${'A'.repeat(43)}`])
    isRefusal(t, await verify(wrong), wrong, 401);
});

t.test('the link is mailed again on request, three times an hour at most; the newest works', async (t) => {
  const person = await register();
  const tempToken = await tempTokenOf(person);
  await mailsTo(person.email, 1);

  const answers = [];
  for (let i = 0; i < 5; i += 1) {
    answers.push(await resend(tempToken));
    await mailsTo(person.email, Math.min(i + 2, 3)); // Two connections bring mails in any order.
  }
  await untilDelivered();

  t.same(new Set(answers.map(({ status }) => status)), new Set([200]));
  const mails = await mailsTo(person.email, 3);
  t.equal(mails.length, 3);
  t.equal((await verify(mails[0]?.token)).code, 'AUTH_INVALID_TOKEN');
  t.equal((await verify(mails[2]?.token)).status, 200);
  t.equal((await resend('pending.forged')).code, 'AUTH_INVALID_TOKEN');
  t.equal((await ask('POST', '/api/auth/resend-verification')).code, 'AUTH_UNAUTHORIZED');
});

t.test('a stranger’s own words don’t reach the reader of a verification mail', async (t) => {
  const person = await register({ full_name: 'You won! See evil.example' });

  const { raw, text, html } = await newestMail(person.email);

  t.notMatch(raw + text + html, 'evil');
});

t.test('an account that is never verified goes after three days, and its username is free', async (t) => {
  const person = await register();
  const verified = await registerVerified();
  const day = 86_400_000;
  const purge = async (uid: string, nowMs: number) =>
    (await purgeAccount(store, { uid, actor: 'system', atOnce: false, nowMs })).outcome === 'purged';
  const uid = await uidOf(person);
  const now = Date.now();

  t.notOk(await purge(uid, now + 2.9 * day), 'not before');
  t.notOk(await purge(await uidOf(verified), now + 4 * day), 'a verified one stays');
  t.ok(await purge(uid, now + 3.1 * day));

  t.equal(await store.redis.exists(accountKey(uid)), 0);
  t.equal((await login(person.username, person.password)).status, 401);
  await register({ username: person.username });
});

t.test('an account from before the setting verifies its address at the next sign-in', async (t) => {
  const before = await startService(t, stage.stack, { REGISTER_REQUESTS_PER_NETWORK: '1000' });
  const person = await before.register();
  t.equal((await before.signIn(person)).user.id, await uidOf(person), 'needless there');

  const { data } = (await login(person.username, person.password)).body;
  t.match(data, { pending: ['email-verification'] });
  await resend(data.temp_token);
  t.equal((await verify(await newestToken(person.email))).status, 200);

  t.match((await login(person.username, person.password)).body.data, { access_token: /^ey/ });
});

t.test('an account locked meanwhile verifies its address and still cannot sign in', async (t) => {
  const person = await register();
  await store.redis.hset(accountKey(await uidOf(person)), 'state', 'disabled');

  await verify(await newestToken(person.email));

  t.equal((await login(person.username, person.password)).status, 401);
});

/** What happens is recorded beside the answer, by scripts, whenever it suits; of itself a service tells now and then, with TIME. */
function withoutRecords(commands: string[] = []): string[] {
  return commands.filter((name) => !name.startsWith('eval') && name !== 'time');
}

function anonymous(answer: Answer): unknown {
  const { body, ...rest } = seen(answer);
  const data = body.data?.temp_token ? { ...body.data, temp_token: 'one' } : body.data;
  const headers = rest.headers.filter(([name]) => name !== 'content-length');
  return { ...rest, headers, body: { ...body, data } };
}
