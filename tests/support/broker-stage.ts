import type { Test } from 'tap';
import type { Rule } from '../../services/core/acl/rules.ts';
import { replaceRules } from '../../services/core/rules/replace-rules.ts';
import { openClient, signIn, type RawClient, type SignIn } from './mqtt-outcomes.ts';
import type { TestStackOptions } from './stack.ts';
import { startWebhookStage, type SignedIn, type WebhookStage } from './webhook-service.ts';

type ClientOptions = Partial<Omit<SignIn, 'port'>>;

/** Redis, webhook service and a real broker, whose clients may all use `room/#` beside their own topics. */
export interface BrokerStage extends WebhookStage {
  /** Connects as a session; throws unless it is granted. */
  connect(session: SignedIn, options?: ClientOptions): Promise<RawClient>;
  /** Sends the CONNECT of a session; the first event is the broker's answer. */
  knock(session: SignedIn, options?: ClientOptions): RawClient;
}

const own: Rule = { effect: 'allow', access: ['read', 'write', 'subscribe'], filter: 'users/%u/#' };
const room: Rule = { effect: 'allow', access: ['read', 'write', 'subscribe'], filter: 'room/#' };

/** The settings by which nobody is kicked, so that the checks have to hold by themselves. */
export const withoutKicks: TestStackOptions = { settings: { webhook: { BROKER_URLS: '' } } };

/** Starts Redis, the webhook service and Mosquitto with our plugin for `t`. */
export async function startBrokerStage(t: Test, options: TestStackOptions = {}): Promise<BrokerStage> {
  const stage = await startWebhookStage(t, { parts: ['redis', 'webhook', 'mosquitto'], ...options });
  await replaceRules(
    stage.store,
    { version: '0', roles: { user: { permissions: [], rules: [own, room] } } },
    { actor: 'test' },
  );
  const asked = ({ username, token, clientId }: SignedIn, more: ClientOptions = {}): SignIn => ({
    ...{ port: stage.stack.ports.mqtt, clientId, username, password: token },
    ...more,
  });
  return {
    ...stage,
    connect: (session, more) => signIn(asked(session, more)),
    knock: (session, more) => openClient(asked(session, more)),
  };
}
