import type { Test } from 'tap';
import {
  publish,
  publishRetained,
  signIn,
  openClient,
  subscribe,
  type Qos,
  type RawClient,
  type Version,
} from './mqtt-outcomes.ts';
import { openPluginStage, type PluginStage } from './plugin-stage.ts';

/** DENY and ERR of the table of outcomes: the webhook answers 403 or 500. */
export type Verdict = 'denial' | 'error';

export type CheckName = 'user' | 'read' | 'write' | 'subscribe';

/** A broker with the plugin and a webhook that grants everything except what a scene forbids. */
export interface Stage extends PluginStage {
  /** From now on that check of that client ends so; undefined = granted again. */
  rule: (check: CheckName, clientId: string, verdict: Verdict | undefined) => void;
}

/** One scenario: what the clients saw, in the order `who: events`. */
export type Scenario = (scene: Scene) => Promise<string>;

interface Scene {
  stage: Stage;
  version: Version;
  /** Undefined = granted. */
  verdict: Verdict | undefined;
  /** Unique for the scene: topic, and prefix of all client ids. */
  name: string;
}

const ACCESS_NAMES: Record<number, CheckName> = { 1: 'read', 2: 'write', 4: 'subscribe' };

/** Starts broker and webhook. */
export async function openStage(t: Test): Promise<Stage> {
  const { broker, webhook } = await openPluginStage(t);
  const verdicts = new Map<string, Verdict>();
  webhook.answerWith(({ check }) => {
    const name = check.kind === 'user' ? 'user' : ACCESS_NAMES[check.acc ?? 0];
    const verdict = verdicts.get(`${name} ${check.clientid}`);
    return verdict === undefined ? 200 : verdict === 'denial' ? 403 : 500;
  });
  const rule: Stage['rule'] = (check, clientId, verdict) => {
    if (verdict) verdicts.set(`${check} ${clientId}`, verdict);
    else verdicts.delete(`${check} ${clientId}`);
  };
  return { broker, webhook, rule };
}

/** A sign-in whose user check ends with the verdict. */
export const signInScenario: Scenario = async (scene) => {
  scene.stage.rule('user', `${scene.name}-p`, scene.verdict);

  const client = openClient(credentials(scene, 'p'));

  const first = await client.next();
  return `client: ${words(scene, first === 'closed' ? [first] : [first, await client.next()])}`;
};

/** A publish whose WRITE check ends with the verdict. */
export function publishScenario(qos: Qos): Scenario {
  return async (scene) => {
    const reader = await enter(scene, 'r');
    const publisher = await enter(scene, 'p');
    await subscribe(reader, scene.name, qos);
    scene.stage.rule('write', `${scene.name}-p`, scene.verdict);

    const seen = await publish(publisher, scene.name, qos);

    return `publisher: ${words(scene, seen)}; reader: ${words(scene, await seenUpToMarker(scene, reader))}`;
  };
}

/** A SUBSCRIBE whose check ends with the verdict. */
export const subscribeScenario: Scenario = async (scene) => {
  const reader = await enter(scene, 'r');
  const publisher = await enter(scene, 'p');
  scene.stage.rule('subscribe', `${scene.name}-r`, scene.verdict);

  const seen = await subscribe(reader, scene.name, 1);

  await publish(publisher, scene.name, 1);
  const received = seen.includes('closed') ? [] : await reader.settle();
  return `reader: ${words(scene, [...seen, ...received])}`;
};

/** A delivery whose READ check ends with the verdict, while a second reader is allowed to read. */
export function deliveryScenario(qos: Qos): Scenario {
  return async (scene) => {
    const reader = await enter(scene, 'r');
    const other = await enter(scene, 'o');
    const publisher = await enter(scene, 'p');
    await subscribe(reader, scene.name, 0);
    await subscribe(other, scene.name, 0);
    scene.stage.rule('read', `${scene.name}-r`, scene.verdict);

    const seen = await publish(publisher, scene.name, qos);

    const refused = await reader.settle();
    scene.stage.rule('read', `${scene.name}-r`, undefined);
    const later = await seenUpToMarker(scene, reader);
    const undisturbed =
      scene.verdict === 'error' ? '' : `; other reader: ${words(scene, await other.settle())}`;
    return `publisher: ${words(scene, seen)}; reader: ${words(scene, [...refused, ...later])}${undisturbed}`;
  };
}

