import t from 'tap';
import {
  createInvitation,
  findInvitation,
  listInvitations,
  takeInvitation,
  type NewInvitation,
} from '../../services/core/accounts/invitations.ts';
import { accountKey, emailKey, invitationKey, loginKey } from '../../services/core/redis/keys.ts';
import { invite } from '../../services/session/use-cases/invite.ts';
import { openTestMailer } from '../mail/smtp-stage.ts';
import { commandsOf, countHashes } from '../support/count-work.ts';
import { startMailStage } from '../support/mail-service.ts';
import { isRefusal } from '../support/refusal.ts';
import { seen } from '../support/seen.ts';
import { somebody, startService, type Person } from '../support/session-service.ts';

const stage = await startMailStage(t);
const { store, mailsTo, newestMail, untilDelivered } = stage;
const free = { REGISTER_REQUESTS_PER_NETWORK: '1000' };
const invited = await startService(t, stage.stack, { ...free, REGISTRATION: 'invitation' });
const closed = await startService(t, stage.stack, { ...free, REGISTRATION: 'off' });

const offer: NewInvitation = {
  email: '',
  roles: ['user', 'operator'],
  language: 'en',
  validForSeconds: 3600,
  actor: 'test',
};
const registerAs = (body: object, service = invited) => service.ask('POST', '/api/auth/register', { body });
const factsOf = async ({ username }: Person) =>
  store.redis.hgetall(accountKey((await store.redis.get(loginKey(username))) ?? ''));

t.test('where registration is off nobody can register, whatever they bring', async (t) => {
  const { token } = await createInvitation(store, offer);

  for (const body of [somebody(), { ...somebody(), invitation: token }]) {
    isRefusal(t, await registerAs(body, closed), 'off', 403);
    t.equal((await registerAs(body, closed)).code, 'AUTH_REGISTRATION_CLOSED');
  }
  t.equal(await countHashes(() => registerAs(somebody(), closed)), 0, 'no password is hashed for it');
});

t.test('by invitation an account is made with the roles that were offered', async (t) => {
  const { token, invitation } = await createInvitation(store, offer);
  const person = somebody();

  const without = await registerAs(person);
  const answer = await registerAs({ ...person, invitation: token, roles: ['admin'], role: 'admin' });

  t.equal(without.status, 403);
  t.equal(without.code, 'AUTH_INVITATION_INVALID');
  t.equal(answer.status, 201, answer.text);
  t.match(await factsOf(person), { roles: 'user,operator', state: 'active' });
  t.equal(await findInvitation(store, token), undefined, 'used up');
  t.notOk(
    (await listInvitations(store)).some(({ id }) => id === invitation.id),
    'and not listed',
  );
  t.equal((await registerAs({ ...somebody(), invitation: token })).code, 'AUTH_INVITATION_INVALID');
});

t.test('where everybody may register an invitation still gives its roles', async (t) => {
  const { token } = await createInvitation(store, offer);
  const [plain, other] = [somebody(), somebody()];

  t.equal((await registerAs(plain, stage)).status, 201);
  t.equal((await registerAs({ ...other, invitation: token }, stage)).status, 201);
  const wrong = await registerAs({ ...somebody(), invitation: 'wrong' }, stage);

  t.equal(wrong.code, 'AUTH_INVITATION_INVALID', 'a wrong one is no reason to go on without');
  t.equal((await factsOf(plain)).roles, 'user');
  t.equal((await factsOf(other)).roles, 'user,operator');
});

t.test('of ten parallel registrations with one invitation one makes an account', async (t) => {
  const { token } = await createInvitation(store, offer);
  const people = Array.from({ length: 10 }, somebody);

  const answers = await Promise.all(people.map((person) => registerAs({ ...person, invitation: token })));

  t.equal(answers.filter(({ status }) => status === 201).length, 1);
  t.equal(answers.filter(({ code }) => code === 'AUTH_INVITATION_INVALID').length, 9);
  const made = await Promise.all(people.map(({ username }) => store.redis.exists(loginKey(username))));
  t.equal(made.filter(Boolean).length, 1);
});

t.test('an invitation is kept as a hash, and goes when its time is over or it is taken back', async (t) => {
  const { token, invitation } = await createInvitation(store, offer);
  const late = await createInvitation(store, offer);
  const takenBack = await createInvitation(store, offer);
  const ttl = await store.redis.pttl(invitationKey(invitation.id));

  t.ok(ttl > 3_590_000 && ttl <= 3_600_000, `${ttl} ms`);
  t.match(token, /^[A-Za-z0-9_-]{43}$/, '256 random bits');
  for (const key of await store.redis.keys('bn:{invitations}:one:*')) t.notMatch(key, token);
  t.notMatch(JSON.stringify(await store.redis.hgetall(invitationKey(invitation.id))), token);
  t.same(
    (await listInvitations(store)).find(({ id }) => id === invitation.id),
    invitation,
  );
  await store.redis.pexpireat(invitationKey(late.invitation.id), 1);
  t.ok(await takeInvitation(store, takenBack.invitation.id));
  for (const gone of [late.token, takenBack.token, invitation.id]) {
    t.equal((await registerAs({ ...somebody(), invitation: gone })).code, 'AUTH_INVITATION_INVALID');
  }
});

