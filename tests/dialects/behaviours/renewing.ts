import { disableAccount } from '../../../services/core/accounts/change-account-state.ts';
import { sessionKey } from '../../../services/core/redis/keys.ts';
import { denied, granted, heldOf, type Hands } from '../dialect-stage.ts';
import type { Behaviours } from './behaviour.ts';

/** Behaviours of renewal (design: renewal table). */
export const renewing: Behaviours = {
  'a renewal gives a new pair, for the API and for MQTT': async (t, hands) => {
    const { dialect, signInSomebody, mqttOf } = hands;
    const { held } = await signInSomebody();

    const renewed = heldOf(await dialect.renew(held.renewalToken));

    t.not(renewed.renewalToken, held.renewalToken);
    t.not(renewed.accessToken, held.accessToken);
    t.same(renewed.mqtt, held.mqtt);
    t.equal((await dialect.readOwn(renewed.accessToken)).status, 200);
    t.same(await mqttOf(renewed), granted);
  },

  'a renewal whose answer was lost is repeated': async (t, hands) => {
    const { dialect, signInSomebody } = hands;
    const { held } = await signInSomebody();
    const lost = heldOf(await dialect.renew(held.renewalToken));
    await age(hands, held.mqtt.client_id, 3600);

    const repeated = heldOf(await dialect.renew(held.renewalToken));

    t.equal(repeated.renewalToken, lost.renewalToken);
    t.equal((await dialect.renew(repeated.renewalToken)).kind, 'signed-in');
  },

  'twenty renewals at once are one': async (t, { dialect, signInSomebody }) => {
    const { held } = await signInSomebody();

    const renewals = await Promise.all(Array.from({ length: 20 }, () => dialect.renew(held.renewalToken)));

    t.equal(new Set(renewals.map((renewal) => heldOf(renewal).renewalToken)).size, 1);
  },

  'a reused renewal token ends its session, here and on MQTT': async (t, hands) => {
    const { dialect, signInSomebody, mqttOf } = hands;
    const { held } = await signInSomebody();
    const child = heldOf(await dialect.renew(held.renewalToken));
    await dialect.readOwn(child.accessToken);
    await age(hands, held.mqtt.client_id, 11);

    const reuse = await dialect.renew(held.renewalToken);

    t.equal(reuse.kind, 'refused');
    t.ok(dialect.isError(reuse.answer), reuse.answer.text);
    t.ok(dialect.isError(await dialect.readOwn(child.accessToken)));
    t.equal((await dialect.renew(child.renewalToken)).kind, 'refused');
    t.same(await mqttOf(child), denied);
  },

  'a forged renewal token touches nothing': async (t, { dialect, signInSomebody }) => {
    const { held } = await signInSomebody();

    const refused = await dialect.renew(
      `${held.renewalToken.split('.').slice(0, 3).join('.')}.${'A'.repeat(43)}`,
    );

    t.equal(refused.kind, 'refused');
    t.equal((await dialect.renew(held.renewalToken)).kind, 'signed-in');
  },

  'a renewal token opens neither the API nor MQTT': async (t, { dialect, signInSomebody, mqttOf }) => {
    const { held } = await signInSomebody();

    t.ok(dialect.isError(await dialect.readOwn(held.renewalToken)));
    t.equal((await mqttOf({ ...held, accessToken: held.renewalToken })).connect, 403);
  },

  'a disabled account renews nothing': async (t, { dialect, store, signInSomebody, mqttOf }) => {
    const { held, uid } = await signInSomebody();

    await disableAccount(store, { uid, reason: 'test', actor: 'operator' });

    t.equal((await dialect.renew(held.renewalToken)).kind, 'refused');
    t.ok(dialect.isError(await dialect.readOwn(held.accessToken)));
    t.same(await mqttOf(held), denied);
  },
};

/** As if `seconds` more had passed since the session's rotation. */
async function age({ store }: Hands, sid: string, seconds: number): Promise<void> {
  await store.redis.hincrby(sessionKey(sid), 'rotatedAtMs', -seconds * 1000);
}
