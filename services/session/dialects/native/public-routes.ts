import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { SignInAnswer } from '../../../contract/native-second-factor.ts';
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
import { BednetError } from '../../../core/errors.ts';
import { callerOf } from '../../session-context.ts';
import { issueTokens } from '../../use-cases/issue-tokens.ts';
import { register } from '../../use-cases/register.ts';
import { renew } from '../../use-cases/renew.ts';
import { signIn } from '../../use-cases/sign-in.ts';
import { succeed, toTokens } from './answers.ts';
import type { DialectOptions } from '../dialect.ts';
import { presentedRenewalToken, refuseForms } from '../renewal-token.ts';
import { preferredLanguage } from '../preferred-language.ts';
import { answerSignIn } from './sign-in-answer.ts';

/** What the routes of this dialect need. */
export type NativeOptions = Pick<DialectOptions, 'context' | 'mqtt'>;

/** Routes that anybody may call: they hand out accounts and tokens. */
export const publicRoutes: FastifyPluginAsyncTypebox<NativeOptions> = async (app, { context, mqtt }) => {
  app.post('/register', { schema: registerSchema }, async (request, reply) => {
    const { full_name: fullName, ...rest } = request.body;
    const language = rest.language ?? preferredLanguage(request.headers['accept-language']);
    await register(context, { ...rest, fullName, language }, callerOf(request));
    return reply.status(201).send(succeed(request, {}));
  });

  app.post('/login', { schema: loginSchema }, async (request) => {
    const { username: login, password, remember = true, fingerprint } = request.body;
    const caller = callerOf(request);
    const result = await signIn(context, { login, password, remember, fingerprint }, caller);
    return succeed(request, await answerSignIn(app, request, result, { context, mqtt }));
  });

  app.post('/refresh', { schema: refreshSchema, onRequest: refuseForms }, async (request) => {
    const token = presentedRenewalToken(app, request, request.body?.refresh_token);
    if (token === undefined) throw missingRenewalToken();
    const { account, session } = await renew(context, token, callerOf(request));
    return succeed(request, toTokens(await issueTokens(context, session), account, mqtt));
  });
};

function missingRenewalToken(): BednetError {
  const message = 'The field refresh_token is missing.';
  return new BednetError('VAL_MISSING_FIELD', { field: 'refresh_token', message });
}

const registerSchema = {
  summary: 'Create an account',
  description: 'Says only that a username is taken. A taken e-mail address answers like a fresh one.',
  tags: ['account'],
  body: RegisterBody,
  response: {
    201: success(Nothing, 'The request was accepted'),
    ...failures(
      ...bodyFaults,
      ...newPasswordFaults,
      'RES_USERNAME_TAKEN',
      'AUTH_REGISTRATION_CLOSED',
      'AUTH_INVITATION_INVALID',
      'RATE_LIMIT_EXCEEDED',
      'SYS_NOT_DURABLE',
    ),
  },
};

const loginSchema = {
  summary: 'Sign in',
  description:
    'Every failed sign-in gets one and the same answer. A valid bearer token of the account ends its session.',
  tags: ['session'],
  body: LoginBody,
  response: {
    200: success(
      SignInAnswer,
      'A fresh session with its tokens, or the steps that are left before there is one',
    ),
    ...failures(
      ...bodyFaults,
      ...passwordFaults,
      'AUTH_CROSS_SITE',
      'RATE_LIMIT_EXCEEDED',
      'AUTH_INVALID_CREDENTIALS',
      'SYS_NOT_DURABLE',
    ),
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
      'AUTH_CROSS_SITE',
      'RATE_LIMIT_EXCEEDED',
      'SYS_NOT_DURABLE',
    ),
  },
};
