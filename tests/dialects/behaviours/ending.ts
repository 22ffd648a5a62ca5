import { revokeSession } from '../../../services/core/sessions/revoke-sessions.ts';
import { denied, granted, heldOf } from '../dialect-stage.ts';
import type { Behaviours } from './behaviour.ts';

/** Behaviours of the ends of sessions. */
export const ending: Behaviours = {
  'a sign-out ends what it says at once, here, elsewhere and on MQTT': async (t, hands) => {
    const { dialect, elsewhere, signInSomebody, mqttOf } = hands;
    const { person, held } = await signInSomebody();
    const other = heldOf(await dialect.signIn(person));

    t.equal((await dialect.signOut(held)).status, 200);

    for (const speaker of [dialect, elsewhere]) {
      t.ok(speaker.isError(await speaker.readOwn(held.accessToken)), speaker.name);
      t.equal((await speaker.renew(held.renewalToken)).kind, 'refused', speaker.name);
    }
    t.same(await mqttOf(held), denied);
    t.same(await mqttOf(other), dialect.signOutEnds === 'session' ? granted : denied, 'the other session');
  },

  'a session that is revoked elsewhere is over here and at the next check of MQTT': async (t, hands) => {
    const { dialect, store, signInSomebody, mqttOf } = hands;
    const { held, uid } = await signInSomebody();
    t.same(await mqttOf(held), granted);

    await revokeSession(store, held.mqtt.client_id, { uid, reason: 'test', actor: 'operator' });

    t.same(await mqttOf(held), denied);
    t.ok(dialect.isError(await dialect.readOwn(held.accessToken)));
    t.equal((await dialect.renew(held.renewalToken)).kind, 'refused');
  },

  'a sign-out elsewhere is one here': async (t, { dialect, elsewhere, signInSomebody, mqttOf }) => {
    const { held } = await signInSomebody();

    t.equal((await elsewhere.signOut(held)).status, 200);

    t.ok(dialect.isError(await dialect.readOwn(held.accessToken)));
    t.same(await mqttOf(held), denied);
  },

  'a change of password ends all other sessions': async (
    t,
    { dialect, elsewhere, signInSomebody, mqttOf },
  ) => {
    const { person, held } = await signInSomebody();
    const other = heldOf(await dialect.signIn(person));
    const next = `another ${person.password}`;

    const speaker = dialect.changePassword ? dialect : elsewhere;
    const changed = await speaker.changePassword?.(held, { current: person.password, next });
    t.equal(changed?.status, 200);

    t.ok(dialect.isError(await dialect.readOwn(other.accessToken)));
    t.equal((await dialect.renew(other.renewalToken)).kind, 'refused');
    t.same(await mqttOf(other), denied);
    t.equal((await dialect.signIn(person)).kind, 'refused', 'the old password');
    t.equal((await dialect.signIn({ ...person, password: next })).kind, 'signed-in');
  },

  'what is no route is refused in the shape of the dialect': async (t, { dialect, service: { ask } }) => {
    const unknown = await ask('GET', dialect.unknownPath);

    t.match(unknown.status, /^40[034]$/);
    t.ok(dialect.isError(unknown), unknown.text);
  },

  'a call without a token, or with a forged one, is refused in the shape of the dialect': async (
    t,
    hands,
  ) => {
    const { dialect, signInSomebody } = hands;
    const { held } = await signInSomebody();

    for (const token of ['forged', `${held.accessToken.slice(0, -9)}AAAAAAAAA`, 'x'.repeat(5000)]) {
      const answer = await dialect.readOwn(token);
      t.match(answer.status, /^40[13]$/);
      t.ok(dialect.isError(answer), answer.text);
    }
  },
};
