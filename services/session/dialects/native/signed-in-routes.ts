import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import {
  bodyFaults,
  failures,
  Nothing,
  SessionItem,
  SessionPath,
  success,
  tokenFaults,
  User,
} from '../../../contract/native.ts';
import { listSessions } from '../../../core/sessions/session.ts';
import { callerOf } from '../../session-context.ts';
import { describeAccount } from '../../use-cases/describe-account.ts';
import { endOtherSessions, endOwnSession } from '../../use-cases/end-sessions.ts';
import { succeed, toSessionItem, toUser } from './answers.ts';
import type { NativeOptions } from './public-routes.ts';
import { requireSession, sessionOf } from '../signed-in.ts';

/** Routes for the holder of a live session's access token. */
export const signedInRoutes: FastifyPluginAsyncTypebox<NativeOptions> = async (app, { context }) => {
  const { store } = context;
  requireSession(app, context);

  app.get('/me', { config: { acceptsApiKeys: true }, schema: meSchema }, async (request) => {
    const { account, permissions } = await describeAccount(context, sessionOf(request));
    return succeed(request, toUser(account, permissions));
  });

  app.get('/sessions', { schema: sessionsSchema }, async (request) => {
    const { uid, sid } = sessionOf(request);
    const sessions = await listSessions(store, uid);
    return succeed(request, { sessions: sessions.map((session) => toSessionItem(session, sid)) });
  });

  app.delete('/sessions/:id', { schema: endSessionSchema }, async (request) => {
    const { uid } = sessionOf(request);
    await endOwnSession(context, { uid, sid: request.params.id }, callerOf(request));
    return succeed(request, {});
  });

  app.post('/sessions/terminate-others', { schema: endOthersSchema }, async (request) => {
    const count = await endOtherSessions(context, sessionOf(request), callerOf(request));
    return succeed(request, { terminated_count: count });
  });
};

const security = [{ accessToken: [] }];

const meSchema = {
  summary: 'The signed-in account',
  description: 'With the token of an API key: the account as that key may act for it.',
  tags: ['account'],
  security,
  response: { 200: success(User, 'The account'), ...failures(...tokenFaults) },
};

const sessionsSchema = {
  summary: 'The live sessions of the account, newest first',
  tags: ['session'],
  security,
  response: {
    200: success(Type.Object({ sessions: Type.Array(SessionItem) }), 'The live sessions'),
    ...failures(...tokenFaults),
  },
};

const endSessionSchema = {
  summary: 'End one session of the account',
  description: 'Its next check, on every broker, is denied. Ending it twice is no error.',
  tags: ['session'],
  security,
  params: SessionPath,
  response: {
    200: success(Nothing, 'The session is ended'),
    ...failures(...tokenFaults, ...bodyFaults, 'RES_NOT_FOUND', 'SYS_NOT_DURABLE'),
  },
};

const endOthersSchema = {
  summary: 'End all sessions of the account but this one',
  tags: ['session'],
  security,
  response: {
    200: success(Type.Object({ terminated_count: Type.Integer() }), 'How many were ended'),
    ...failures(...tokenFaults, ...bodyFaults, 'SYS_NOT_DURABLE', 'SYS_BUSY'),
  },
};
