import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { readAnswers, toLimit } from '../../../../contract/admin.ts';
import { ClientPage, ClientsQuery } from '../../../../contract/admin-audit.ts';
import { ExplainBody, ExplanationAnswer } from '../../../../contract/admin-rules.ts';
import { bodyFaults } from '../../../../contract/native.ts';
import { explain } from '../../../../core/check/explain.ts';
import { clientCursorPattern, listClients, type SeenClient } from '../../../../core/sessions/list-clients.ts';
import { succeed } from '../answers.ts';
import { toClientState, toExplanationAnswer } from './answers.ts';
import type { AdminOptions } from './dialect.ts';
import { needs } from './route.ts';

/** Routes about the broker's checks and those who were let in by them. */
export const checkRoutes: FastifyPluginAsyncTypebox<AdminOptions> = async (app, { context }) => {
  const { store, rules } = context;

  app.post('/explain', explainOptions, async (request) => {
    const { client_id: clientId, ...check } = request.body;
    return succeed(request, toExplanationAnswer(await explain({ store, rules }, { ...check, clientId })));
  });

  app.get('/clients', clientsOptions, async (request) => {
    const { cursor = '', limit } = request.query;
    const page = await listClients(store, cursor, toLimit(limit));
    return succeed(request, { ...page, clients: page.clients.map(toClientItem) });
  });
};

function toClientItem({ owner, ...client }: SeenClient) {
  return {
    ...toClientState(client),
    ...('device' in owner
      ? { device_id: owner.device }
      : { user_id: owner.uid, username: owner.username, session_id: owner.sid }),
  };
}

const explainOptions = needs('rules.explain', {
  summary: 'Why a check is granted or denied',
  description: 'Says what the broker would be answered now, by the very path of its check.',
  body: ExplainBody,
  response: readAnswers(ExplanationAnswer, 'The decision and what led to it', ...bodyFaults),
});

const clientsOptions = needs('clients.read', {
  summary: 'MQTT clients that have connected, a page at a time',
  description:
    'A client is listed from its CONNECT on until it is kicked or its session ends. `connected` is exact where the ' +
    'broker runs our plugin, which reports when connections end; it is `unknown` with other plugins, where ' +
    '`last_seen`, the last CONNECT, is all that is known, and while a broker is silent or has lost reports. A page ' +
    'may be empty, or longer than `limit`, and yet have a `next`.',
  querystring: ClientsQuery(clientCursorPattern),
  response: readAnswers(ClientPage, 'A page of clients'),
});
