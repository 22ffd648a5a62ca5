import { Type, type Static, type TSchema } from 'typebox';
import { twoFactorTypes } from './tower-control.ts';

/*
 * Wire shapes of the tower-control dialect that are about accounts: profiles, roles, groups, lists of administrators and
 * API keys. Lengths of request members only bound what is kept.
 */

const closed = { additionalProperties: false } as const;
const noControls = '^[^\\x00-\\x1f\\x7f]*$';
const milliseconds = Type.Integer({ description: 'ms since 1970; 0 = never or not known' });
const short = Type.String({ maxLength: 100, pattern: noControls });
const names = (maxItems: number) => Type.Array(Type.String({ maxLength: 100 }), { maxItems });
const optional = <Schema extends TSchema>(schema: Schema) => Type.Optional(schema);

/** An account in a request; an absent or empty one has a message key of its own. */
const login = optional(
  Type.Union([Type.String({ maxLength: 256, description: 'The `login` of an account' }), Type.Null()]),
);

/** A field that an account's owner or an application gave it. */
export const CustomField = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 64, pattern: noControls }),
  value: Type.String({ maxLength: 256 }),
});

/** Roles of an account in one group. */
export const Acl = Type.Object({
  group: Type.String({ maxLength: 32 }),
  localName: short,
  roles: names(16),
});
export type Acl = Static<typeof Acl>;

/** Answer of GET profile/basic. */
export const Profile = Type.Object(
  {
    email: Type.String(),
    login: Type.String(),
    firstName: Type.String(),
    lastName: Type.String(),
    mobileNumber: Type.String(),
    isoCountryCode: Type.String(),
    language: Type.String(),
    passwordExpirationMs: milliseconds,
    lastComMessageSeen: milliseconds,
    roles: Type.Array(Type.String()),
    acls: Type.Array(Acl),
    customFields: Type.Array(CustomField),
    twoFAConfig: Type.Enum([...twoFactorTypes]),
  },
  { description: 'The profile of the caller' },
);
export type Profile = Static<typeof Profile>;

/** Body of PUT profile/basic; what is absent stays, but for the language, which has to come. */
export const BasicBody = Type.Object(
  {
    login,
    firstName: optional(short),
    lastName: optional(short),
    mobileNumber: optional(Type.String({ maxLength: 32, pattern: noControls })),
    isoCountryCode: optional(Type.String({ pattern: '^([A-Za-z]{2})?$' })),
    language: optional(Type.Union([Type.String({ maxLength: 100 }), Type.Null()])),
    customFields: optional(Type.Array(CustomField, { maxItems: 32 })),
  },
  closed,
);

/** Body of PUT profile/customfield. */
export const CustomFieldBody = Type.Object(
  { login, customFields: optional(Type.Array(CustomField, { maxItems: 32 })) },
  closed,
);

const considered = {
  login,
  considerRoles: optional(Type.Boolean()),
  considerGroups: optional(Type.Boolean()),
  considerACLs: optional(Type.Boolean()),
};

/** Body of POST profile/. */
export const StandingQuery = Type.Object(
  { ...considered, considerSubs: optional(Type.Boolean({ description: 'Also groups below' })) },
  closed,
);

/** Answer of POST profile/: what was asked, and what was asked for; a list that was not asked for is empty. */
export const Standing = Type.Object(
  {
    login: Type.String(),
    considerRoles: Type.Boolean(),
    considerGroups: Type.Boolean(),
    considerSubs: Type.Boolean(),
    considerACLs: Type.Boolean(),
    roles: Type.Array(Type.String()),
    groups: Type.Array(Type.String()),
    acls: Type.Array(Acl),
  },
  { description: 'What the account is and may' },
);

/** Body of PUT profile/. */
export const StandingBody = Type.Object(
  {
    ...considered,
    roles: optional(names(16)),
    groups: optional(names(32)),
    acls: optional(Type.Array(Acl, { maxItems: 32 })),
  },
  closed,
);

/** Answer of GET roles. */
export const Roles = Type.Array(
  Type.Object({ name: Type.String(), description: Type.String(), enDescription: Type.String() }),
  { description: 'The roles that there are' },
);

const groupMembers = {
  shortId: Type.String(),
  name: Type.String(),
  description: Type.String(),
  alertGroup: Type.Boolean(),
  roles: Type.Array(Type.String(), { description: 'Those of the caller by an ACL of this group' }),
};

/** Answer of GET groups; below a child there are more of its kind. */
export const Groups = Type.Array(
  Type.Object({
    ...groupMembers,
    children: Type.Array(
      Type.Object({ ...groupMembers, children: Type.Array(Type.Object({}, { additionalProperties: true })) }),
    ),
  }),
  { description: 'The groups that the caller sees' },
);

/** A group with those below it. */
export interface GroupItem {
  shortId: string;
  name: string;
  description: string;
  alertGroup: boolean;
  roles: string[];
  children: GroupItem[];
}
