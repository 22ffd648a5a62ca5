import t from 'tap';
import { accountKey, emailChangeKey, emailKey, letterCountKey } from '../../services/core/redis/keys.ts';
import { letSignInAge } from '../support/admins.ts';
import { commandsOf, countHashes } from '../support/count-work.ts';
import { publicUrl, startMailStage } from '../support/mail-service.ts';
import { secondFactorHands } from '../support/second-factor.ts';
import { seen } from '../support/seen.ts';
import { somebody, startSessionStage } from '../support/session-service.ts';

const stage = await startMailStage(t);
const { ask, register, signIn, signInSomebody, store, mailsTo, newestMail, newestToken, untilDelivered } =
  stage;
const { enrol, codeOf } = secondFactorHands(stage);

const newAddress = () => somebody().email;
const change = (token: string, email: unknown, proof: object = {}) =>
  ask('POST', '/api/auth/change-email', { token, body: { email, ...proof } });
/** The same address to us; mail servers get the domain in small letters anyway. */
const shout = (email: string) => email.replace(/^[^@]+/, (local) => local.toUpperCase());
const confirm = (token: string) => ask('POST', '/api/auth/verify-email', { body: { token } });
const login = (username: string, password: string) =>
  ask('POST', '/api/auth/login', { body: { username, password } });
const emailOf = async (token: string) =>
  (await ask('GET', '/api/auth/me', { token })).body.data.email as string;
const eventsOf = async (token: string) =>
  (await ask('GET', '/api/auth/activity', { token })).body.data.activity as Record<string, string>[];

t.test('a new address counts once its reader has confirmed it; the old one gets both notices', async (t) => {
  const { person, user, access_token: token } = await signInSomebody();
  const email = newAddress();

  const asked = await change(token, email);
  const link = await newestMail(email);
  const first = await newestMail(person.email);

  t.equal(asked.status, 200, asked.text);
  t.match(link.text, `${publicUrl}/verify-email#token=`);
  t.match(first.subject, /^A new e-mail address for your account/);
  t.notMatch(first.raw, email, 'the notice does not tell the new address');
  t.equal(await emailOf(token), person.email, 'nothing has changed yet');
  t.equal((await login(email, person.password)).status, 401);

  t.equal((await confirm(link.token ?? '')).status, 200);

  t.equal(await emailOf(token), email, 'the session goes on');
  t.equal((await login(email, person.password)).status, 200);
  t.equal((await login(person.email, person.password)).status, 401, 'the old one is no login any more');
  t.match((await newestMail(person.email, 2)).subject, /was changed$/);
  t.match(await store.redis.hgetall(accountKey(user.id)), { email, emailVerified: '1' });
  t.equal(await store.redis.ttl(emailKey(email)), -1, 'held for good');
  t.equal((await confirm(link.token ?? '')).code, 'AUTH_INVALID_TOKEN', 'the link works once');
  const events = (await eventsOf(token)).map(({ event }) => event);
  t.ok(events.includes('email-change-asked') && events.includes('email-changed'));
});

t.test('the old address is free, and links for a new password that it got are void', async (t) => {
  const { person, access_token: token } = await signInSomebody();
  await ask('POST', '/api/auth/forgot-password', { body: { email: person.email } });
  const resetLink = await newestToken(person.email);
  const email = newAddress();
  await change(token, email);
  await confirm(await newestToken(email));

  const body = { token: resetLink, new_password: 'another long enough password' };
  t.equal((await ask('POST', '/api/auth/reset-password', { body })).code, 'AUTH_INVALID_TOKEN');
  await register({ email: person.email });
  t.equal((await login(person.email, person.password)).status, 401, 'it is the newcomer by that name');
});

