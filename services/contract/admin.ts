import { Type, type Static, type TSchema } from 'typebox';
import { bodyFaults, failures, mailLanguage, success, timestamp, tokenFaults } from './native.ts';
import type { ErrorCode } from './error-codes.ts';

/* Wire shapes of the admin API, `/api/admin/*`, in the envelopes of the native dialect. */

/** Nothing but the members that are named. */
export const closed = { additionalProperties: false } as const;
/** Text without control characters. */
export const noControls = '^[^\\x00-\\x1f\\x7f]*$';
/** The form of account and session ids. */
export const idPattern = '^[A-Za-z0-9_-]{22}$';

/** How many items a page is to have, in a query. */
export const pageLimit = Type.Optional(
  Type.String({ pattern: '^([1-9][0-9]?|100)$', description: '1 to 100; 50 if absent' }),
);
/** In a page: where the next one begins. */
export const next = Type.Optional(
  Type.String({ description: 'The cursor of the next page; absent if there is none' }),
);
/** In a query: where the page begins. */
export const cursorOf = (pattern: string) =>
  Type.Optional(Type.String({ pattern, description: 'The `next` of the page before' }));
/** Names of roles. */
export const roleNames = Type.Array(Type.String({ pattern: '^[A-Za-z0-9_.-]{1,64}$' }), { maxItems: 16 });
/** A time, or null. */
export const optionalTime = Type.Union([timestamp, Type.Null()]);

/** How many items a page has, from the query's text. */
export function toLimit(text: string | undefined): number {
  return Number(text ?? 50);
}

/** Path with an account's id. */
export const AccountPath = Type.Object({ uid: Type.String({ pattern: idPattern }) });

/** Path of DELETE /sessions/{sid}. */
export const AnySessionPath = Type.Object({ sid: Type.String({ pattern: idPattern }) });

/** Body of an act that takes a reason; it may also be absent. */
export const ReasonBody = Type.Union([
  Type.Object(
    {
      reason: Type.Optional(
        Type.String({ minLength: 1, maxLength: 200, pattern: noControls, description: 'For the audit' }),
      ),
    },
    closed,
  ),
  Type.Null(),
]);

/** Query of GET /accounts. */
export const AccountsQuery = Type.Object(
  {
    search: Type.Optional(
      Type.String({
        maxLength: 254,
        pattern: noControls,
        description: 'A part of a username, e-mail address or full name, in any letter case',
      }),
    ),
    login: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 254,
        pattern: noControls,
        description: 'A whole username or e-mail address, in any letter case; found at once',
      }),
    ),
    state: Type.Optional(
      Type.Enum(['active', 'disabled', 'deleted'], { description: 'Only accounts in this state' }),
    ),
    cursor: cursorOf(idPattern),
    limit: pageLimit,
  },
  closed,
);

/** An account as an operator sees it. */
export const AdminAccount = Type.Object({
  id: Type.String(),
  username: Type.String(),
  email: Type.String(),
  email_verified: Type.Boolean(),
  unverified_email: Type.String({ description: 'Becomes the e-mail address once it is verified' }),
  full_name: Type.String(),
  language: Type.String(),
  roles: Type.Array(Type.String()),
  state: Type.Enum(['active', 'disabled', 'deleted']),
  purge_at: Type.Union([timestamp, Type.Null()], {
    description: 'When a deleted account is removed for good',
  }),
  locked: Type.Boolean({
    description: 'By an operator; unlock lifts it. A locked account is `disabled`, too',
  }),
  must_change_password: Type.Boolean(),
  terms_version: Type.String(),
  created_at: timestamp,
});
export type AdminAccount = Static<typeof AdminAccount>;

/** `data` of GET /accounts. */
export const AccountPage = Type.Object({ accounts: Type.Array(AdminAccount), next });

