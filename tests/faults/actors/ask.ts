import { httpRequest } from '../../bench/load/http-connection.ts';
import type { Outcome } from '../history/history.ts';
import type { Random } from '../../support/random.ts';
import type { Host } from '../stage/stage.ts';
import type { Lane } from './lane.ts';
import type { Asker, Topic, World } from './world.ts';

type Recorder = Pick<World, 'history'>;

/** Read, write and subscribe as brokers number them. */
const accesses = [1, 2, 4] as const;

/** Asks a webhook service whether somebody may use a topic, as a broker would. */
export async function askAcl(
  world: Recorder,
  { lane, host }: { lane: Lane; host: Host },
  { asker, topic, random }: { asker: Asker; topic: Topic; random: Random },
): Promise<Outcome> {
  const { username, clientId, separator } = asker;
  const body = {
    acc: random.pick(accesses),
    clientid: `${clientId}${separator}h`,
    topic: `${topic.name}/x`,
    username,
  };
  const request = httpRequest('POST', '/acl', { 'X-Bednet-Key': host.brokerKey }, body);
  const startMs = performance.now();
  const answer = await lane.send(request);
  const outcome = outcomeOf(answer?.status);
  world.history.checks.add({
    ...{ kind: 'acl over HTTP', credential: asker.credential, topic: topic.register, outcome, startMs },
    endMs: performance.now(),
    note: `${host.name} ${reasonOf(answer)}`,
  });
  return outcome;
}

/** Asks a webhook service whether somebody may connect. */
export async function askUser(
  world: Recorder,
  { lane, host }: { lane: Lane; host: Host },
  asker: Asker,
): Promise<Outcome> {
  const { username, clientId, separator, password, credential } = asker;
  const body = { clientid: `${clientId}${separator}h`, password, username };
  const request = httpRequest('POST', '/user', { 'X-Bednet-Key': host.brokerKey }, body);
  const startMs = performance.now();
  const answer = await lane.send(request);
  const outcome = outcomeOf(answer?.status);
  const note = `${host.name} ${reasonOf(answer)}`;
  const endMs = performance.now();
  world.history.checks.add({ kind: 'user over HTTP', credential, outcome, startMs, endMs, note });
  return outcome;
}

/** What a status says: 4xx is a denial, no answer and 5xx say nothing. */
export function outcomeOf(status: number | undefined): Outcome {
  if (status === undefined || status >= 500) return 'unknown';
  return status < 300 ? 'granted' : 'denied';
}

function reasonOf(answer: { status: number; body: string } | undefined): string {
  if (answer === undefined) return 'no answer';
  return /"Error":"([a-z-]*)"/.exec(answer.body)?.[1] || String(answer.status);
}
