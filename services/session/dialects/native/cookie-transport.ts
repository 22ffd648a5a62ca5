import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Tokens, Transport } from '../../../contract/native.ts';
import { BednetError } from '../../../core/errors.ts';
import { readRenewalToken } from '../../../core/tokens/renewal-token.ts';
import { callerOf, type SessionContext } from '../../session-context.ts';
import { endOverwrittenSession } from '../../use-cases/end-sessions.ts';

/**
 * Lets renewal tokens travel in the cookie, for all routes of a scope: a body with `transport: "cookie"` asks for it,
 * and a session whose token is in the cookie keeps to it. Such a token is never in a JSON answer.
 */
export function addCookieTransport(app: FastifyInstance, context: SessionContext): void {
  app.addHook('preHandler', async (request) => {
    if (wishOf(request) === 'cookie') app.assertOwnPage(request);
  });
  app.addHook('preSerialization', async (request, reply, payload) => {
    const answer = payload as { data?: Partial<Tokens> } | null;
    const { refresh_token: token, ...rest } = answer?.data ?? {};
    if (token === undefined) return payload;
    const presented = readRenewalToken(request.renewalCookie() ?? '', context.renewalKeys);
    const isOfThisSession = presented?.sid === rest.session_id;
    if ((wishOf(request) ?? (isOfThisSession ? 'cookie' : 'body')) === 'body') return payload;
    if (presented && !isOfThisSession) await endOverwrittenSession(context, presented.sid, callerOf(request));
    reply.setRenewalCookie(token, rest.refresh_expires_in ?? 0);
    return { ...answer, data: rest };
  });
}

/** The renewal token of a request: the body's, or else the cookie's, which counts from a page of ours only. */
export function presentedRenewalToken(
  app: FastifyInstance,
  request: FastifyRequest,
  inBody: string | undefined,
): string | undefined {
  const inCookie = request.renewalCookie();
  if (inBody !== undefined || inCookie === undefined) return inBody;
  app.assertOwnPage(request);
  return inCookie;
}

/** A hook for routes that heed the cookie: a form, which any page can send, is refused before its body is read. */
export async function refuseForms(request: FastifyRequest): Promise<void> {
  const type = request.headers['content-type'];
  const isForm = type !== undefined && !/^application\/json\b/i.test(type);
  if (isForm && request.renewalCookie() !== undefined) throw new BednetError('AUTH_CROSS_SITE');
}

function wishOf(request: FastifyRequest): Transport | undefined {
  return (request.body as { transport?: Transport } | null)?.transport;
}
