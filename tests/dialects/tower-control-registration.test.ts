import t from 'tap';
import { createInvitation } from '../../services/core/accounts/invitations.ts';
import { accountKey, hashOfEmail, registrationKey } from '../../services/core/redis/keys.ts';
import { somebody } from '../support/session-service.ts';
import { isResult, rolesOf, startTowerStage, withSettings } from './tower-stage.ts';

const stage = await startTowerStage(t);
const { call, register, signin, trySignin, mailsTo, untilDelivered, uidOf, store } = stage;

const created = 'user-creation-created';
const received = 'user-registration-received';
const ask = (body: unknown) => call('POST', 'registration/register', { body });
const create = (body: object) => call('POST', 'creation/create', { body });
const idsTo = async (address: string) =>
  (await mailsTo(address)).flatMap(
    ({ text }) => /\/front\/public\/register\?verificationKey=(\S+)/.exec(text)?.[1] ?? [],
  );
/** The validation id in a mail that is asked for. */
const idFor = async (email: string, registrationCode?: string): Promise<string> => {
  await ask({ email, registrationCode });
  await untilDelivered();
  return (await idsTo(email)).at(-1) ?? '';
};

t.test('an account is made in two calls with a mail between them', async (t) => {
  const { email, password } = somebody();

  isResult(t, await ask({ email }), 200, received);
  isResult(t, await trySignin({ email, password }), 400, 'user-login-refused', 'there is none yet');
  await untilDelivered();
  const [validationID = ''] = await idsTo(email);
  t.match(validationID, /^[0-9a-f]{128}$/);
  isResult(t, await create({ password, validationID, email: 'another@example.org' }), 201, created);

  const signedIn = await signin({ email, password });
  t.equal(signedIn.email, email);
  t.same(rolesOf(signedIn.jwtToken), ['LOGIN_1FA', 'LOGIN_COMPLETE', 'REGISTERED_USER']);
  t.match(signedIn.mqtt?.username, /^u-[0-9a-f]{20}$/, 'nobody chose it');
  t.match(await store.redis.hgetall(accountKey(await uidOf({ email }))), { email, emailVerified: '1' });
});

t.test('a registration is answered alike whatever becomes of it', async (t) => {
  const person = await register();
  const { email } = somebody();
  const bodies = [{ email: person.email }, { email: 'no address' }, { email: [email] }, { email: 7 }, {}, []];

  for (const body of bodies) isResult(t, await ask(body), 200, received, JSON.stringify(body));
  isResult(t, await call('POST', 'registration/register'), 200, received, 'no body');
  const few = await withSettings(t, stage, { REGISTER_REQUESTS_PER_NETWORK: '1' });
  isResult(t, await few.call('POST', 'registration/register', { body: { email } }), 200, received);

  await untilDelivered();
  t.same(await idsTo(person.email), [], 'who has an account gets no link');
  t.equal((await mailsTo(person.email)).length, 1, 'but is told');
  t.same(await mailsTo(email), [], 'too many from this network');
});

t.test(
  'a validation id counts once, the newest only, for an hour; its hash is all that is kept',
  async (t) => {
    const { email, password } = somebody();
    const older = await idFor(email);
    const validationID = await idFor(email);
    const key = registrationKey(hashOfEmail(email));
    const ttl = await store.redis.ttl(key);
    t.ok(ttl > 3590 && ttl <= 3600, `${ttl} s`);
    const stored = (await store.redis.get(key)) ?? '';
    const secret = Buffer.from(validationID, 'hex').subarray(32);
    for (const form of ['hex', 'base64', 'base64url'] as const)
      t.notOk(stored.includes(secret.toString(form)));

    isResult(
      t,
      await create({ password, validationID: older }),
      400,
      'user-creation-refused',
      'the older one',
    );
    isResult(t, await create({ password, validationID }), 201, created);
    isResult(t, await create({ password, validationID }), 400, 'user-creation-refused', 'again');
  },
);

t.test('of ten parallel creations one makes the account', async (t) => {
  const { email, password } = somebody();
  const validationID = await idFor(email);

  const answers = await Promise.all(Array.from({ length: 10 }, () => create({ password, validationID })));

  t.same(answers.map(({ status }) => status).sort(), [201, ...Array.from({ length: 9 }, () => 400)].sort());
});

