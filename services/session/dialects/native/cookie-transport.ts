import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Tokens, Transport } from '../../../contract/native.ts';
import type { SessionContext } from '../../session-context.ts';
import { sendByCookie } from '../renewal-token.ts';

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
    const { session_id: sid = '', refresh_expires_in: maxAgeSeconds = 0 } = rest;
    const renewal = { token, sid, maxAgeSeconds };
    const isInCookie = await sendByCookie(context, { request, reply }, renewal, wishOf(request));
    return isInCookie ? { ...answer, data: rest } : payload;
  });
}

function wishOf(request: FastifyRequest): Transport | undefined {
  return (request.body as { transport?: Transport } | null)?.transport;
}