/** `data` of GET /accounts/{uid}. */
export const AccountDetails = Type.Object({
  ...AdminAccount.properties,
  permissions: Type.Array(Type.String()),
  second_factor: Type.Enum(['none', 'totp', 'email']),
  backup_codes_left: Type.Integer(),
  password_changed_at: optionalTime,
});

/** `data` of a change of an account's state. */
export const StateChanged = Type.Object({
  changed: Type.Boolean({ description: 'false = it was so already' }),
  ended_sessions: Type.Integer(),
});

/** `data` of DELETE /accounts/{uid}. */
export const Deleted = Type.Object({ ...StateChanged.properties, purge_at: optionalTime });

/** `data` of POST /accounts/{uid}/restore. */
export const Restored = Type.Object({
  changed: Type.Boolean({ description: 'false = it was not deleted' }),
  state: Type.Enum(['active', 'disabled']),
});

/** `data` of acts that may find nothing to do. */
export const Changed = Type.Object({ changed: Type.Boolean({ description: 'false = it was so already' }) });

/** Body of PUT /accounts/{uid}/roles. */
export const RolesBody = Type.Object({ roles: roleNames }, closed);

/** `data` of PUT /accounts/{uid}/roles. */
export const Roles = Type.Object({ roles: Type.Array(Type.String()) });

/** `data` of POST /accounts/{uid}/end-sessions. */
export const SessionsEnded = Type.Object({ ended_sessions: Type.Integer() });

/** Body of POST /sessions/end-all, which may be absent for the first step. */
export const EndAllBody = Type.Union([
  Type.Object(
    {
      cursor: cursorOf(idPattern),
      reason: Type.Optional(Type.String({ minLength: 1, maxLength: 200, pattern: noControls })),
    },
    closed,
  ),
  Type.Null(),
]);

/** `data` of POST /sessions/end-all. */
export const EndAllProgress = Type.Object({
  accounts: Type.Integer({ description: 'Looked at in this step' }),
  ended_sessions: Type.Integer({ description: 'Ended in this step' }),
  next,
});

/** Path with an invitation's id. */
export const InvitationPath = Type.Object({ id: Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' }) });

/** Body of POST /invitations. */
export const NewInvitationBody = Type.Object(
  {
    email: Type.Optional(
      Type.String({
        maxLength: 254,
        pattern: '^[^\\s@\\x00-\\x1f\\x7f]{1,64}@[^\\s@\\x00-\\x1f\\x7f]+$',
        description: 'The only address that may use it',
      }),
    ),
    roles: Type.Optional(roleNames),
    language: Type.Optional(mailLanguage),
    valid_for_seconds: Type.Optional(
      Type.Integer({ minimum: 60, maximum: 2_592_000, description: '7 days if absent' }),
    ),
  },
  closed,
);

const InvitationItem = Type.Object({
  id: Type.String(),
  email: Type.String(),
  roles: Type.Array(Type.String()),
  language: Type.String(),
  actor: Type.String(),
  valid_until: timestamp,
});

/** `data` of GET /invitations. */
export const InvitationList = Type.Object({ invitations: Type.Array(InvitationItem) });

/** `data` of POST /invitations. */
export const Invited = Type.Object({
  invitation: InvitationItem,
  token: Type.Optional(Type.String({ description: 'Only where it was not mailed; never shown again' })),
});

/** Response schemas of a route that reads. */
export function readAnswers<Data extends TSchema>(data: Data, description: string, ...codes: ErrorCode[]) {
  return {
    200: success(data, description),
    ...failures(...tokenFaults, 'AUTH_INSUFFICIENT_PERMISSIONS', ...codes),
  };
}

/** Response schemas of a route that changes something. */
export function changeAnswers<Data extends TSchema>(data: Data, description: string, ...codes: ErrorCode[]) {
  return readAnswers(
    data,
    description,
    ...bodyFaults,
    'AUTH_STEP_UP_REQUIRED',
    'SYS_NOT_DURABLE',
    'SYS_BUSY',
    ...codes,
  );
}
