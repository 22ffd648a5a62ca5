import { Type, type Static } from 'typebox';
import { closed } from './admin.ts';
import { timestamp } from './native.ts';

/* Wire shapes of the admin API: what the webhook services have counted. */

/** Query of GET /metrics. */
export const MetricsQuery = Type.Object(
  {
    after: Type.Optional(
      Type.String({ pattern: '^[0-9]{1,15}$', description: 'Only points after this `at`; all if absent' }),
    ),
  },
  closed,
);

const counts = (description: string) => Type.Record(Type.String(), Type.Integer(), { description });

/** What happened at all webhook services in a few seconds. */
export const MetricsPoint = Type.Object({
  at: Type.Integer({ description: 'When it ended, in ms since 1970' }),
  seconds: Type.Number({ description: 'How long it took' }),
  granted: Type.Integer(),
  denied: counts('Denials by reason'),
  checks: counts('Answered checks by the least bound in ms that they did not exceed, or `inf`'),
  closed: counts('Closed connections by the time since their revocation or lapse, likewise'),
});
export type MetricsPoint = Static<typeof MetricsPoint>;

/** `data` of GET /metrics. */
export const MetricsAnswer = Type.Object({
  now: timestamp,
  step_ms: Type.Integer({ description: 'How often there is a new point while somebody asks' }),
  window_ms: Type.Integer({ description: 'How far back points go' }),
  services: Type.Array(
    Type.Object({
      name: Type.String({ description: 'Host and port of a webhook service' }),
      state: Type.Enum(['waiting', 'up', 'away']),
    }),
    { description: 'None where `WEBHOOK_METRICS_URLS` is not set' },
  ),
  points: Type.Array(MetricsPoint, { description: 'Oldest first' }),
});
export type MetricsAnswer = Static<typeof MetricsAnswer>;
