import type { Test } from 'tap';
import { loginKey } from '../../services/core/redis/keys.ts';
import type { Store } from '../../services/core/redis/store.ts';
import { secondFactorHands } from '../support/second-factor.ts';
import { startService, type Person, type SessionStage } from '../support/session-service.ts';
import { startWebhookStage, type WebhookStage } from '../support/webhook-service.ts';
import type { DialectAdapter, Held, MakeAdapter, Outcome } from './adapter.ts';
import { native } from './adapters/native.ts';
import { untilServed } from '../support/until.ts';

/** Somebody with an account, signed in by the dialect under test. */
export interface Somebody {
  person: Person;
  uid: string;
  held: Held;
}

/** What a behaviour works with: a session service and the real webhook service on one Redis. */
export interface Hands {
  dialect: DialectAdapter;
  /** The dialect that is always there, for what happens elsewhere. */
  elsewhere: DialectAdapter;
  store: Store;
  service: Omit<SessionStage, 'store'>;
  webhook: WebhookStage;
  secondFactor: ReturnType<typeof secondFactorHands>;
  register(): Promise<{ person: Person; uid: string }>;
  signInSomebody(): Promise<Somebody>;
  /** What the broker would learn about the next CONNECT and the next PUBLISH of a client. */
  mqttOf(held: Held): Promise<{ connect: number; publish: number }>;
  /** The same dialect on one more service with other settings. */
  withSettings(settings: Record<string, string>): Promise<DialectAdapter>;
}

/** Both answers of the webhook for a client that is let in, and for one that is not. */
export const granted = { connect: 200, publish: 200 };
export const denied = { connect: 403, publish: 403 };

/** Starts what the behaviours of a dialect need. */
export async function startDialectStage(
  t: Test,
  make: MakeAdapter,
  settings: Record<string, string> = {},
  webhookStage?: WebhookStage,
): Promise<Hands> {
  const webhook = webhookStage ?? (await startWebhookStage(t));
  const { stack, store, issuer } = webhook;
  const start = (more: Record<string, string> = {}) =>
    startService(t, stack, { ISSUER: issuer, ...settings, ...more });
  const service = await start();
  const dialect = make(service);

  const register = async () => {
    const person = await service.register();
    const uid = await store.redis.get(loginKey(person.username));
    if (uid === null) throw new Error('the account is not there');
    return { person, uid };
  };
  return {
    ...{ dialect, elsewhere: native(service), store, service, webhook, register },
    secondFactor: secondFactorHands({ ...service, store }),
    signInSomebody: async () => {
      const { person, uid } = await register();
      return { person, uid, held: heldOf(await dialect.signIn(person)) };
    },
    mqttOf: async ({ accessToken, mqtt: { username, client_id: clientid } }) => {
      const connect = await untilServed(() => webhook.askUser({ username, password: accessToken, clientid }));
      const topic = `users/${username}/x`;
      const publish = await untilServed(() => webhook.askAcl({ username, clientid, topic, acc: 2 }));
      return { connect: connect.status, publish: publish.status };
    },
    withSettings: async (more) => make(await start(more)),
  };
}

/** The tokens of an outcome; throws unless it is a whole sign-in. */
export function heldOf(outcome: Outcome): Held {
  if (outcome.kind === 'signed-in') return outcome.held;
  throw new Error(`expected tokens, got ${outcome.kind}: ${outcome.answer.status} ${outcome.answer.text}`);
}
