import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { bodyFaults, passwordFaults } from '../../../contract/native.ts';
import {
  LoginBody,
  problems,
  SecondFactorAsked,
  TokensByName,
  VerifyBody,
  type Tokens,
} from '../../../contract/plain.ts';
import { BednetError } from '../../../core/errors.ts';
import { callerOf } from '../../session-context.ts';
import { passFactorStep } from '../../use-cases/pass-factor-step.ts';
import type { SignInResult } from '../../use-cases/pending-sign-in.ts';
import { signIn } from '../../use-cases/sign-in.ts';
import { finishSignIn } from '../finish-sign-in.ts';
import type { RenewalTransport } from '../renewal-token.ts';
import { answerTokens, claimsOf, type PlainOptions } from './answer-tokens.ts';

type Answer = Tokens | { requires2fa: true; tempToken: string };

/** Routes that hand out the first tokens of a session. */
export const signInRoutes: FastifyPluginAsyncTypebox<PlainOptions> = async (app, options) => {
  const { context, settings } = options;
  const { loginSchema, verifySchema } = schemasFor(settings.tokenName);

  app.addHook('preHandler', async (request) => {
    if (transportOf(request) === 'cookie') app.assertOwnPage(request);
  });

  app.post('/login', { schema: loginSchema }, async (request, reply) => {
    const { username: login, password } = request.body;
    const result = await signIn(context, { login, password, remember: true }, callerOf(request));
    return answer(request, reply, result);
  });

  app.post('/login/verify', { schema: verifySchema }, async (request, reply) => {
    const { tempToken, code } = request.body;
    return answer(request, reply, await passFactorStep(context, { tempToken, code }, callerOf(request)));
  });

  async function answer(request: FastifyRequest, reply: FastifyReply, result: SignInResult): Promise<Answer> {
    if (result.outcome === 'pending') return answerPending(result);
    const pair = await finishSignIn(app, request, context, result, claimsOf(result.account));
    return answerTokens(options, { request, reply }, pair, transportOf(request));
  }

  function transportOf(request: FastifyRequest): RenewalTransport {
    const { transport } = request.body as { transport?: RenewalTransport };
    return transport ?? settings.renewalTransport;
  }
};

/** A code is the one step that can be done here. Throws AUTH_STEPS_LEFT if there is another. */
function answerPending({ steps, tempToken }: Extract<SignInResult, { outcome: 'pending' }>): Answer {
  const others = steps.filter((step) => step !== 'second-factor');
  if (others.length === 0) return { requires2fa: true, tempToken };
  const message = `The sign-in has steps left that cannot be done here: ${others.join(', ')}.`;
  throw new BednetError('AUTH_STEPS_LEFT', { message, steps: others });
}

function schemasFor(tokenName: PlainOptions['settings']['tokenName']) {
  const Tokens = TokensByName[tokenName];
  const faults = [
    ...bodyFaults,
    'AUTH_INVALID_CREDENTIALS',
    'AUTH_STEPS_LEFT',
    'AUTH_CROSS_SITE',
    'RATE_LIMIT_EXCEEDED',
    'SYS_BUSY',
    'SYS_NOT_DURABLE',
  ] as const;
  const loginSchema = {
    summary: 'Sign in',
    description: 'Every failed sign-in gets one and the same answer.',
    tags: ['session'],
    body: LoginBody,
    response: {
      200: Type.Union([Tokens, SecondFactorAsked], { description: 'Tokens, or a code is asked for first' }),
      ...problems(...faults, ...passwordFaults),
    },
  };
  const verifySchema = {
    summary: 'Complete a sign-in by a code',
    description: 'Five wrong codes end the sign-in.',
    tags: ['session'],
    body: VerifyBody,
    response: {
      200: Type.Union([Tokens, SecondFactorAsked], { description: 'Tokens' }),
      ...problems(
        ...faults,
        'AUTH_INVALID_TOKEN',
        'AUTH_SESSION_EXPIRED',
        'AUTH_MFA_INVALID',
        'AUTH_MFA_REQUIRED',
      ),
    },
  };
  return { loginSchema, verifySchema };
}
