import { Type, type Static } from 'typebox';
import {
  closed,
  noControls,
  idPattern,
  pageLimit,
  next,
  cursorOf,
  roleNames,
  optionalTime,
} from './admin.ts';
import { timestamp } from './native.ts';

/* Wire shapes of the admin API: devices. */

const deviceId = '^[A-Za-z0-9_-]{1,64}$';

/** Path with a device's id. */
export const DevicePath = Type.Object({ id: Type.String({ pattern: deviceId }) });

/** Query of GET /devices. */
export const DevicesQuery = Type.Object(
  { cursor: cursorOf('^[A-Za-z0-9_-]{2,65}$'), limit: pageLimit },
  closed,
);

/** Body of POST /devices. */
export const NewDeviceBody = Type.Object(
  {
    id: Type.String({ pattern: deviceId }),
    label: Type.Optional(Type.String({ maxLength: 200, pattern: noControls })),
    owner: Type.Optional(Type.String({ pattern: idPattern, description: 'The id of an account' })),
    roles: Type.Optional(roleNames),
  },
  closed,
);

/** What is known about a client. */
export const ClientState = Type.Object({
  client_id: Type.String(),
  last_seen: Type.Union([timestamp, Type.Null()], { description: 'Its last CONNECT' }),
  connected: Type.Union([Type.Boolean(), Type.Literal('unknown')], {
    description: '`unknown` where the broker does not report when connections end, or is silent',
  }),
  since: Type.Optional(timestamp),
});

/** A device as an operator sees it. */
export const DeviceItem = Type.Object({
  id: Type.String(),
  label: Type.String(),
  owner: Type.Union([Type.String(), Type.Null()]),
  roles: Type.Array(Type.String()),
  state: Type.Enum(['active', 'disabled']),
  created_at: timestamp,
  key_changed_at: timestamp,
  last_seen: optionalTime,
  clients: Type.Array(ClientState),
});
export type DeviceItem = Static<typeof DeviceItem>;

/** `data` of GET /devices. */
export const DevicePage = Type.Object({ devices: Type.Array(DeviceItem), next });

/** `data` of POST /devices. */
export const DeviceWithKey = Type.Object({
  device: DeviceItem,
  key: Type.String({ description: 'The MQTT password of `d:<id>`; never shown again' }),
});

/** Body of POST /devices/{id}/rotate-key, which may be absent. */
export const RotateKeyBody = Type.Union([
  Type.Object(
    {
      overlap_seconds: Type.Optional(
        Type.Integer({
          minimum: 0,
          maximum: 604_800,
          description: 'How long the old key works on; 0 if absent',
        }),
      ),
    },
    closed,
  ),
  Type.Null(),
]);

/** `data` of POST /devices/{id}/rotate-key. */
export const RotatedKey = Type.Object({
  key: Type.String({ description: 'Never shown again' }),
  old_key_until: timestamp,
});
