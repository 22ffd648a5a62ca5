import { Type, type Static } from 'typebox';
import { errorCodes, type ErrorCode } from './error-codes.ts';

/* Wire shapes of the OAuth endpoints: introspection (RFC 7662), revocation (RFC 7009), metadata (RFC 8414). */

const closed = { additionalProperties: false } as const;

/** The form that both endpoints take. Other parameters are dropped, as RFC 6749 3.2 has it. */
export const TokenForm = Type.Object(
  {
    token: Type.String({ minLength: 1, description: 'An access token or a renewal token' }),
    token_type_hint: Type.Optional(
      Type.String({ description: '`access_token` or `refresh_token`; tokens tell apart without it' }),
    ),
    client_id: Type.Optional(Type.String({ description: 'Unless HTTP Basic is used' })),
    client_secret: Type.Optional(Type.String()),
  },
  closed,
);
export type TokenForm = Static<typeof TokenForm>;

/** Of a token that is not good for anything, whatever the cause (RFC 7662 2.2). */
export const Inactive = Type.Object({ active: Type.Literal(false) }, closed);

/** Of a live token. A renewal token has no `token_type` of `Bearer`, and this service alone as its audience. */
export const Active = Type.Object(
  {
    active: Type.Literal(true),
    token_type: Type.Enum(['Bearer', 'refresh_token']),
    scope: Type.Optional(Type.String({ description: 'The permissions that its roles have now' })),
    sub: Type.String({ description: 'The account' }),
    username: Type.String(),
    sid: Type.String({ description: 'The session' }),
    iss: Type.String(),
    aud: Type.String(),
    exp: Type.Integer(),
    iat: Type.Optional(Type.Integer()),
    jti: Type.Optional(Type.String()),
    role: Type.Optional(Type.String()),
    auth_time: Type.Integer({ description: 'When its person last signed in or stepped up' }),
    amr: Type.Array(Type.String()),
  },
  closed,
);
export type Active = Static<typeof Active>;

/** The answer about a token. */
export const Introspection = Type.Union([Active, Inactive], { description: 'What is known of the token' });
export type Introspection = Static<typeof Introspection>;

/** What there is, and nothing else: no authorization and no token endpoint, so no grant and no response type. */
export const ServerMetadata = Type.Object(
  {
    issuer: Type.String(),
    jwks_uri: Type.String(),
    response_types_supported: Type.Array(Type.String()),
    grant_types_supported: Type.Array(Type.String()),
    introspection_endpoint: Type.String(),
    introspection_endpoint_auth_methods_supported: Type.Array(Type.String()),
    revocation_endpoint: Type.String(),
    revocation_endpoint_auth_methods_supported: Type.Array(Type.String()),
  },
  { description: 'RFC 8414' },
);
export type ServerMetadata = Static<typeof ServerMetadata>;

/** The errors of this dialect (RFC 6749 5.2, and 4.1.2.1 for what is wrong with the server). */
export const oauthErrors = [
  'invalid_request',
  'invalid_client',
  'unauthorized_client',
  'temporarily_unavailable',
  'server_error',
] as const;
export type OauthError = (typeof oauthErrors)[number];

const Failure = Type.Object({
  error: Type.Enum([...oauthErrors]),
  error_description: Type.String(),
});

const everywhere = ['VAL_INVALID_FORMAT', 'SYS_INTERNAL_ERROR', 'SYS_SERVICE_UNAVAILABLE'] as const;

/** Response schemas by status for the codes that a route can answer with; those of every route are added. */
export function oauthFailures(...codes: ErrorCode[]): Record<number, typeof Failure> {
  const byStatus = Map.groupBy(new Set([...everywhere, ...codes]), (code) => errorCodes[code].status);
  const responses = [...byStatus].map(([status, own]) => {
    const description = own.map((code) => errorCodes[code].sentence).join(' ');
    return [status, Type.Object(Failure.properties, { description })];
  });
  return Object.fromEntries(responses) as Record<number, typeof Failure>;
}