t.test('asking needs a fresh sign-in, or the password and the code that is due', async (t) => {
  const { person, access_token: token, session_id: sid } = await signInSomebody();
  await letSignInAge(store, sid, 301);
  const email = newAddress();

  t.match(await change(token, email), { status: 403, code: 'AUTH_STEP_UP_REQUIRED' });
  t.match(await change(token, email, { password: 'not the right password' }), {
    status: 401,
    code: 'AUTH_INVALID_CREDENTIALS',
  });
  t.equal((await change(token, email, { password: person.password })).status, 200);

  const { person: careful, secret, tokens } = await enrol();
  await letSignInAge(store, tokens.session_id, 301);
  const { password } = careful;
  t.equal((await change(tokens.access_token, email, { password })).code, 'AUTH_MFA_REQUIRED');
  const code = await codeOf(secret);
  t.equal((await change(tokens.access_token, newAddress(), { password, code })).status, 200);
});

t.test('a taken address is told to its owner alone', async (t) => {
  const owner = await register();
  const [first, second] = [await signInSomebody(), await signInSomebody()];

  const taken = await change(first.access_token, owner.email);
  const free = await change(second.access_token, newAddress());

  t.same(seen(taken), seen(free));
  t.match((await newestMail(owner.email)).subject, /^You already have an account/);
  t.equal((await newestMail(owner.email)).token, undefined, 'no link to take it away');
  t.match(
    (await newestMail(first.person.email)).subject,
    /^A new e-mail address/,
    'the notice goes out alike',
  );
  const told = async (token: string) =>
    (await eventsOf(token)).filter(({ event }) => event === 'email-change-asked').map(({ reason }) => reason);
  t.same(await told(first.access_token), await told(second.access_token), 'nor does the activity tell');
});

t.test('the work is the same whether an address is taken or not', async (t) => {
  const owner = await register();
  const [first, second] = [await signInSomebody(), await signInSomebody()];
  const workOf = (token: string, email: string) => commandsOf(store, () => change(token, email));

  t.same(await workOf(first.access_token, owner.email), await workOf(second.access_token, newAddress()));
  t.equal(await countHashes(() => change(first.access_token, owner.email)), 0);
});

t.test('of two accounts that confirm one address at once, one gets it', async (t) => {
  for (let round = 0; round < 5; round += 1) {
    const people = [await signInSomebody(), await signInSomebody()] as const;
    const email = newAddress();
    await change(people[0].access_token, email);
    const first = await newestToken(email);
    await change(people[1].access_token, shout(email));
    const second = (await mailsTo(shout(email), 1))[0]?.token ?? '';

    const answers = await Promise.all([confirm(first), confirm(second)]);

    t.same(answers.map(({ status }) => status).sort(), [200, 401]);
    const winner = answers[0].status === 200 ? 0 : 1;
    t.equal(await store.redis.get(emailKey(email)), people[winner].user.id);
    t.equal(await emailOf(people[1 - winner]!.access_token), people[1 - winner]!.person.email);
  }
});

t.test('ten parallel uses of one link change the address once, with one notice', async (t) => {
  const { person, access_token: token } = await signInSomebody();
  const email = newAddress();
  await change(token, email);
  const link = await newestToken(email);

  const answers = await Promise.all(Array.from({ length: 10 }, () => confirm(link)));

  t.ok(answers.some(({ status }) => status === 200));
  t.equal(await emailOf(token), email);
  await mailsTo(person.email, 2);
  await untilDelivered();
  const notices = (await mailsTo(person.email)).filter(({ subject }) => /was changed/.test(subject));
  t.equal(notices.length, 1);
});

t.test('whoever takes the account back voids a change that a thief asked for', async (t) => {
  const rows: [what: string, act: (token: string, password: string) => Promise<unknown>][] = [
    [
      'a new password',
      (token, password) =>
        ask('POST', '/api/auth/change-password', {
          token,
          body: { current_password: password, new_password: 'another long enough password' },
        }),
    ],
    ['ending all other sessions', (token) => ask('POST', '/api/auth/sessions/terminate-others', { token })],
  ];
  for (const [what, act] of rows) {
    const person = await register();
    const [thief, owner] = [await signIn(person), await signIn(person)];
    const email = newAddress();
    await change(thief.access_token, email);
    const link = await newestToken(email);

    await act(owner.access_token, person.password);

    t.equal((await confirm(link)).code, 'AUTH_INVALID_TOKEN', what);
    t.equal(await store.redis.get(emailKey(person.email)), owner.user.id, what);
  }
});

