import { Type, type Static } from 'typebox';
import { timestamp } from './native.ts';

/* Wire shapes of GET /activity in the native dialect. */

/** Query of GET /activity. */
export const ActivityQuery = Type.Object({
  limit: Type.Optional(Type.String({ pattern: '^([1-9][0-9]?|100)$', description: '1 to 100, else 100' })),
});

/** One security fact about the account. */
export const ActivityItem = Type.Object({
  event: Type.String({ description: 'What happened, such as `sign-in` or `password-changed`' }),
  outcome: Type.Enum(['success', 'failure']),
  at: timestamp,
  by: Type.Enum(['self', 'operator', 'system', 'unknown'], { description: 'Who did it' }),
  ip: Type.Union([Type.String(), Type.Null()]),
  session_id: Type.Union([Type.String(), Type.Null()]),
  device: Type.Union([Type.String(), Type.Null()]),
  reason: Type.Union([Type.String(), Type.Null()]),
});
export type ActivityItem = Static<typeof ActivityItem>;
