import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import {
  bodyFaults,
  ChangePasswordBody,
  failures,
  newPasswordFaults,
  Nothing,
  SessionItem,
  SessionPath,
  success,
  tokenFaults,
  Tokens,
  User,
} from '../../../contract/native.ts';
import { findAccount } from '../../../core/accounts/account.ts';
import { BednetError } from '../../../core/errors.ts';
import { listSessions } from '../../../core/sessions/session.ts';
import { callerOf } from '../../session-context.ts';
import { changePassword } from '../../use-cases/change-password.ts';
import { endOtherSessions, endOwnSession } from '../../use-cases/end-sessions.ts';
import { issueTokens } from '../../use-cases/issue-tokens.ts';
import { succeed, toSessionItem, toTokens, toUser } from './answers.ts';
import type { NativeOptions } from './public-routes.ts';
import { requireSession, sessionOf } from './signed-in.ts';

/** Routes for the holder of a live session's access token. */
export const signedInRoutes: FastifyPluginAsyncTypebox<NativeOptions> = async (app, { context, mqtt }) => {
  const { store } = context;
  requireSession(app, context);

  app.get('/me', { schema: meSchema }, async (request) =>
    succeed(request, toUser(await getAccount(sessionOf(request).uid))),
  );

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

  app.post('/change-password', { schema: changePasswordSchema }, async (request) => {
    const change = {
      currentPassword: currentPasswordOf(request.body),
      newPassword: request.body.new_password,
    };
    const session = await changePassword(context, sessionOf(request), change, callerOf(request));
    return succeed(request, toTokens(issueTokens(context, session), await getAccount(session.uid), mqtt));
  });

  async function getAccount(uid: string) {
    const account = await findAccount(store, uid);
    if (!account) throw new BednetError('AUTH_TOKEN_REVOKED');
    return account;
  }
};

/** Old clients call it `old_password`; two different ones are no password at all. */
function currentPasswordOf(body: { current_password?: string; old_password?: string }): string {
  const { current_password: current, old_password: old } = body;
  if (current !== undefined && old !== undefined && current !== old) {
    const message = 'The fields current_password and old_password differ.';
    throw new BednetError('VAL_INVALID_FORMAT', { field: 'current_password', message });
  }
  const given = current ?? old;
  if (given !== undefined) return given;
  const message = 'The field current_password is missing.';
  throw new BednetError('VAL_MISSING_FIELD', { field: 'current_password', message });
}

const security = [{ accessToken: [] }];

const meSchema = {
  summary: 'The signed-in account',
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

const changePasswordSchema = {
  summary: 'Change the password',
  description: 'Ends all other sessions. This one goes on with the tokens of the answer.',
  tags: ['account'],
  security,
  body: ChangePasswordBody,
  response: {
    200: success(Tokens, 'The password is changed; fresh tokens of this session'),
    ...failures(
      ...tokenFaults,
      ...bodyFaults,
      'AUTH_INVALID_CREDENTIALS',
      ...newPasswordFaults,
      'SYS_NOT_DURABLE',
    ),
  },
};
