import { Type, type Static } from 'typebox';
import { twoFactorTypes } from './tower-control.ts';
import { Acl } from './tower-control-people.ts';

/* Wire shapes of the tower-control dialect for administrators, and of API keys. */

const closed = { additionalProperties: false } as const;
const milliseconds = Type.Integer({ description: 'ms since 1970; 0 = never or not known' });
const login = Type.Optional(
  Type.Union([Type.String({ maxLength: 256, description: 'The `login` of an account' }), Type.Null()]),
);

/** An account in a list. */
export const ListElement = Type.Object({
  login: Type.String(),
  email: Type.String(),
  lastLogin: milliseconds,
  registrationDate: milliseconds,
  deletionDate: Type.Integer({ description: 'When a deleted account is purged; 0 for any other' }),
  countLogin: Type.Integer({ description: 'Sign-ins among its last 100 recorded acts' }),
  active: Type.Boolean(),
  locked: Type.Boolean(),
  passwordExpired: Type.Boolean(),
  apiAccount: Type.Boolean(),
  twoFa: Type.Enum([...twoFactorTypes]),
});
export type ListElement = Static<typeof ListElement>;

/** Body of PUT admin/restore, DELETE admin/delete and admin/purge. */
export const LoginBody = Type.Object({ login }, closed);

/** Body of PUT admin/active, admin/lock and admin/2fa/disable. */
export const StateBody = Type.Object({ login, state: Type.Boolean() }, closed);

/** Body of POST admin/search. */
export const SearchBody = Type.Object({ search: Type.String({ maxLength: 254 }) }, closed);

/** Body of PUT apikey. */
export const ApiKeyBody = Type.Object(
  {
    keyName: Type.String({ minLength: 1, maxLength: 64, pattern: '^[^\\x00-\\x1f\\x7f]+$' }),
    expiration: Type.Optional(
      Type.Integer({ minimum: 0, description: 'ms since 1970; 0 = as late as possible' }),
    ),
    roles: Type.Array(Type.String({ maxLength: 100 }), { maxItems: 16 }),
    acls: Type.Optional(Type.Array(Acl, { maxItems: 16 })),
  },
  closed,
);

/** Answer of GET apikey. */
export const ApiKeys = Type.Array(
  Type.Object({
    id: Type.String({ description: '`apikey_` and 8 hex digits' }),
    keyName: Type.String(),
    expiration: milliseconds,
    roles: Type.Array(Type.String()),
    acls: Type.Array(Acl),
  }),
  { description: 'The API keys of the caller' },
);

/** Path of apikey/{id}/. */
export const ApiKeyPath = Type.Object({ id: Type.String({ maxLength: 64 }) });
