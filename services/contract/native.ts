import { Type, type Static, type TSchema } from 'typebox';
import { errorCodes, type ErrorCode } from './error-codes.ts';

/*
 * Wire shapes of the native dialect, `/api/auth/*`. Lengths of request fields only bound what is looked at; the
 * rules about passwords and names are the core's.
 */

const closed = { additionalProperties: false } as const;
/** A time as every answer writes it. */
export const timestamp = Type.String({ format: 'date-time', description: 'ISO 8601, UTC' });
const loginName = Type.String({
  minLength: 1,
  maxLength: 254,
  description: 'A username or an e-mail address',
});
const password = Type.String({ minLength: 1, description: 'Any Unicode; blanks and case count' });
const renewalToken = Type.String({ minLength: 1, maxLength: 1024 });

/** Of a sign-in that has steps left. */
export const tempToken = Type.String({
  minLength: 1,
  maxLength: 1024,
  description: 'Of the pending sign-in; or as bearer token',
});

/** Languages that mails are written in. */
export const mailLanguage = Type.Enum(['en', 'ar', 'fr'], {
  description: 'Of mails; at a registration by default as Accept-Language asks',
});

/** Body of POST /register. Other members, such as `role`, are dropped. */
export const RegisterBody = Type.Object(
  {
    username: Type.String({ pattern: '^[A-Za-z0-9_.-]{1,64}$', description: 'Unique ignoring case' }),
    email: Type.String({
      maxLength: 254,
      pattern: '^[^\\s@\\x00-\\x1f\\x7f]{1,64}@[^\\s@\\x00-\\x1f\\x7f]+$',
    }),
    password,
    full_name: Type.String({ minLength: 1, maxLength: 200, pattern: '^[^\\x00-\\x1f\\x7f]+$' }),
    language: Type.Optional(mailLanguage),
    invitation: Type.Optional(
      Type.String({ minLength: 1, maxLength: 256, description: 'Token of an invitation' }),
    ),
  },
  closed,
);

/** Where the renewal token travels; `cookie` is for web pages of the allowed origins. */
export const Transport = Type.Enum(['body', 'cookie'], {
  description: 'Where the renewal token travels: `cookie` keeps it out of reach of scripts',
});
export type Transport = Static<typeof Transport>;

/** What a client says to know its device by. Shown and audited, never a proof of anything. */
export const Fingerprint = Type.String({
  pattern: '^[\\x21-\\x7e]{1,64}$',
  description: 'Shown in the list of sessions; proves nothing',
});

/** Body of POST /login. */
export const LoginBody = Type.Object(
  {
    username: loginName,
    password,
    remember: Type.Optional(
      Type.Boolean({ description: 'false = a session that ends soon when it is idle' }),
    ),
    fingerprint: Type.Optional(Fingerprint),
    transport: Type.Optional(Transport),
  },
  closed,
);

/** Body of POST /refresh; without a token in it, that of the cookie counts. */
export const RefreshBody = Type.Union([
  Type.Object({ refresh_token: Type.Optional(renewalToken) }, closed),
  Type.Null(),
]);

/** Body of POST /logout, which may also be absent. */
export const LogoutBody = Type.Union([
  Type.Object({ refresh_token: Type.Optional(renewalToken) }, closed),
  Type.Null(),
]);

/** Body of POST /change-password. The current password has two names; if both come they must be equal. */
export const ChangePasswordBody = Type.Object(
  {
    current_password: Type.Optional(password),
    old_password: Type.Optional(password),
    new_password: password,
    temp_token: Type.Optional(tempToken),
    transport: Type.Optional(Transport),
  },
  closed,
);

/** Path of DELETE /sessions/{id}. */
export const SessionPath = Type.Object({ id: Type.String({ description: 'A session id' }) });

/** An account as its owner sees it. */
export const User = Type.Object({
  id: Type.String(),
  username: Type.String(),
  email: Type.String(),
  full_name: Type.String(),
  language: Type.String({ description: 'Of mails' }),
  role: Type.String(),
  permissions: Type.Array(Type.String(), { description: '`*` = all, else `resource.action`' }),
  is_active: Type.Boolean(),
  created_at: timestamp,
});
export type User = Static<typeof User>;

/** Where to speak MQTT; the password is the access token itself. */
export const Mqtt = Type.Object({
  url: Type.String(),
  websocket_url: Type.String(),
  username: Type.String(),
  client_id: Type.String({
    description: 'The session id; for further connections append `-` and 1–32 characters',
  }),
});

