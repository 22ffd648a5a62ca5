import { findAccount } from '../../core/accounts/account.ts';
import type { AuditEvent } from '../../core/audit/events.ts';
import {
  createDevice,
  deleteDevice,
  disableDevice,
  enableDevice,
  rotateDeviceKey,
} from '../../core/devices/change-device.ts';
import { findDevice, listDevices, type Device } from '../../core/devices/device.ts';
import { confirmEnded } from '../../core/leases/confirm-ended.ts';
import type { Store } from '../../core/redis/store.ts';
import { CliError } from '../cli-error.ts';
import { countConnected, describeClient } from '../client-output.ts';
import { timed, type CommandContext } from '../context.ts';
import { list, table, toUtc, type Answer } from '../output.ts';
import { confirm } from '../terminal.ts';
import type { ChangeOptions } from './accounts.ts';
import { getAccount } from './get-account.ts';
import { assertKnownRoles } from './known-roles.ts';

export type { ChangeOptions };

/** What `device create` takes beside the id. */
export interface NewDeviceOptions {
  label?: string;
  owner?: string;
  role?: string[];
}

/** What `device rotate-key` takes beside the id. */
export interface RotationOptions {
  /** How long the old key still works, in s. */
  overlap: number;
  yes?: true;
}

/** Enough for a device that fetches its key once a day. */
export const defaultOverlapSeconds = 86_400;

const devicesPerPage = 500;

/** Creates a device and shows its key, this once. */
export async function create(
  { store, actor, tell }: CommandContext,
  id: string,
  { label = '', owner, role: roles = ['device'] }: NewDeviceOptions,
): Promise<Answer> {
  await assertKnownRoles(store, roles);
  const account = owner === undefined ? undefined : await getAccount(store, owner);
  const uid = account?.uid ?? '';
  const key = await createDevice(store, { id, label, owner: uid, roles, actor });
  if (key === undefined) throw new CliError(`there is a device ${id} already`);
  tell('device-created', { device: id, ...(uid && { uid }) });
  const signIn = { mqttUsername: `d:${id}`, mqttClientId: id };
  const withRoles = `${roles.length === 1 ? 'role' : 'roles'} ${roles.join(', ')}`;
  return {
    json: { id, label, owner: uid, roles, state: 'active', ...signIn, key },
    text: [`Created device ${id} with ${withRoles}.`, ...keyLines(id, key)].join('\n'),
  };
}

/** All devices, by id within each partition. */
export async function listAll({ store }: CommandContext): Promise<Answer> {
  const devices: Device[] = [];
  let cursor: string | undefined = '';
  while (cursor !== undefined) {
    const page = await listDevices(store, cursor, devicesPerPage);
    devices.push(...page.devices);
    cursor = page.next;
  }
  devices.sort((a, b) => a.id.localeCompare(b.id, 'en'));
  const names = await ownerNames(store, devices);
  const rows = devices.map((device) => [
    device.id,
    device.state,
    device.label,
    device.roles.join(', '),
    names.get(device.owner) ?? device.owner,
    toUtc(device.lastSeenMs),
    String(device.clients.length),
    countConnected(device.clients),
    toUtc(device.createdAtMs),
  ]);
  return { json: devices, text: rows.length === 0 ? 'There is no device.' : table(deviceHeader, rows) };
}

/** One device and the client ids that it has connected with. */
export async function show({ store }: CommandContext, id: string): Promise<Answer> {
  const device = await getDevice(store, id);
  const names = await ownerNames(store, [device]);
  const clients = device.clients.map(describeClient);
  const text = list({
    id: device.id,
    state: device.state,
    label: device.label,
    roles: device.roles.join(', '),
    owner: names.get(device.owner) ?? device.owner,
    created: toUtc(device.createdAtMs),
    'key since': toUtc(device.keyChangedAtMs),
    'old key until': toUtc(device.oldKeyUntilMs),
    'last seen': toUtc(device.lastSeenMs),
    'client ids': clients.join(', '),
  });
  return { json: device, text };
}

