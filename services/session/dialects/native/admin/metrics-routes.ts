import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { readAnswers } from '../../../../contract/admin.ts';
import { MetricsAnswer, MetricsQuery } from '../../../../contract/admin-metrics.ts';
import { keptMs, stepMs } from '../../../check-metrics/check-metrics.ts';
import { succeed } from '../answers.ts';
import type { AdminOptions } from './dialect.ts';
import { needs } from './route.ts';

/** The route of the console's picture. */
export const metricsRoutes: FastifyPluginAsyncTypebox<AdminOptions> = async (app, { context }) => {
  app.get('/metrics', readOptions, async (request) => {
    const { services, points } = context.checkMetrics.look(Number(request.query.after ?? 0));
    return succeed(request, {
      now: new Date().toISOString(),
      step_ms: stepMs,
      window_ms: keptMs,
      services,
      points: points.map(({ atMs: at, ...point }) => ({ at, ...point })),
    });
  });
};

const readOptions = needs('metrics.read', {
  summary: 'What the webhook services have counted over the last 15 minutes',
  description:
    'Checks, denials by reason, time per check, and time from a revocation to the closed connection. The services are ' +
    'asked every two seconds as long as somebody asks here; one that does not answer within a second is `away`.',
  querystring: MetricsQuery,
  response: readAnswers(MetricsAnswer, 'The services and the points'),
});
