import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { changeAnswers, readAnswers, ReasonBody, toLimit } from '../../../../contract/admin.ts';
import {
  DeviceItem,
  DevicePage,
  DevicePath,
  DevicesQuery,
  DeviceWithKey,
  NewDeviceBody,
  RotatedKey,
  RotateKeyBody,
} from '../../../../contract/admin-devices.ts';
import { Nothing, success } from '../../../../contract/native.ts';
import { listDevices } from '../../../../core/devices/device.ts';
import {
  create,
  disable,
  enable,
  getDevice,
  remove,
  rotateKey,
} from '../../../use-cases/admin/change-devices.ts';
import { succeed } from '../answers.ts';
import { toDeviceItem } from './answers.ts';
import type { AdminOptions } from './dialect.ts';
import { adminOf } from './guard.ts';
import { needs, needsFresh } from './route.ts';

/** Routes about devices. */
export const deviceRoutes: FastifyPluginAsyncTypebox<AdminOptions> = async (app, { context }) => {
  app.get('/devices', listOptions, async (request) => {
    const { cursor = '', limit } = request.query;
    const page = await listDevices(context.store, cursor, toLimit(limit));
    return succeed(request, { ...page, devices: page.devices.map(toDeviceItem) });
  });

  app.get('/devices/:id', getOptions, async (request) =>
    succeed(request, toDeviceItem(await getDevice(context, request.params.id))),
  );

  app.post('/devices', createOptions, async (request, reply) => {
    const { id, label = '', owner = '', roles = ['device'] } = request.body;
    const created = await create(context, adminOf(request), { id, label, owner, roles });
    const answer = { device: toDeviceItem(created.device), key: created.key };
    return reply.status(201).send(succeed(request, answer));
  });

  app.post('/devices/:id/rotate-key', rotateOptions, async (request) => {
    const rotation = { id: request.params.id, overlapSeconds: request.body?.overlap_seconds ?? 0 };
    const { key, oldKeyUntilMs } = await rotateKey(context, adminOf(request), rotation);
    return succeed(request, { key, old_key_until: new Date(oldKeyUntilMs).toISOString() });
  });

  app.post('/devices/:id/disable', disableOptions, async (request) => {
    const act = { id: request.params.id, reason: request.body?.reason ?? 'disabled-by-admin' };
    await disable(context, adminOf(request), act);
    return succeed(request, {});
  });

  app.post('/devices/:id/enable', enableOptions, async (request) => {
    const act = { id: request.params.id, reason: request.body?.reason ?? 'enabled-by-admin' };
    await enable(context, adminOf(request), act);
    return succeed(request, {});
  });

  app.delete('/devices/:id', removeOptions, async (request) => {
    const act = { id: request.params.id, reason: request.body?.reason ?? 'deleted-by-admin' };
    await remove(context, adminOf(request), act);
    return succeed(request, {});
  });
};

const listOptions = needs('devices.read', {
  summary: 'Devices, a page at a time',
  querystring: DevicesQuery,
  response: readAnswers(DevicePage, 'A page of devices'),
});

const getOptions = needs('devices.read', {
  summary: 'One device',
  params: DevicePath,
  response: readAnswers(DeviceItem, 'The device', 'RES_NOT_FOUND'),
});

const { 200: _, ...createFailures } = changeAnswers(Nothing, '', 'RES_DEVICE_ID_TAKEN', 'VAL_UNKNOWN_ROLE');

const createOptions = needs('devices.write', {
  summary: 'Create a device',
  description: 'Its key is shown this once. Nobody gives roles that permit more than their own.',
  body: NewDeviceBody,
  response: { 201: success(DeviceWithKey, 'The device with its key'), ...createFailures },
});

const rotateOptions = needsFresh('devices.write', {
  summary: 'Give a device a new key',
  description: 'It is shown this once. The old one is void at once, or after an overlap.',
  params: DevicePath,
  body: RotateKeyBody,
  response: changeAnswers(RotatedKey, 'The new key', 'RES_NOT_FOUND', 'RES_KEY_OVERLAP'),
});

const disableOptions = needsFresh('devices.write', {
  summary: 'Disable a device',
  description: 'Its next check, on every broker, is denied.',
  params: DevicePath,
  body: ReasonBody,
  response: changeAnswers(Nothing, 'The device is disabled', 'RES_NOT_FOUND'),
});

const enableOptions = needs('devices.write', {
  summary: 'Enable a device',
  params: DevicePath,
  body: ReasonBody,
  response: changeAnswers(Nothing, 'The device is enabled', 'RES_NOT_FOUND'),
});

const removeOptions = needsFresh('devices.write', {
  summary: 'Delete a device',
  params: DevicePath,
  body: ReasonBody,
  response: changeAnswers(Nothing, 'The device is deleted', 'RES_NOT_FOUND'),
});