/** Gives a device a new key and shows it, this once. */
export async function rotateKey(
  { store, actor, tell }: CommandContext,
  id: string,
  { overlap: overlapSeconds, yes }: RotationOptions,
): Promise<Answer> {
  await getDevice(store, id);
  if (overlapSeconds === 0) {
    await confirm(`Void the key of ${id} and close its connections?`, yes ? { yes } : {});
  }
  const { result, durable } = await timed(() => rotateDeviceKey(store, { id, overlapSeconds, actor }));
  if (result.outcome === 'unknown') throw noDevice(id);
  if (result.outcome === 'overlap') throw overlapGoesOn(id, result.untilMs);
  tell('device-key-rotated', { device: id });
  const { key, oldKeyUntilMs } = result;
  const old =
    overlapSeconds === 0
      ? `The old key of ${id} is void, and so are its connections; durable in ${durable.durableInMs} ms.`
      : `The old key of ${id} works until ${toUtc(oldKeyUntilMs)}.`;
  return { json: { id, key, oldKeyUntilMs, ...durable }, text: [old, ...keyLines(id, key)].join('\n') };
}

/** Disables a device: denied from its next check on, and disconnected. */
export async function disable(context: CommandContext, id: string, options: ChangeOptions): Promise<Answer> {
  await getDevice(context.store, id);
  await confirm(`Disable ${id} and close its connections?`, options);
  return change(context, id, options, {
    work: disableDevice,
    done: 'Disabled',
    state: 'disabled',
    event: 'device-disabled',
  });
}

/** Enables a device; the key that it has works again. */
export async function enable(context: CommandContext, id: string, options: ChangeOptions): Promise<Answer> {
  await getDevice(context.store, id);
  return change(context, id, options, {
    work: enableDevice,
    done: 'Enabled',
    state: 'active',
    event: 'device-enabled',
  });
}

/** Deletes a device; its id can be used again, its key can't. That there is none is confirmed as well. */
export async function remove(context: CommandContext, id: string, options: ChangeOptions): Promise<Answer> {
  if (!(await findDevice(context.store, id))) {
    await confirmEnded(context.store, { deviceId: id });
    throw noDevice(id);
  }
  await confirm(`Delete ${id} for good and close its connections?`, options);
  return change(context, id, options, {
    work: deleteDevice,
    done: 'Deleted',
    state: 'deleted',
    event: 'device-deleted',
  });
}

const deviceHeader = [
  'ID',
  'STATE',
  'LABEL',
  'ROLES',
  'OWNER',
  'LAST SEEN',
  'CLIENT IDS',
  'CONNECTED',
  'CREATED',
];

interface Change {
  work: typeof disableDevice;
  done: string;
  state: 'active' | 'disabled' | 'deleted';
  event: AuditEvent;
}

async function change(
  { store, actor, tell }: CommandContext,
  id: string,
  { reason }: ChangeOptions,
  { work, done, state, event }: Change,
): Promise<Answer> {
  const { result: found, durable } = await timed(() => work(store, { id, reason, actor }));
  if (!found) throw noDevice(id);
  tell(event, { device: id, reason });
  const effect = state === 'active' ? '.' : ': no check that starts now is granted.';
  return {
    json: { id, state, ...durable },
    text: `${done} device ${id}, durable in ${durable.durableInMs} ms${effect}`,
  };
}

function keyLines(id: string, key: string): string[] {
  return [
    `Its key, shown only now: ${key}`,
    `It connects with username d:${id}, client id ${id} (or ${id}.<suffix>) and the key as password.`,
  ];
}

async function getDevice(store: Store, id: string): Promise<Device> {
  const device = await findDevice(store, id);
  if (!device) throw noDevice(id);
  return device;
}

/** Usernames by uid; an owner that is deleted has none. */
async function ownerNames(store: Store, devices: readonly Device[]): Promise<Map<string, string>> {
  const uids = [...new Set(devices.map(({ owner }) => owner))].filter(Boolean);
  const accounts = await Promise.all(uids.map((uid) => findAccount(store, uid)));
  return new Map(
    accounts.filter((account) => account !== undefined).map(({ uid, username }) => [uid, username]),
  );
}

function noDevice(id: string): CliError {
  return new CliError(`there is no device ${id}`);
}

function overlapGoesOn(id: string, untilMs: number): CliError {
  return new CliError(
    `two keys of ${id} work until ${toUtc(untilMs)}: wait, or void both at once by --overlap 0`,
  );
}