t.test('an invitation survives a taken username and an unfit password', async (t) => {
  const { username } = await stage.register();
  const { token, invitation } = await createInvitation(store, offer);

  const taken = await registerAs({ ...somebody(), username, invitation: token });
  const unfit = await registerAs({ ...somebody(), password: 'x', invitation: token });
  const ttl = await store.redis.pttl(invitationKey(invitation.id));

  t.equal(taken.code, 'RES_USERNAME_TAKEN');
  t.equal(unfit.code, 'VAL_PASSWORD_TOO_SHORT');
  t.ok(ttl > 3_590_000 && ttl <= 3_600_000, 'with the same end as before');
  t.equal((await registerAs({ ...somebody(), invitation: token })).status, 201);
});

t.test('an invitation to an address is mailed, told to nobody else, and good for that address', async (t) => {
  const strict = await startService(t, stage.stack, {
    ...free,
    ...{ REGISTRATION: 'invitation', EMAIL_VERIFICATION: 'required', MAIL_FOLDER: '/nonexistent' },
  });
  const { port } = new URL(stage.config.mail?.smtpUrl ?? '');
  const { mailer } = openTestMailer({ smtpUrl: `smtp://127.0.0.1:${port}` });
  t.teardown(() => mailer.close());
  const person = somebody();
  const told: unknown[] = [];
  const caller = { ip: '', userAgent: '', network: '', tell: (...facts: unknown[]) => told.push(facts) };

  const made = await invite(
    { store, mailer } as never,
    { ...offer, email: person.email, language: 'ar' },
    caller as never,
  );
  const { token, language } = await newestMail(person.email);

  t.equal(made.token, undefined);
  t.notMatch(JSON.stringify(told), token);
  t.equal(language, 'ar');
  const other = await registerAs({ ...person, email: somebody().email, invitation: token }, strict);
  t.equal(other.code, 'AUTH_INVITATION_INVALID', 'not for another address');
  t.equal(
    (await registerAs({ ...person, email: person.email.toUpperCase(), invitation: token }, strict)).status,
    201,
  );
  t.match(await factsOf(person), { emailVerified: '1' }, 'who has the token reads the mail');
  t.ok((await strict.signIn(person)).access_token);
});

t.test('a taken address is told to its owner by mail, and to nobody else', async (t) => {
  const owner = await stage.register({ language: 'ar' } as object);
  const stranger = { ...somebody(), email: owner.email.toUpperCase(), full_name: 'See evil.example' };

  const answer = await registerAs(stranger, stage);
  const fresh = await registerAs(somebody(), stage);
  const mail = await newestMail(owner.email);

  t.same(seen(answer), seen(fresh));
  t.equal(mail.language, 'ar');
  t.match(mail.to, owner.email);
  t.notMatch(mail.raw + mail.text, 'evil');
  for (let i = 0; i < 4; i += 1) await registerAs({ ...somebody(), email: owner.email }, stage);
  await untilDelivered();
  t.equal((await mailsTo(owner.email)).length, 3, 'three an hour at most');
});

t.test('a known address costs the same work as a fresh one', async (t) => {
  const owner = await stage.register();
  const work: string[][] = [];

  for (const body of [somebody(), { ...somebody(), email: owner.email }]) {
    const hashes = await countHashes(async () => {
      work.push(await commandsOf(store, () => registerAs(body, stage)));
    });
    t.equal(hashes, 1);
  }

  const reads = work.map((commands) => commands.filter((name) => ['get', 'hgetall'].includes(name)));
  t.same(reads[0], reads[1]);
});

t.test('of fifty registrations of one name at once one wins', async (t) => {
  const username = somebody().username;
  const people = Array.from({ length: 50 }, () => ({ ...somebody(), username }));
  const answers = [];

  for (let wave = 0; wave < 5; wave += 1) {
    const ten = people.slice(wave * 10, wave * 10 + 10);
    answers.push(...(await Promise.all(ten.map((body) => registerAs(body, stage)))));
  }

  t.equal(answers.filter(({ status }) => status === 201).length, 1);
  t.equal(answers.filter(({ code }) => code === 'RES_USERNAME_TAKEN').length, 49);
  const claimed = await Promise.all(people.map(({ email }) => store.redis.exists(emailKey(email))));
  t.equal(claimed.filter(Boolean).length, 1, 'and only its address is claimed');
});

t.test(
  'kinds of characters can be demanded by those who must; the start-up says what that means',
  async (t) => {
    const strict = await startService(t, stage.stack, {
      ...free,
      PASSWORD_MIN_LENGTH: '8',
      PASSWORD_MAX_LENGTH: '32',
      PASSWORD_MIN_UPPERCASE: '1',
      PASSWORD_MIN_DIGITS: '2',
      PASSWORD_EXPIRY_DAYS: '90',
      PRODUCT_NAME: 'Tower Control',
    });
    const cases: [string, string | undefined][] = [
      ['quiet harbour lights', 'VAL_PASSWORD_COMPOSITION'],
      ['Quiet harbour lights 7', 'VAL_PASSWORD_COMPOSITION'],
      ['Quiet 7 lights 4', undefined],
      ['Towercontrol 2026', 'VAL_PASSWORD_CONTEXT'],
      ['Quiet harbour lights 74 and more', undefined],
      ['Quiet harbour lights 74 and more!', 'VAL_PASSWORD_TOO_LONG'],
    ];

    for (const [password, code] of cases)
      t.equal((await registerAs({ ...somebody(), password }, strict)).code, code, password);
    const warnings = strict.logLines.filter((line) => JSON.parse(line).level === 40).join('\n');
    for (const word of [
      'of 8 characters',
      'more than 32',
      'Capital letters',
      'expire after 90 days',
      'No mail',
    ])
      t.match(warnings, word);
    t.notMatch(stage.logLines.filter((line) => JSON.parse(line).level === 40).join('\n'), /NIST|mail/);
  },
);
