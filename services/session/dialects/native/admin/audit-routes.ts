import { Readable } from 'node:stream';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { readAnswers, toLimit } from '../../../../contract/admin.ts';
import { AuditExportQuery, AuditPage, AuditQuery } from '../../../../contract/admin-audit.ts';
import { Nothing } from '../../../../contract/native.ts';
import { exportAudit, readAudit } from '../../../../core/audit/read.ts';
import { tell } from '../../../use-cases/admin/admin.ts';
import { succeed } from '../answers.ts';
import type { AdminOptions } from './dialect.ts';
import { adminOf } from './guard.ts';
import { needs } from './route.ts';

/** Routes that show the audit log. */
export const auditRoutes: FastifyPluginAsyncTypebox<AdminOptions> = async (app, { context }) => {
  app.get('/audit', readOptions, async (request) => {
    const { uid, event, cursor = '', limit } = request.query;
    const page = await readAudit(context.store, { uid, event, cursor, limit: toLimit(limit) });
    const entries = page.entries.map(({ atMs, ...entry }) => ({
      ...entry,
      at: new Date(atMs).toISOString(),
    }));
    return succeed(request, { ...page, entries });
  });

  app.get('/audit/export', exportOptions, async (request, reply) => {
    const { uid, since } = request.query;
    tell(adminOf(request), 'audit-exported', { ...(uid && { uid }) });
    const sinceMs = since === undefined ? 0 : Date.parse(since) || 0;
    reply.type('application/x-ndjson');
    reply.header('content-disposition', 'attachment; filename="audit.jsonl"');
    return reply.send(Readable.from(exportAudit(context.store, { uid, sinceMs })) as never);
  });
};

const readOptions = needs('audit.read', {
  summary: 'The audit log, newest first, a page at a time',
  description:
    'With `uid` or `event` it looks at 5,000 entries a page, so a page may be short or empty and yet have a `next`.',
  querystring: AuditQuery,
  response: readAnswers(AuditPage, 'A page of entries'),
});

const { 200: _, ...exportFailures } = readAnswers(Nothing, '');

const exportOptions = needs('audit.export', {
  summary: 'The audit log as JSON lines, oldest first',
  description: 'Up to the entry that is the newest at the start.',
  querystring: AuditExportQuery,
  response: {
    200: {
      description: 'One entry a line',
      content: { 'application/x-ndjson': { schema: { type: 'string' } } },
    },
    ...exportFailures,
  },
});