/** The pair of tokens of a session. */
export const Tokens = Type.Object({
  access_token: Type.String(),
  refresh_token: Type.Optional(Type.String({ description: 'Absent where it travels in the cookie' })),
  token_type: Type.Literal('Bearer'),
  expires_in: Type.Integer({ description: 'Seconds until the access token lapses' }),
  refresh_expires_in: Type.Integer({ description: 'Seconds until an unused renewal token lapses' }),
  session_id: Type.String(),
  user: User,
  mqtt: Mqtt,
});
export type Tokens = Static<typeof Tokens>;

/** One live session of the account. */
export const SessionItem = Type.Object({
  id: Type.String(),
  session_id: Type.String(),
  user_id: Type.String(),
  user_role: Type.String(),
  device: Type.String({ description: 'Browser and system, as the user agent says' }),
  browser: Type.String(),
  system: Type.String(),
  device_type: Type.Union([Type.Literal('desktop'), Type.Literal('mobile'), Type.Literal('other')]),
  ip: Type.String(),
  location: Type.Null(),
  fingerprint: Type.Union([Type.String(), Type.Null()]),
  created_at: timestamp,
  last_active: timestamp,
  is_current: Type.Boolean(),
});
export type SessionItem = Static<typeof SessionItem>;

/** `data` of an answer that has nothing to say. */
export const Nothing = Type.Object({});

/** The envelope of a success around `data`. */
export function success<Data extends TSchema>(data: Data, description: string) {
  return Type.Object(
    {
      success: Type.Literal(true),
      status: Type.Literal('success'),
      data,
      message: Type.Optional(Type.String()),
      request_id: Type.String(),
      timestamp,
    },
    { description },
  );
}

/** How the session of a refused token ended. */
export const Ended = Type.Object(
  {
    reason: Type.String({ description: 'Such as `password-changed`' }),
    by: Type.Enum(['self', 'operator', 'system']),
    at: timestamp,
  },
  { description: 'With AUTH_TOKEN_REVOKED: how the session ended' },
);

/** The envelope of a failure with one of `codes`. */
export function failure(codes: readonly ErrorCode[]) {
  return Type.Object(
    {
      success: Type.Literal(false),
      status: Type.Literal('error'),
      error: Type.Object({
        code: Type.Unsafe<ErrorCode>({ type: 'string', enum: codes }),
        message: Type.String(),
        field: Type.Optional(Type.String({ description: 'The request field at fault' })),
        ended: Type.Optional(Ended),
      }),
      message: Type.String(),
      request_id: Type.String(),
      timestamp,
    },
    { description: codes.map((code) => `${code}: ${errorCodes[code].sentence}`).join('\n\n') },
  );
}

/** What every route can answer with, whatever it does. */
const everywhere = ['VAL_INVALID_FORMAT', 'SYS_INTERNAL_ERROR', 'SYS_SERVICE_UNAVAILABLE'] as const;

/** What a route with a body can answer with. */
export const bodyFaults = [
  'VAL_MISSING_FIELD',
  'VAL_INVALID_JSON',
  'VAL_INVALID_REQUEST',
  'VAL_BODY_TOO_LARGE',
  'VAL_MEDIA_TYPE',
] as const;

/** What a route that hashes a presented password can answer with. */
export const passwordFaults = ['VAL_PASSWORD_TOO_LONG', 'VAL_PASSWORD_INVALID', 'SYS_BUSY'] as const;

/** What a route that takes a new password can answer with. */
export const newPasswordFaults = [
  ...passwordFaults,
  'VAL_PASSWORD_TOO_SHORT',
  'VAL_PASSWORD_COMMON',
  'VAL_PASSWORD_CONTEXT',
  'VAL_PASSWORD_COMPOSITION',
] as const;

/** What a route for the signed-in can answer with. */
export const tokenFaults = [
  'AUTH_UNAUTHORIZED',
  'AUTH_INVALID_TOKEN',
  'AUTH_TOKEN_EXPIRED',
  'AUTH_TOKEN_REVOKED',
  'AUTH_SESSION_EXPIRED',
] as const;

/** Response schemas by status for the codes that a route can answer with; those of every route are added. */
export function failures(...codes: ErrorCode[]): Record<number, ReturnType<typeof failure>> {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of new Set([...everywhere, ...codes])) {
    const { status } = errorCodes[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries([...byStatus].map(([status, own]) => [status, failure(own)]));
}
