import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import {
  bodyFaults,
  failures,
  LoginBody,
  newPasswordFaults,
  Nothing,
  passwordFaults,
  RefreshBody,
  RegisterBody,
  success,
  Tokens,
} from '../../../contract/native.ts';
import { bearerToken } from '../../../plugins/bearer-token.ts';
import { callerOf, type SessionContext } from '../../session-context.ts';
import { findAccess } from '../../use-cases/check-access.ts';
import { endReplacedSession } from '../../use-cases/end-sessions.ts';
import { issueTokens } from '../../use-cases/issue-tokens.ts';
import { register } from '../../use-cases/register.ts';
import { renew } from '../../use-cases/renew.ts';
import { signIn } from '../../use-cases/sign-in.ts';
import { succeed, toTokens, type MqttAddresses } from './answers.ts';

/** What the routes of this dialect need. */
export interface NativeOptions {
  context: SessionContext;
  mqtt: MqttAddresses;
}

/** Routes that anybody may call: they hand out accounts and tokens. */
export const publicRoutes: FastifyPluginAsyncTypebox<NativeOptions> = async (app, { context, mqtt }) => {
  app.post('/register', { schema: registerSchema }, async (request, reply) => {
    const { username, email, full_name: fullName, password } = request.body;
    await register(context, { username, email, fullName, password }, callerOf(request));
    return reply.status(201).send(succeed(request, {}));
  });

  app.post('/login', { schema: loginSchema }, async (request) => {
    const { username: login, password } = request.body;
    const caller = callerOf(request);
    const { account, session } = await signIn(context, { login, password }, caller);
    const replaced = await findPresentedSession(request);
    if (replaced?.uid === account.uid) await endReplacedSession(context, replaced, caller);
    return succeed(request, toTokens(issueTokens(context, session), account, mqtt));
  });

  app.post('/refresh', { schema: refreshSchema }, async (request) => {
    const { account, session } = await renew(context, request.body.refresh_token, callerOf(request));
    return succeed(request, toTokens(issueTokens(context, session), account, mqtt));
  });

  /** The live session of the bearer token that came along, if any. */
  async function findPresentedSession(request: FastifyRequest) {
    const text = bearerToken(request);
    const token = text === undefined ? undefined : await app.verifyAccessToken(request, text);
    return token && findAccess(context.store, token);
  }
};

const registerSchema = {
  summary: 'Create an account',
  description: 'Says only that a username is taken. A taken e-mail address answers like a fresh one.',
  tags: ['account'],
  body: RegisterBody,
  response: {
    201: success(Nothing, 'The request was accepted'),
    ...failures(...bodyFaults, ...newPasswordFaults, 'RES_USERNAME_TAKEN', 'SYS_NOT_DURABLE'),
  },
};

const loginSchema = {
  summary: 'Sign in',
  description:
    'Every failed sign-in gets one and the same answer. A valid bearer token of the account ends its session.',
  tags: ['session'],
  body: LoginBody,
  response: {
    200: success(Tokens, 'A fresh session with its tokens'),
    ...failures(...bodyFaults, ...passwordFaults, 'AUTH_INVALID_CREDENTIALS', 'SYS_NOT_DURABLE'),
  },
};

const refreshSchema = {
  summary: 'Renew the tokens of a session',
  description: 'Repeating a renewal whose answer was lost is safe. An older renewal token ends the session.',
  tags: ['session'],
  body: RefreshBody,
  response: {
    200: success(Tokens, 'The current tokens of the session'),
    ...failures(
      ...bodyFaults,
      'AUTH_INVALID_TOKEN',
      'AUTH_TOKEN_REVOKED',
      'AUTH_SESSION_EXPIRED',
      'SYS_NOT_DURABLE',
    ),
  },
};