/** A delivery to a persistent session that is offline, whose READ check ends with the verdict. */
export const offlineDeliveryScenario: Scenario = async (scene) => {
  const reader = await enter(scene, 'r', { clean: false });
  const publisher = await enter(scene, 'p');
  await subscribe(reader, scene.name, 1);
  await reader.leave();
  scene.stage.rule('read', `${scene.name}-r`, scene.verdict);

  const seen = await publish(publisher, scene.name, 1);

  scene.stage.rule('read', `${scene.name}-r`, undefined);
  const back = await enter(scene, 'r', { clean: false });
  return `publisher: ${words(scene, seen)}; reader: ${words(scene, await seenUpToMarker(scene, back))}`;
};

/** A retained message whose READ check ends with the verdict when somebody subscribes. */
export const retainedScenario: Scenario = async (scene) => {
  const reader = await enter(scene, 'r');
  const publisher = await enter(scene, 'p');
  await publishRetained(publisher, scene.name, 'retained');
  scene.stage.rule('read', `${scene.name}-r`, scene.verdict);

  const seen = await subscribe(reader, scene.name, 0);

  scene.stage.rule('read', `${scene.name}-r`, undefined);
  const allowed = await subscribe(reader, scene.name, 0);
  return `reader: ${words(scene, seen)}; when allowed: ${words(scene, allowed)}`;
};

/** A message queued for a persistent session, whose READ check ends with the verdict when the session comes back. */
export const queuedScenario: Scenario = async (scene) => {
  const reader = await enter(scene, 'r', { clean: false });
  const publisher = await enter(scene, 'p');
  await subscribe(reader, scene.name, 1);
  await reader.leave();
  await publish(publisher, scene.name, 1, 'queued');
  scene.stage.rule('read', `${scene.name}-r`, scene.verdict);

  const back = await enter(scene, 'r', { clean: false });
  const seen = await back.settle();

  await back.leave();
  scene.stage.rule('read', `${scene.name}-r`, undefined);
  const again = await enter(scene, 'r', { clean: false });
  return `reader: ${words(scene, seen)}; when allowed: ${words(scene, await seenUpToMarker(scene, again))}`;
};

/** A will whose WRITE check ends with the verdict. */
export const willScenario: Scenario = async (scene) => {
  const reader = await enter(scene, 'r');
  const will = { topic: scene.name, payload: 'will', qos: 0 as const, retain: false };
  const publisher = await enter(scene, 'p', { will });
  await subscribe(reader, scene.name, 0);
  scene.stage.rule('write', `${scene.name}-p`, scene.verdict);
  const asked = scene.stage.webhook.requests.length;

  await publisher.drop();

  await scene.stage.broker.waitForLog(new RegExp(`${scene.name}-p (closed its connection|disconnected)`));
  const seen = await seenUpToMarker(scene, reader);
  const checks = scene.stage.webhook.requests
    .slice(asked)
    .filter(({ check }) => check.clientid === `${scene.name}-p`);
  return `reader: ${words(scene, seen)}; checks: ${checks.map(({ check }) => check.acc).join(',')}`;
};

async function enter(scene: Scene, role: string, more: object = {}): Promise<RawClient> {
  return signIn({ ...credentials(scene, role), ...more });
}

function credentials(scene: Scene, role: string) {
  const { port } = scene.stage.broker;
  return {
    port,
    version: scene.version,
    clientId: `${scene.name}-${role}`,
    username: role,
    password: 'right',
  };
}

/** What the reader got before a message that everybody may send and read: proof that nothing else is on its way. */
async function seenUpToMarker(scene: Scene, reader: RawClient): Promise<string[]> {
  const marker = await enter(scene, 'm');
  await publish(marker, scene.name, 0, 'marker');
  await marker.leave();
  return reader.settle();
}

/** Events in one line; of a received message only the payload. */
function words(scene: Scene, events: string[]): string {
  return events.map((event) => event.replace(`publish ${scene.name}=`, '')).join(' ') || 'nothing';
}
