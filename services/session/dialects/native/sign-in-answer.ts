import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { SignInAnswer } from '../../../contract/native-second-factor.ts';
import { BednetError } from '../../../core/errors.ts';
import { bearerToken } from '../../../plugins/bearer-token.ts';
import { callerOf } from '../../session-context.ts';
import { findAccess } from '../../use-cases/check-access.ts';
import { endReplacedSession } from '../../use-cases/end-sessions.ts';
import { issueTokens } from '../../use-cases/issue-tokens.ts';
import type { SignInResult } from '../../use-cases/pending-sign-in.ts';
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
  const { account, session } = result;
  const replaced = await findPresentedSession(app, request, context.store);
  if (replaced?.uid === account.uid) await endReplacedSession(context, replaced, callerOf(request));
  return toTokens(await issueTokens(context, session), account, mqtt);
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

/** The live session of the bearer token that came along, if any. */
async function findPresentedSession(
  app: FastifyInstance,
  request: FastifyRequest,
  store: NativeOptions['context']['store'],
) {
  const text = bearerToken(request);
  const token = text === undefined ? undefined : await app.verifyAccessToken(request, text);
  return token && findAccess(store, token);
}