t.test('a newer request voids the older one, and neither outlives an hour', async (t) => {
  const { user, access_token: token } = await signInSomebody();
  const [older, newer] = [newAddress(), newAddress()];
  await change(token, older);
  const olderLink = await newestToken(older);
  await change(token, newer);

  t.equal((await confirm(olderLink)).code, 'AUTH_INVALID_TOKEN');
  const ttl = await store.redis.ttl(emailChangeKey(user.id));
  t.ok(ttl > 3500 && ttl <= 3600);
  t.notMatch(await store.redis.get(emailChangeKey(user.id)), (await newestToken(newer)).slice(23));
  t.equal((await confirm(await newestToken(newer))).status, 200);
});

t.test('a link of another purpose, account or making changes nothing', async (t) => {
  const [mine, other] = [await signInSomebody(), await signInSomebody()];
  const email = newAddress();
  await change(mine.access_token, email);
  const [, secret = ''] = (await newestToken(email)).split('.');
  await ask('POST', '/api/auth/forgot-password', { body: { email: mine.person.email } });
  const resetLink = (await mailsTo(mine.person.email, 2)).find(({ token }) => token)?.token ?? '';

  const forged = [`${other.user.id}.${secret}`, `${mine.user.id}.${'x'.repeat(43)}`, resetLink, 'x', ''];
  for (const token of forged) t.ok((await confirm(token)).status >= 400, token);
  const body = { token: `${mine.user.id}.${secret}`, new_password: 'another long enough password' };
  t.equal((await ask('POST', '/api/auth/reset-password', { body })).code, 'AUTH_INVALID_TOKEN');
  t.equal(await emailOf(mine.access_token), mine.person.email);
});

t.test('an account causes three such mails an hour, and an address gets three', async (t) => {
  const { access_token: token, user } = await signInSomebody();
  const statuses: number[] = [];
  for (let i = 0; i < 4; i += 1) statuses.push((await change(token, newAddress())).status);
  t.same(statuses, [200, 200, 200, 429]);

  const victim = newAddress();
  for (let i = 0; i < 4; i += 1) await change((await signInSomebody()).access_token, victim);
  await mailsTo(victim, 3);
  await untilDelivered();
  t.equal((await mailsTo(victim)).length, 3);

  await store.redis.del(letterCountKey('email-change-asked', user.id));
  t.equal((await change(token, newAddress())).status, 200);
});

t.test('the own address in other letters is a change without a notice and without a gap', async (t) => {
  const { person, user, access_token: token } = await signInSomebody();
  const email = shout(person.email);
  await change(token, email);

  t.equal((await confirm((await mailsTo(email, 1))[0]?.token ?? '')).status, 200);

  t.equal(await emailOf(token), email);
  t.equal(await store.redis.get(emailKey(email)), user.id, 'still held');
  await untilDelivered();
  t.equal((await mailsTo(person.email)).length, 0);
});

t.test('what is no address, or could write its own headers, is refused', async (t) => {
  const { access_token: token } = await signInSomebody();
  const bad = [
    '',
    'x',
    'a@b',
    'a b@example.org',
    'a@example.org\r\nBcc: x@example.org',
    ['a@example.org'],
    {},
  ];

  for (const email of bad) t.equal((await change(token, email)).status, 400, JSON.stringify(email));
  t.equal((await ask('POST', '/api/auth/change-email', { body: { email: newAddress() } })).status, 401);
});

t.test('where no mail can be sent, nothing is promised', async (t) => {
  const mute = await startSessionStage(t);
  const { access_token: token } = await mute.signInSomebody();

  const answer = await mute.ask('POST', '/api/auth/change-email', { token, body: { email: newAddress() } });

  t.match(answer, { status: 409, code: 'RES_MAIL_IMPOSSIBLE' });
});
