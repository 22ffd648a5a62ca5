import { Type, type Static } from 'typebox';
import { closed, noControls, optionalTime } from './admin.ts';
import { timestamp } from './native.ts';

/* Wire shapes of the admin API: the rules and why they decide as they do. */

const version = Type.String({ minLength: 1, maxLength: 64, pattern: noControls });

/** A rules document as the rules file has it; what is wrong with one is told by POST /rules/check. */
export const RulesBody = Type.Object(
  { version: Type.String({ description: 'The version in force that this was edited from' }) },
  { additionalProperties: true, description: 'A rules document: version, roles, accounts, devices' },
);

/** Query of GET /rules. */
export const RulesQuery = Type.Object({ version: Type.Optional(version) }, closed);

/** `data` of GET /rules. */
export const RulesAnswer = Type.Object({
  version: Type.String(),
  document: Type.Optional(RulesBody),
  faults: Type.Optional(
    Type.Array(Type.String(), { description: 'Why these rules can not be used: they allow nothing' }),
  ),
});

/** `data` of POST /rules/check. */
export const RulesChecked = Type.Object({
  ok: Type.Boolean(),
  faults: Type.Array(Type.String()),
  difference: Type.Array(
    Type.Object({
      sign: Type.Enum(['+', '-', '~']),
      text: Type.String(),
      lines: Type.Array(Type.Object({ sign: Type.Enum(['+', '-', '~']), text: Type.String() })),
    }),
    { description: 'What would change, against the rules in force' },
  ),
});

/** `data` of a change of the rules. */
export const RulesVersion = Type.Object({ version: Type.String({ description: 'In force now' }) });

/** `data` of GET /rules/history. */
export const RulesHistory = Type.Object({
  versions: Type.Array(
    Type.Object({
      version: Type.String(),
      actor: Type.String(),
      at: timestamp,
      rolled_back_to: Type.Union([Type.String(), Type.Null()]),
      usable: Type.Boolean(),
    }),
  ),
});

/** Body of POST /rules/rollback. */
export const RollBackBody = Type.Object(
  { to: version, version: Type.String({ minLength: 1, maxLength: 64, description: 'The version in force' }) },
  closed,
);

/** Body of POST /explain. */
export const ExplainBody = Type.Object(
  {
    username: Type.String({ maxLength: 256 }),
    client_id: Type.String({ maxLength: 256 }),
    topic: Type.String({ maxLength: 4096 }),
    access: Type.Enum(['read', 'write', 'subscribe']),
  },
  closed,
);

const endedBy = { end_reason: Type.String(), end_actor: Type.String() };

/** `data` of POST /explain. */
export const ExplanationAnswer = Type.Object({
  granted: Type.Boolean(),
  reason: Type.Optional(Type.String()),
  rule: Type.Optional(
    Type.Object({
      holder: Type.Enum(['role', 'account', 'device']),
      name: Type.String(),
      index: Type.Integer(),
      filter: Type.String(),
    }),
  ),
  rules_version: Type.Optional(Type.String()),
  session: Type.Optional(
    Type.Object({
      id: Type.String(),
      username: Type.String(),
      state: Type.String(),
      pending: Type.String(),
      roles: Type.Array(Type.String()),
      access_until: optionalTime,
      absolute_until: optionalTime,
      ...endedBy,
    }),
  ),
  device: Type.Optional(
    Type.Object({
      id: Type.String(),
      owner: Type.String(),
      state: Type.String(),
      roles: Type.Array(Type.String()),
      ...endedBy,
    }),
  ),
  sentences: Type.Array(Type.String()),
});
export type ExplanationAnswer = Static<typeof ExplanationAnswer>;
