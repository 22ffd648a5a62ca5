import { createAccount } from '../../../services/core/accounts/create-account.ts';
import { disableAccount } from '../../../services/core/accounts/change-account-state.ts';
import { seen } from '../../support/seen.ts';
import { somebody, type Person } from '../../support/session-service.ts';
import { granted, heldOf, type Hands } from '../dialect-stage.ts';
import type { Behaviours } from './behaviour.ts';

const wrong = 'not the password at all';

/** Behaviours of the sign-in itself. */
export const signingIn: Behaviours = {
  'a sign-in gives tokens that open the API and MQTT': async (t, { dialect, signInSomebody, mqttOf }) => {
    const { held, person } = await signInSomebody();

    t.equal((await dialect.readOwn(held.accessToken)).status, 200);
    t.equal(held.mqtt.username, person.username);
    t.same(await mqttOf(held), granted);
  },

  'a session that was opened here is known elsewhere': async (t, { dialect, elsewhere, signInSomebody }) => {
    const { held } = await signInSomebody();

    t.equal((await elsewhere.readOwn(held.accessToken)).status, 200);
    const renewed = heldOf(await elsewhere.renew(held.renewalToken));
    t.equal((await dialect.readOwn(renewed.accessToken)).status, 200);
  },

  'every failed sign-in looks the same': async (t, hands) => {
    const { dialect } = hands;
    const unknown = await dialect.signIn({ ...somebody(), password: wrong });

    t.equal(unknown.kind, 'refused');
    t.ok(dialect.isError(unknown.answer), unknown.answer.text);
    for (const [why, person] of await whoFail(hands)) {
      const refused = await dialect.signIn(person);
      t.equal(refused.kind, 'refused', why);
      t.same(seen(refused.answer), seen(unknown.answer), why);
    }
  },

  'five failures delay the right password, unknown names alike, and nothing shows it': async (t, hands) => {
    const { dialect, register } = hands;
    const { person } = await register();
    for (const who of [person, somebody()]) {
      const wrongAnswer = await failOften(hands, who);

      const blocked = await dialect.signIn(who);

      t.equal(blocked.kind, 'refused');
      t.same(seen(blocked.answer), seen(wrongAnswer));
    }
  },

  'a password that is no text is refused, not looked at': async (t, { dialect, register }) => {
    const { person } = await register();

    for (const password of [[person.password], { $ne: '' }, 1, true, null, '']) {
      const answer = await dialect.signInWith(person, password);
      t.match(answer.status, /^40[013]$/, JSON.stringify(password));
      t.ok(dialect.isError(answer), answer.text);
    }
  },
};

async function whoFail(hands: Hands): Promise<[string, Person][]> {
  const { store, register } = hands;
  const [{ person: known }, disabled, { person: delayed }] = [
    await register(),
    await register(),
    await register(),
  ];
  await disableAccount(store, { uid: disabled.uid, reason: 'test', actor: 'operator' });
  await failOften(hands, delayed);
  const bare = somebody();
  const { username, email } = bare;
  await createAccount(store, { username, email, roles: ['user'], passwordHash: '', actor: 'test' });
  return [
    ['a wrong password', { ...known, password: wrong }],
    ['a disabled account', disabled.person],
    ['a delayed account', delayed],
    ['an account without a password', bare],
  ];
}

async function failOften({ dialect }: Hands, person: Person) {
  for (let i = 0; i < 4; i += 1) await dialect.signIn({ ...person, password: wrong });
  return (await dialect.signIn({ ...person, password: wrong })).answer;
}
