import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Account } from '../../core/accounts/account.ts';
import type { LiveSession } from '../../core/sessions/session.ts';
import { bearerToken } from '../../plugins/bearer-token.ts';
import { callerOf, type SessionContext } from '../session-context.ts';
import { findAccess } from '../use-cases/check-access.ts';
import { endReplacedSession } from '../use-cases/end-sessions.ts';
import { issueTokens, type TokenPair } from '../use-cases/issue-tokens.ts';

/** The tokens of a fresh session; that of the bearer token, if it is of the same account, has ended by then. */
export async function finishSignIn(
  app: FastifyInstance,
  request: FastifyRequest,
  context: SessionContext,
  { account, session }: { account: Account; session: LiveSession },
  furtherClaims?: Readonly<Record<string, unknown>>,
): Promise<TokenPair> {
  const text = bearerToken(request);
  const token = text === undefined ? undefined : await app.verifyAccessToken(request, text);
  const replaced = token && (await findAccess(context, token));
  if (replaced?.uid === account.uid && !replaced.apiKey)
    await endReplacedSession(context, replaced, callerOf(request));
  return issueTokens(context, session, furtherClaims);
}
