import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { SignInAnswer } from '../../../contract/native-second-factor.ts';
import { BednetError } from '../../../core/errors.ts';
import { bearerToken } from '../../../plugins/bearer-token.ts';
import type { SignInResult } from '../../use-cases/pending-sign-in.ts';
import { finishSignIn } from '../finish-sign-in.ts';
import { toTokens } from './answers.ts';
import type { NativeOptions } from './public-routes.ts';

/** The `data` that a sign-in, or one of its steps, is answered with; a session that it replaces has ended by then. */
export async function answerSignIn(
  app: FastifyInstance,
  request: FastifyRequest,
  result: SignInResult,
  { context, mqtt }: NativeOptions,
): Promise<SignInAnswer> {
  if (result.outcome === 'pending') {
    const { tempToken, steps, methods } = result;
    const asksCode = steps.includes('second-factor');
    const terms = steps.includes('terms') && { terms_version: context.accounts.termsVersion };
    return { requires_2fa: asksCode, temp_token: tempToken, pending: steps, methods, ...terms };
  }
  return toTokens(await finishSignIn(app, request, context, result), result.account, mqtt);
}

/** The temp token of a request, in its body or as bearer token, or undefined. */
export function presentedTempToken(
  request: FastifyRequest,
  body: { temp_token?: string } | null,
): string | undefined {
  const bearer = bearerToken(request);
  return body?.temp_token ?? (bearer?.startsWith('pending.') ? bearer : undefined);
}

/** As presentedTempToken; throws AUTH_UNAUTHORIZED without one. */
export function getTempToken(request: FastifyRequest, body: { temp_token?: string } | null): string {
  const tempToken = presentedTempToken(request, body);
  if (tempToken === undefined) throw new BednetError('AUTH_UNAUTHORIZED');
  return tempToken;
}
