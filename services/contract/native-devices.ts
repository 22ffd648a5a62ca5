import { Type, type Static } from 'typebox';
import { ClientState } from './admin-devices.ts';
import { closed, cursorOf, next, optionalTime, pageLimit } from './admin.ts';
import { timestamp } from './native.ts';

/* Wire shapes of the native dialect for the devices of the signed-in account. */

/** Query of GET /devices. */
export const OwnDevicesQuery = Type.Object(
  { cursor: cursorOf('^[A-Za-z0-9_-]{1,64}$'), limit: pageLimit },
  closed,
);

/** A device as its owner sees it. */
export const OwnDevice = Type.Object({
  id: Type.String(),
  label: Type.String(),
  state: Type.Enum(['active', 'disabled']),
  disabled_by: Type.Union([Type.Enum(['self', 'operator']), Type.Null()], {
    description: 'What an operator has disabled its owner cannot enable',
  }),
  created_at: timestamp,
  key_changed_at: timestamp,
  old_key_until: Type.Union([timestamp, Type.Null()], { description: 'Until when the key before works' }),
  last_seen: optionalTime,
  clients: Type.Array(ClientState),
});
export type OwnDevice = Static<typeof OwnDevice>;

/** `data` of GET /devices. */
export const OwnDevicePage = Type.Object({ devices: Type.Array(OwnDevice), next });
