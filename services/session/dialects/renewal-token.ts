import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { BednetError } from '../../core/errors.ts';
import { readRenewalToken } from '../../core/tokens/renewal-token.ts';
import { callerOf, type SessionContext } from '../session-context.ts';
import { endOverwrittenSession } from '../use-cases/end-sessions.ts';

/** Where a client wants its renewal token. */
export type RenewalTransport = 'body' | 'cookie';

/** A renewal token that is about to be answered. */
export interface RenewalAnswer {
  token: string;
  /** The session that it renews. */
  sid: string;
  maxAgeSeconds: number;
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

/**
 * Puts a renewal token into the cookie if the client wishes that, or, without a wish, if the session's token was there
 * already. True = it is in the cookie now, and must not be in the JSON answer.
 */
export async function sendByCookie(
  context: SessionContext,
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
  { token, sid, maxAgeSeconds }: RenewalAnswer,
  wish: RenewalTransport | undefined,
): Promise<boolean> {
  const presented = readRenewalToken(request.renewalCookie() ?? '', context.renewalKeys);
  const isOfThisSession = presented?.sid === sid;
  if ((wish ?? (isOfThisSession ? 'cookie' : 'body')) === 'body') return false;
  if (presented && !isOfThisSession) await endOverwrittenSession(context, presented.sid, callerOf(request));
  reply.setRenewalCookie(token, maxAgeSeconds);
  return true;
}
