import type { Test } from 'tap';
import { counterFileOf } from '../../services/stack/parts/services.ts';
import { startDeviceStage, type DeviceStage } from './device-stage.ts';
import { metricOf, untilHolding } from './holder-stage.ts';
import { publish, signIn, subscribe, type RawClient } from './mqtt-outcomes.ts';
import { until } from './until.ts';
import type { SignedIn, WebhookStage } from './webhook-service.ts';

/** Redis, webhook service and a real broker with near cache and decision cache; nobody is kicked. */
export interface DecisionStage extends DeviceStage {
  counterFile: string;
  /** Connects as a session, with MQTT 5; throws unless it is granted. */
  connect(session: SignedIn, port?: number): Promise<RawClient>;
}

/** Starts them for `t`, with a lease of `leaseMs`. */
export async function startDecisionStage(t: Test, { leaseMs = 1000 } = {}): Promise<DecisionStage> {
  const stage = await startDeviceStage(t, {
    decisionCache: true,
    settings: { webhook: { BROKER_URLS: '', LEASE_MS: String(leaseMs) } },
  });
  await untilHolding(stage);
  return {
    ...stage,
    counterFile: counterFileOf(stage.stack.runDir),
    connect: ({ clientId, username, token }, port = stage.stack.ports.mqtt) =>
      signIn({ port, clientId, username, password: token }),
  };
}

/** How many ACL checks a service has granted so far. */
export function grantsBy(service: WebhookStage): Promise<number> {
  return metricOf(service, 'bednet_checks_total{check="acl",reason="none"}');
}

/** Does something until no service is asked for it any more. */
export async function untilRemembered(
  services: readonly WebhookStage[],
  act: () => Promise<unknown>,
): Promise<void> {
  const count = async () => (await Promise.all(services.map(grantsBy))).reduce((sum, one) => sum + one, 0);
  const isRemembered = async () => {
    const before = await count();
    await act();
    return (await count()) === before;
  };
  await until(isRemembered, { what: 'grants that the broker remembers' });
}

/** Whether a publish with QoS 1 is granted; false also if the broker closes the connection. */
export async function mayPublish(client: RawClient, topic: string): Promise<boolean> {
  return (await publish(client, topic, 1)).some((event) => /^puback( 16)?$/.test(event));
}

/** Whether a subscription is granted, with QoS 0, as these clients acknowledge nothing. */
export async function maySubscribe(client: RawClient, filter: string): Promise<boolean> {
  return (await subscribe(client, filter, 0)).some((event) => event === 'suback 0');
}

/** Whether what `speaker` publishes reaches `listener`. */
export async function doesReach(speaker: RawClient, listener: RawClient, topic: string): Promise<boolean> {
  await publish(speaker, topic, 1);
  return (await listener.settle()).some((event) => event.startsWith(`publish ${topic}=`));
}
