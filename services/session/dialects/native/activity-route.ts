import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { ActivityItem, ActivityQuery } from '../../../contract/native-activity.ts';
import { failures, success, tokenFaults } from '../../../contract/native.ts';
import { readActivity, type ActivityEntry } from '../../../core/audit/read.ts';
import { succeed } from './answers.ts';
import type { NativeOptions } from './public-routes.ts';
import { requireSession, sessionOf } from '../signed-in.ts';

const mostItems = 100;

/** What has happened to the account lately, for its owner. */
export const activityRoute: FastifyPluginAsyncTypebox<NativeOptions> = async (app, { context }) => {
  requireSession(app, context);

  app.get('/activity', { schema }, async (request) => {
    const { uid } = sessionOf(request);
    const entries = await readActivity(context.store, uid, Number(request.query.limit ?? mostItems));
    return succeed(request, { activity: entries.map((entry) => toActivityItem(entry, uid)) });
  });
};

function toActivityItem(entry: ActivityEntry, uid: string): ActivityItem {
  const { event, outcome, atMs, actor, ip, sid, device, reason } = entry;
  return {
    event,
    outcome: outcome === 'success' ? 'success' : 'failure',
    at: new Date(atMs).toISOString(),
    by: byWhom(actor, uid),
    ip: ip ?? null,
    session_id: sid ?? null,
    device: device ?? null,
    reason: reason ?? null,
  };
}

/** The owner learns that an operator acted, not which one. */
function byWhom(actor: string, uid: string): ActivityItem['by'] {
  if (actor === uid) return 'self';
  if (actor === '') return 'unknown';
  return actor === 'system' ? 'system' : 'operator';
}

const schema = {
  summary: 'Recent security facts about the account, newest first',
  description: 'At most 100 are kept.',
  tags: ['account'],
  security: [{ accessToken: [] }],
  querystring: ActivityQuery,
  response: {
    200: success(Type.Object({ activity: Type.Array(ActivityItem) }), 'The newest facts'),
    ...failures(...tokenFaults),
  },
};
