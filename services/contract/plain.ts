import { Type, type Static } from 'typebox';
import { errorCodes, type ErrorCode } from './error-codes.ts';
import { Mqtt } from './native.ts';

/*
 * Wire shapes of the plain dialect: `/login`, `/refresh`, `/logout`, `/me`. Lengths of request fields only bound what
 * is looked at; the rules about passwords and names are the core's.
 */

const closed = { additionalProperties: false } as const;
const renewalToken = Type.Optional(Type.String({ minLength: 1, maxLength: 1024 }));
const transport = Type.Optional(
  Type.Enum(['body', 'cookie'], {
    description: 'Where the renewal token travels: `cookie` keeps it out of reach of scripts',
  }),
);

/** Body of POST /login. Other members are dropped. */
export const LoginBody = Type.Object(
  {
    username: Type.String({ minLength: 1, maxLength: 254, description: 'A username or an e-mail address' }),
    password: Type.String({ minLength: 1, description: 'Any Unicode; blanks and case count' }),
    transport,
  },
  closed,
);

/** Body of POST /login/verify. */
export const VerifyBody = Type.Object(
  {
    tempToken: Type.String({ minLength: 1, maxLength: 1024, description: 'As POST /login gave it' }),
    code: Type.String({ minLength: 1, maxLength: 64, description: 'Of the authenticator, or a backup code' }),
    transport,
  },
  closed,
);

/** Body of POST /refresh and POST /logout; without a token in it, that of the cookie counts. */
export const RenewalBody = Type.Union([
  Type.Object({ refreshToken: renewalToken, refresh_token: renewalToken }, closed),
  Type.Null(),
]);
export type RenewalBody = Static<typeof RenewalBody>;

const tokenMembers = {
  refreshToken: Type.Optional(Type.String({ description: 'Absent where it travels in the cookie' })),
  expiresIn: Type.Integer({ description: 'Seconds until the access token lapses' }),
  refreshExpiresIn: Type.Integer({ description: 'Seconds until an unused renewal token lapses' }),
  mqtt: Mqtt,
};

const described = { description: 'The current tokens of the session' };

/** The pair of tokens of a session, under both names that the access token may have. */
export const TokensByName = {
  token: Type.Object({ token: Type.String(), ...tokenMembers }, described),
  accessToken: Type.Object({ accessToken: Type.String(), ...tokenMembers }, described),
};
export type Tokens = Static<(typeof TokensByName)['token']> | Static<(typeof TokensByName)['accessToken']>;

/** The answer to a right password that a code has to follow. */
export const SecondFactorAsked = Type.Object({
  requires2fa: Type.Literal(true),
  tempToken: Type.String({ description: 'For POST /login/verify' }),
});

/** Body of the answer to POST /logout. */
export const SignedOut = Type.Object(
  { signedOut: Type.Literal(true) },
  { description: 'The session is ended' },
);

/** The signed-in account. */
export const Me = Type.Object(
  {
    sub: Type.String(),
    name: Type.String(),
    email: Type.String(),
    role: Type.String(),
    username: Type.String(),
    permissions: Type.Array(Type.String(), { description: '`*` = all, else `resource.action`' }),
  },
  { description: 'The account' },
);

/** Problem details (RFC 9457) with one of `codes`. */
function problem(codes: readonly ErrorCode[]) {
  return Type.Object({
    type: Type.Literal('about:blank'),
    title: Type.String({ description: 'The phrase of the status' }),
    status: Type.Integer(),
    detail: Type.String(),
    code: Type.Unsafe<ErrorCode>({ type: 'string', enum: codes }),
    field: Type.Optional(Type.String({ description: 'The request field at fault' })),
    steps: Type.Optional(Type.Array(Type.String(), { description: 'What the sign-in waits for' })),
    requestId: Type.Optional(Type.String()),
  });
}

const everywhere = ['VAL_INVALID_FORMAT', 'SYS_INTERNAL_ERROR', 'SYS_SERVICE_UNAVAILABLE'] as const;

/** Response schemas by status for the codes that a route can answer with; those of every route are added. */
export function problems(...codes: ErrorCode[]) {
  const byStatus = Map.groupBy(new Set([...everywhere, ...codes]), (code) => errorCodes[code].status);
  const responses = [...byStatus].map(([status, own]) => {
    const description = own.map((code) => `${code}: ${errorCodes[code].sentence}`).join('\n\n');
    return [status, { description, content: { 'application/problem+json': { schema: problem(own) } } }];
  });
  return Object.fromEntries(responses) as Record<number, object>;
}