t.test('a creation is refused for its first fault, in the order of the wire', async (t) => {
  const withTerms = await withSettings(t, stage, { TERMS_VERSION: '1' });
  const closed = await withSettings(t, stage, { REGISTRATION: 'off' });
  const { email, password } = somebody();
  const validationID = await idFor(email);
  const faults: [typeof call, object, string][] = [
    [closed.call, {}, 'account-self-creation-not-allowed'],
    [closed.call, { password, validationID }, 'account-self-creation-not-allowed'],
    [withTerms.call, { validationID }, 'missing-password'],
    [withTerms.call, { password: '', conditionValidation: true }, 'missing-password'],
    [withTerms.call, { password: 'short', validationID }, 'password-rules-matching'],
    [withTerms.call, { password, validationID }, 'terms-not-accepted'],
    [withTerms.call, { password, conditionValidation: false }, 'terms-not-accepted'],
    [withTerms.call, { password, conditionValidation: true }, 'refused'],
    [call, { password, validationID: '0'.repeat(128) }, 'refused'],
    [call, { password, validationID: validationID.slice(1) }, 'refused'],
    [call, { password, validationID: [validationID] }, 'refused'],
    [call, { password: `${email.split('@')[0]} 1`, validationID }, 'password-rules-matching'],
  ];

  for (const [way, body, fault] of faults) {
    isResult(t, await way('POST', 'creation/create', { body }), 400, `user-creation-${fault}`);
  }
  isResult(t, await call('POST', 'creation/create'), 400, 'user-creation-missing-password', 'no body');
  const body = { password, validationID, conditionValidation: true };
  isResult(t, await withTerms.call('POST', 'creation/create', { body }), 201, created);
  t.notOk((await withTerms.signin({ email, password })).conditionToValidate, 'terms are accepted with it');
});

t.test('an address that became another account’s meanwhile makes none', async (t) => {
  const person = somebody();
  const validationID = await idFor(person.email);
  await register(person);

  isResult(t, await create({ password: person.password, validationID }), 400, 'user-creation-refused');
});

t.test('where an invitation is needed only its address gets a link, and its roles', async (t) => {
  const invited = await startTowerStage(t, { REGISTRATION: 'open' });
  const only = await withSettings(t, invited, { REGISTRATION: 'invitation' });
  const { email, password } = somebody();
  const offer = { language: 'en', validForSeconds: 60, actor: 'test', email, roles: ['user', 'admin'] };
  const { token: registrationCode } = await createInvitation(invited.store, offer);
  const request = (body: object) => only.call('POST', 'registration/register', { body });

  isResult(t, await request({ email }), 200, received, 'no code');
  isResult(t, await request({ email, registrationCode: 'x' }), 200, received, 'no such code');
  const stranger = somebody().email;
  isResult(t, await request({ email: stranger, registrationCode }), 200, received, 'of somebody else');
  for (const address of [email, stranger]) {
    t.equal(await invited.store.redis.exists(registrationKey(hashOfEmail(address))), 0, 'nothing is kept');
  }

  const body = { email, registrationCode };
  isResult(t, await invited.call('POST', 'registration/register', { body }), 200, received);
  await invited.untilDelivered();
  const [mail] = await invited.mailsTo(email);
  const validationID = /verificationKey=(\S+)/.exec(mail?.text ?? '')?.[1] ?? '';
  isResult(t, await only.call('POST', 'creation/create', { body: { password, validationID } }), 201, created);
  const { jwtToken } = await invited.signin({ email, password });
  t.ok(rolesOf(jwtToken).includes('GOD_ADMIN'));
});

t.test('the configuration tells the settings in force', async (t) => {
  const answer = await call('GET', 'config');
  t.equal(answer.status, 200);
  t.strictSame(answer.body, {
    selfRegistration: true,
    invitationCodeRequired: false,
    registrationLinkByEmail: true,
    autoValidation: true,
    eulaRequired: false,
    subGroupUnderVirtualAllowed: false,
    nonCommunityEdition: false,
    registrationCaptchaRequired: false,
    passwordMinSize: 15,
    passwordMinUpperCase: 0,
    passwordMinLowerCase: 0,
    passwordMinDigits: 0,
    passwordMinSymbols: 0,
    deletionPurgatoryDelayHours: 72,
  });

  const other = await withSettings(t, stage, {
    REGISTRATION: 'invitation',
    TERMS_VERSION: '1',
    PASSWORD_MIN_LENGTH: '20',
    PASSWORD_MIN_DIGITS: '2',
    ACCOUNT_PURGATORY_SECONDS: '86400',
  });
  t.match((await other.call('GET', 'config')).body, {
    selfRegistration: false,
    invitationCodeRequired: true,
    eulaRequired: true,
    passwordMinSize: 20,
    passwordMinDigits: 2,
    deletionPurgatoryDelayHours: 24,
  });
});
