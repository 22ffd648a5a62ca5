import { Type } from 'typebox';
import { closed, idPattern, pageLimit, next, cursorOf } from './admin.ts';
import { ClientState } from './admin-devices.ts';
import { timestamp } from './native.ts';

/* Wire shapes of the admin API: the audit log and connected clients. */

const auditFilters = {
  uid: Type.Optional(Type.String({ pattern: idPattern, description: 'Only what concerns this account' })),
};

/** Query of GET /audit. */
export const AuditQuery = Type.Object(
  {
    ...auditFilters,
    event: Type.Optional(Type.String({ pattern: '^[a-z-]{1,64}$' })),
    cursor: cursorOf('^[0-9]{1,16}-[0-9]{1,16}$'),
    limit: pageLimit,
  },
  closed,
);

/** Query of GET /audit/export. */
export const AuditExportQuery = Type.Object(
  {
    ...auditFilters,
    since: Type.Optional(
      Type.String({
        pattern: '^[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,3})?Z$',
        description: 'ISO 8601, UTC',
      }),
    ),
  },
  closed,
);

/** `data` of GET /audit. */
export const AuditPage = Type.Object({
  entries: Type.Array(
    Type.Object({
      id: Type.String(),
      at: timestamp,
      event: Type.String(),
      outcome: Type.String(),
      actor: Type.String({ description: 'The id of an account, or who else it was' }),
      uid: Type.Optional(Type.String()),
      sid: Type.Optional(Type.String()),
      device: Type.Optional(Type.String()),
      ip: Type.Optional(Type.String()),
      reason: Type.Optional(Type.String()),
    }),
  ),
  next,
});

/** Query of GET /clients; the form of the cursor is the core's. */
export const ClientsQuery = (cursorPattern: string) =>
  Type.Object({ cursor: cursorOf(cursorPattern), limit: pageLimit }, closed);

/** `data` of GET /clients. */
export const ClientPage = Type.Object({
  clients: Type.Array(
    Type.Object({
      ...ClientState.properties,
      user_id: Type.Optional(Type.String()),
      username: Type.Optional(Type.String()),
      session_id: Type.Optional(Type.String()),
      device_id: Type.Optional(Type.String()),
    }),
  ),
  next,
});
