import t from 'tap';
import { revokeSession } from '../../services/core/sessions/revoke-sessions.ts';
import { startBrokerStage, withoutKicks } from '../support/broker-stage.ts';
import { publish, subscribe } from '../support/mqtt-outcomes.ts';
import { plain } from './adapters/plain.ts';
import { runBehaviours } from './behaviours.ts';

/** Nobody is kicked here: each refusal is the check's own. */
const broker = await startBrokerStage(t, withoutKicks);
const { signInSomebody, store } = await runBehaviours(t, plain, {}, broker);

t.test('plain: a session that is revoked elsewhere is denied by the real broker', async (t) => {
  const { held, uid } = await signInSomebody();
  const { username, client_id: sid } = held.mqtt;
  const session = { uid, sid, username, clientId: sid, token: held.accessToken, accessUntilMs: 0 };
  const client = await broker.connect(session);
  await subscribe(client, 'room/plain', 1);
  t.same(await publish(client, 'room/plain', 1), ['publish room/plain=x', 'puback']);

  await revokeSession(store, sid, { uid, reason: 'test', actor: 'operator' });

  t.same(await publish(client, 'room/plain', 1), ['puback 135'], 'neither written nor delivered');
  await client.leave();
  t.equal(await broker.knock(session).next(), 'connack 135');
});
