import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { toLimit } from '../../../contract/admin.ts';
import { DevicePath, RotatedKey, RotateKeyBody } from '../../../contract/admin-devices.ts';
import { OwnDevicePage, OwnDevicesQuery, type OwnDevice } from '../../../contract/native-devices.ts';
import { bodyFaults, failures, Nothing, success, tokenFaults } from '../../../contract/native.ts';
import type { Device } from '../../../core/devices/device.ts';
import { listOwnedDevices } from '../../../core/devices/owned-devices.ts';
import { callerOf } from '../../session-context.ts';
import { disableOwn, enableOwn, rotateOwnKey } from '../../use-cases/own-devices.ts';
import { requireSession, sessionOf } from '../signed-in.ts';
import { toClientState, toTime } from './admin/answers.ts';
import { succeed } from './answers.ts';
import type { NativeOptions } from './public-routes.ts';

/** What people see of their own devices, and what they do with them. Operators create them and take them away. */
export const ownDeviceRoutes: FastifyPluginAsyncTypebox<NativeOptions> = async (app, { context }) => {
  requireSession(app, context);

  app.get('/devices', { schema: listSchema }, async (request) => {
    const { uid } = sessionOf(request);
    const { cursor = '', limit } = request.query;
    const page = await listOwnedDevices(context.store, uid, { cursor, limit: toLimit(limit) });
    return succeed(request, { ...page, devices: page.devices.map(toOwnDevice) });
  });

  app.post('/devices/:id/disable', { schema: disableSchema }, async (request) => {
    await disableOwn(context, sessionOf(request), request.params.id, callerOf(request));
    return succeed(request, {});
  });

  app.post('/devices/:id/enable', { schema: enableSchema }, async (request) => {
    await enableOwn(context, sessionOf(request), request.params.id, callerOf(request));
    return succeed(request, {});
  });

  app.post('/devices/:id/rotate-key', { schema: rotateSchema }, async (request) => {
    const rotation = { id: request.params.id, overlapSeconds: request.body?.overlap_seconds ?? 0 };
    const rotated = await rotateOwnKey(context, sessionOf(request), rotation, callerOf(request));
    const { key, oldKeyUntilMs } = rotated;
    return succeed(request, { key, old_key_until: new Date(oldKeyUntilMs).toISOString() });
  });
};

/** The owner learns that an operator acted, not which one. */
function toOwnDevice(device: Device): OwnDevice {
  const { id, label, state, owner, stateBy } = device;
  const disabledBy = stateBy === owner ? 'self' : 'operator';
  return {
    ...{ id, label, state },
    disabled_by: state === 'disabled' ? disabledBy : null,
    created_at: new Date(device.createdAtMs).toISOString(),
    key_changed_at: new Date(device.keyChangedAtMs).toISOString(),
    old_key_until: toTime(device.oldKeyUntilMs),
    last_seen: toTime(device.lastSeenMs),
    clients: device.clients.map(toClientState),
  };
}

const tags = ['device'];
const security = [{ accessToken: [] }];
const changeFaults = [
  ...tokenFaults,
  ...bodyFaults,
  'AUTH_STEP_UP_REQUIRED',
  'RES_NOT_FOUND',
  'SYS_NOT_DURABLE',
] as const;
const fresh =
  'Needs a fresh sign-in (`POST /api/auth/step-up`). Other people’s devices are as unknown as none.';

const listSchema = {
  summary: 'The devices of the account, a page at a time',
  description: 'A page may have fewer than `limit`; the last one has no `next`.',
  ...{ tags, security },
  querystring: OwnDevicesQuery,
  response: { 200: success(OwnDevicePage, 'A page of devices'), ...failures(...tokenFaults) },
};

const disableSchema = {
  summary: 'Disable a device of the account',
  description: `Its next check, on every broker, is denied. ${fresh}`,
  ...{ tags, security },
  params: DevicePath,
  response: { 200: success(Nothing, 'The device is disabled'), ...failures(...changeFaults) },
};

const enableSchema = {
  summary: 'Enable a device of the account',
  description: `Not one that an operator has disabled. ${fresh}`,
  ...{ tags, security },
  params: DevicePath,
  response: {
    200: success(Nothing, 'The device is enabled'),
    ...failures(...changeFaults, 'AUTH_INSUFFICIENT_PERMISSIONS'),
  },
};

const rotateSchema = {
  summary: 'Give a device of the account a new key',
  description: `It is shown this once. The old one is void at once, or after an overlap. ${fresh}`,
  ...{ tags, security },
  params: DevicePath,
  body: RotateKeyBody,
  response: { 200: success(RotatedKey, 'The new key'), ...failures(...changeFaults, 'RES_KEY_OVERLAP') },
};
