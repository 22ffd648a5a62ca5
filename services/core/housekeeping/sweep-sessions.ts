import { partitions } from '../ids.ts';
import {
  clientsKey,
  deviceClientsKey,
  deviceKey,
  expiryKey,
  sessionIndexKey,
  sessionKey,
  usedGenerationKey,
} from '../redis/keys.ts';
import { toMs } from '../redis/time.ts';
import { ask, type StepContext } from './step.ts';

const dayMs = 86_400_000;
const mostLapsedPerStep = 500;

/** Forgets, in each partition, sessions that lapsed more than a day ago: their clients were kicked long since. */
export async function forgetLapsedSessions({ store, counts, nowMs }: StepContext): Promise<void> {
  const answers = await Promise.all(
    partitions.map((partition) =>
      store.run('expiry-forget-lapsed', [expiryKey(partition)], [dayMs, mostLapsedPerStep, nowMs ?? '']),
    ),
  );
  for (const [, forgotten] of answers) counts.lapsedSessionsForgotten += Number(forgotten);
}

/** Takes ended sessions from the lists of these accounts. A session that has ended never lives again. */
export async function sweepSessionLists(context: StepContext, uids: readonly string[]): Promise<void> {
  const { store, counts } = context;
  const lists = await ask(store, (pipeline) => {
    for (const uid of uids) pipeline.zrange(sessionIndexKey(uid), '0', '-1');
  });
  const listed = uids.flatMap((uid, index) => (lists[index] as string[]).map((sid) => ({ uid, sid })));
  const ended = await onlyEnded(context, listed);
  const removed = await ask(store, (pipeline) => {
    for (const { uid, sid } of ended) pipeline.zrem(sessionIndexKey(uid), sid);
  });
  for (const count of removed) counts.listedSessionsRemoved += Number(count);
}

/**
 * Removes lists of client ids and generations that brokers have seen, `kind` and `id` as in their keys, whose session or
 * device is gone or ended more than a day ago.
 */
export async function sweepConnections(
  { store, counts, nowMs }: StepContext,
  kept: readonly { kind: 'clients' | 'used'; id: string }[],
): Promise<void> {
  const answers = await Promise.all(
    kept.map((each) => store.run('clients-forget-ended', keysOf(each), [dayMs, nowMs ?? ''])),
  );
  counts.connectionsForgotten += answers.filter(([outcome]) => outcome === 'forgotten').length;
}

interface ListedSession {
  uid: string;
  sid: string;
}

async function onlyEnded(
  { store, nowMs }: StepContext,
  listed: readonly ListedSession[],
): Promise<ListedSession[]> {
  const [time, ...sessions] = await ask(store, (pipeline) => {
    pipeline.time();
    for (const { sid } of listed) {
      pipeline.hmget(sessionKey(sid), 'state', 'idleUntilMs', 'absoluteUntilMs');
    }
  });
  const now = nowMs ?? toMs(time as [string, string]);
  return listed.filter((_, index) => {
    const [state, idleUntilMs, absoluteUntilMs] = sessions[index] as (string | null)[];
    return state !== 'active' || Number(idleUntilMs) <= now || Number(absoluteUntilMs) <= now;
  });
}

/** The client ids of a device have `d:` before its id. */
function keysOf({ kind, id }: { kind: 'clients' | 'used'; id: string }): string[] {
  if (kind === 'used') return [sessionKey(id), usedGenerationKey(id)];
  if (!id.startsWith('d:')) return [sessionKey(id), clientsKey(id)];
  const deviceId = id.slice(2);
  return [deviceKey(deviceId), deviceClientsKey(deviceId)];
}
