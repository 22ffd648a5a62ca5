import { fieldsOfConnect, type Connection } from '../connections/connection.ts';
import { sidOfClientId } from '../ids.ts';
import { deviceClientsKey, deviceKey, rulesKey, sessionKey } from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';
import { toMs } from '../redis/time.ts';
import { resultsOf, type Pipeline } from './pipeline-results.ts';

/** The stored device as far as a check looks at it; times in ms. A field that is missing never grants. */
export interface DeviceFacts {
  readonly id: string;
  /** The owner's uid, or ''. */
  readonly owner: string;
  readonly roles: readonly string[];
  readonly state: string;
  readonly keyHash: string;
  /** The key before, which works until `previousKeyUntilMs`. */
  readonly previousKeyHash: string;
  readonly previousKeyUntilMs: number;
  /** It changes when all earlier keys become void, and with them the connections that they opened. */
  readonly epoch: string;
  /** Why and by whom it was disabled or deleted; for the explanation only. */
  readonly endReason: string;
  readonly endActor: string;
}

/** All that a decision about a device depends on, read in one round trip. */
export interface DeviceCheckFacts {
  readonly device: DeviceFacts | undefined;
  /** The device's epoch when this client id connected last; undefined if that is not known. */
  readonly connectedEpoch: string | undefined;
  /** A device id may look like a sid; the client ids of a session that exists are not the device's. */
  readonly isOfSession: boolean;
  /** Undefined while nobody has written rules. */
  readonly rulesVersion: string | undefined;
  /** Redis' clock. */
  readonly nowMs: number;
}

/** A device by its id and one of its client ids. */
export interface DeviceClient {
  readonly deviceId: string;
  readonly clientId: string;
  /** Where its broker reports when connections end. */
  readonly connection?: Connection | undefined;
}

const deviceFields = [
  'id',
  'owner',
  'roles',
  'state',
  'keyHash',
  'previousKeyHash',
  'previousKeyUntilMs',
  'epoch',
  'reason',
  'actor',
] as const;

/** Reads the facts about a device and one of its client ids. Throws what Redis answers, or its timeout. */
export async function readDeviceFacts(store: Store, client: DeviceClient): Promise<DeviceCheckFacts> {
  const pipeline = store.redis.pipeline();
  addReads(pipeline, client);
  return toFacts(resultsOf(await pipeline.exec()));
}

/**
 * Notes a client id with the time and the epoch of the facts that its key was right by, then reads the facts again, in
 * one round trip. Whoever disables the device after the read finds the client id and kicks it. `clients` is how many
 * client ids and connections the device has now.
 */
export async function recordDeviceClientAndReadFacts(
  store: Store,
  client: DeviceClient,
  rightBy: { readonly epoch: string; readonly nowMs: number },
): Promise<{ facts: DeviceCheckFacts; clients: number }> {
  const key = deviceClientsKey(client.deviceId);
  const pipeline = store.redis.pipeline();
  pipeline.hset(key, fieldsOfConnect(client, { seenMs: rightBy.nowMs, epoch: rightBy.epoch })).hlen(key);
  addReads(pipeline, client);
  const [, clients, ...reads] = resultsOf(await pipeline.exec());
  return { facts: toFacts(reads), clients: Number(clients) };
}

function addReads(pipeline: Pipeline, { deviceId, clientId }: DeviceClient): void {
  pipeline
    .hmget(deviceKey(deviceId), ...deviceFields)
    .hget(deviceClientsKey(deviceId), clientId)
    .hget(rulesKey, 'version')
    .time();
  const sid = sidOfClientId(clientId);
  if (sid !== undefined) pipeline.hget(sessionKey(sid), 'uid');
}

function toFacts([device, connection, rulesVersion, time, uid]: unknown[]): DeviceCheckFacts {
  return {
    device: toDeviceFacts(device as (string | null)[]),
    connectedEpoch: (connection as string | null)?.split(' ')[1],
    isOfSession: typeof uid === 'string',
    rulesVersion: (rulesVersion as string | null) ?? undefined,
    nowMs: toMs(time as [string, string]),
  };
}

function toDeviceFacts(values: (string | null)[]): DeviceFacts | undefined {
  const [id, owner, roles, state, keyHash, previousKeyHash, previousKeyUntilMs, epoch, endReason, endActor] =
    values;
  if (!id || !state) return undefined;
  return {
    id,
    owner: owner ?? '',
    roles: (roles ?? '').split(',').filter(Boolean),
    state,
    keyHash: keyHash ?? '',
    previousKeyHash: previousKeyHash ?? '',
    previousKeyUntilMs: Number(previousKeyUntilMs ?? Number.NaN),
    epoch: epoch ?? 'unknown',
    endReason: endReason ?? '',
    endActor: endActor ?? '',
  };
}
