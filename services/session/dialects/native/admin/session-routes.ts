import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import {
  AccountPath,
  AnySessionPath,
  changeAnswers,
  Changed,
  EndAllBody,
  EndAllProgress,
  readAnswers,
  ReasonBody,
  SessionsEnded,
} from '../../../../contract/admin.ts';
import { SessionItem } from '../../../../contract/native.ts';
import { findAccount } from '../../../../core/accounts/account.ts';
import { BednetError } from '../../../../core/errors.ts';
import { listSessions } from '../../../../core/sessions/session.ts';
import { endEverybodysSessions, endSession, endSessionsOf } from '../../../use-cases/admin/end-sessions.ts';
import { succeed, toSessionItem } from '../answers.ts';
import type { AdminOptions } from './dialect.ts';
import { adminOf } from './guard.ts';
import { needs, needsFresh } from './route.ts';

const defaultReason = 'ended-by-admin';

/** Routes about other people's sessions. */
export const sessionRoutes: FastifyPluginAsyncTypebox<AdminOptions> = async (app, { context }) => {
  const { store } = context;

  app.get('/accounts/:uid/sessions', listOptions, async (request) => {
    const { uid } = request.params;
    if (!(await findAccount(store, uid))) throw new BednetError('RES_NOT_FOUND');
    const { sid } = adminOf(request).session;
    const sessions = await listSessions(store, uid);
    return succeed(request, { sessions: sessions.map((session) => toSessionItem(session, sid)) });
  });

  app.delete('/sessions/:sid', endOptions, async (request) => {
    const act = { sid: request.params.sid, reason: request.body?.reason ?? defaultReason };
    return succeed(request, { changed: await endSession(context, adminOf(request), act) });
  });

  app.post('/accounts/:uid/end-sessions', endOfAccountOptions, async (request) => {
    const act = { uid: request.params.uid, reason: request.body?.reason ?? defaultReason };
    return succeed(request, { ended_sessions: await endSessionsOf(context, adminOf(request), act) });
  });

  app.post('/sessions/end-all', endAllOptions, async (request) => {
    const { cursor = '', reason = defaultReason } = request.body ?? {};
    const { sessions, ...progress } = await endEverybodysSessions(context, adminOf(request), {
      cursor,
      reason,
    });
    return succeed(request, { ...progress, ended_sessions: sessions });
  });
};

const listOptions = needs('sessions.read', {
  summary: 'The live sessions of an account, newest first',
  params: AccountPath,
  response: readAnswers(
    Type.Object({ sessions: Type.Array(SessionItem) }),
    'The live sessions',
    'RES_NOT_FOUND',
  ),
});

const endOptions = needs('sessions.write', {
  summary: 'End one session of anybody',
  description: 'Its next check, on every broker, is denied.',
  params: AnySessionPath,
  body: ReasonBody,
  response: changeAnswers(Changed, 'The session is ended', 'RES_NOT_FOUND'),
});

const endOfAccountOptions = needs('sessions.write', {
  summary: 'End all sessions of an account',
  description: 'Every sign-in under way dies too.',
  params: AccountPath,
  body: ReasonBody,
  response: changeAnswers(SessionsEnded, 'How many were ended', 'RES_NOT_FOUND'),
});

const endAllOptions = needsFresh('sessions.end-all', {
  summary: "End everybody's sessions, 200 accounts at a time",
  description:
    'Repeat with the `next` of the answer as `cursor` until there is none. Your own session goes on.',
  body: EndAllBody,
  response: changeAnswers(EndAllProgress, 'What this step has ended'),
});
