import { requirePasswordChange } from '../../../services/core/accounts/require-password-change.ts';
import { denied, granted, heldOf, type Hands } from '../dialect-stage.ts';
import type { Pending } from '../adapter.ts';
import type { Behaviours } from './behaviour.ts';
import type { Test } from 'tap';

/** Behaviours of sign-ins that have steps left. */
export const steps: Behaviours = {
  'a second factor is asked for, and its code completes the sign-in': async (t, hands) => {
    const { dialect, secondFactor, mqttOf } = hands;
    const enrolled = await secondFactor.enrol();

    const begun = await begin(hands, enrolled.person);
    t.same(begun.steps, ['second-factor']);
    await opensNothing(t, hands, begun, enrolled.person.username);
    const held = heldOf(await dialect.enterCode(begun, await secondFactor.codeOf(enrolled.secret)));

    t.equal((await dialect.readOwn(held.accessToken)).status, 200);
    t.same(await mqttOf(held), granted);
    const renewed = heldOf(await dialect.renew(held.renewalToken));
    t.equal((await dialect.readOwn(renewed.accessToken)).status, 200, 'a renewal asks for no code again');
  },

  'a code that was used here is used up elsewhere': async (t, hands) => {
    const { dialect, elsewhere, secondFactor } = hands;
    const { person, secret } = await secondFactor.enrol();
    const code = await secondFactor.codeOf(secret);
    heldOf(await dialect.enterCode(await begin(hands, person), code));

    const again = await elsewhere.signIn(person);
    if (again.kind !== 'pending') throw new Error('no code was asked for');

    t.equal((await elsewhere.enterCode(again.pending, code)).kind, 'refused');
  },

  'a backup code completes one sign-in': async (t, hands) => {
    const { dialect, secondFactor } = hands;
    const { person, backupCodes } = await secondFactor.enrol();
    const [code = ''] = backupCodes;

    heldOf(await dialect.enterCode(await begin(hands, person), code));

    t.not((await dialect.enterCode(await begin(hands, person), code)).kind, 'signed-in');
  },

  'five wrong codes end the sign-in': async (t, hands) => {
    const { dialect, secondFactor } = hands;
    const { person, secret } = await secondFactor.enrol();
    const right = await secondFactor.codeOf(secret);
    const wrong = right === '000000' ? '111111' : '000000';

    let pending = await begin(hands, person);
    for (let i = 0; i < 5; i += 1) {
      const outcome = await dialect.enterCode(pending, wrong);
      t.not(outcome.kind, 'signed-in');
      if (outcome.kind === 'pending') pending = outcome.pending;
    }

    t.not((await dialect.enterCode(pending, right)).kind, 'signed-in');
  },

  'a due change of password comes before anything else': async (t, hands) => {
    const { dialect, store, register } = hands;
    const { person, uid } = await register();
    await requirePasswordChange(store, { uid, actor: 'test' });

    const begun = await begin(hands, person);

    t.same(begun.steps, ['password-change']);
    await opensNothing(t, hands, begun, person.username);
    if (!dialect.changeDuePassword) return;
    const next = `another ${person.password}`;
    const held = heldOf(await dialect.changeDuePassword(begun, { current: person.password, next }));
    t.equal((await dialect.readOwn(held.accessToken)).status, 200);
    t.equal((await dialect.signIn({ ...person, password: next })).kind, 'signed-in');
  },

  'terms in force come before anything else': async (t, hands) => {
    const { person } = await hands.register();
    const dialect = await hands.withSettings({ TERMS_VERSION: '2026-01' });

    const begun = await begin({ ...hands, dialect }, person);

    t.same(begun.steps, ['terms']);
    await opensNothing(t, hands, begun, person.username);
    if (!dialect.acceptTerms) return;
    const held = heldOf(await dialect.acceptTerms(begun, '2026-01'));
    t.equal((await dialect.readOwn(held.accessToken)).status, 200);
  },
};

async function begin({ dialect }: Pick<Hands, 'dialect'>, person: Parameters<Hands['dialect']['signIn']>[0]) {
  const outcome = await dialect.signIn(person);
  if (outcome.kind === 'pending') return outcome.pending;
  throw new Error(`expected steps, got ${outcome.kind}: ${outcome.answer.text}`);
}

/** What a sign-in with steps left has given so far is good for its steps only. */
async function opensNothing(t: Test, hands: Hands, { tempToken }: Pending, username: string): Promise<void> {
  if (tempToken === undefined) return;
  const { dialect, elsewhere, mqttOf } = hands;
  t.ok(dialect.isError(await dialect.readOwn(tempToken)));
  t.ok(elsewhere.isError(await elsewhere.readOwn(tempToken)));
  t.equal((await dialect.renew(tempToken)).kind, 'refused');
  const mqtt = { username, client_id: tempToken.slice(0, 22) };
  t.equal((await mqttOf({ accessToken: tempToken, renewalToken: '', mqtt })).connect, denied.connect);
}
