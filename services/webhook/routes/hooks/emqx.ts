import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Access } from '../../../core/acl/rules.ts';
import { deny, type DenialReason } from '../../../core/check/reasons.ts';
import { readTexts } from '../../contract/read-texts.ts';
import { decideTopic } from '../acl.ts';
import { verifierOf } from '../bearer.ts';
import type { CheckOutcome } from '../check-outcome.ts';
import { parsedBody } from '../check-request.ts';
import { checkConnect } from '../user.ts';
import type { Hook, HookContext } from './hook.ts';

const accessByAction = new Map<string, Access>([
  ['publish', 'write'],
  ['subscribe', 'subscribe'],
]);

/**
 * Answers EMQX 5 (its docs, "Use HTTP Service", authentication and authorization). Each status but 200 means "ask the next
 * one" to EMQX, which grants if there is none (`no_match = allow`, the default): so all that is no grant is a 200 that
 * denies, even if Redis is away. No `expire_at`: it would cut off clients that renew their session over HTTP.
 */
export function createEmqxHook(context: HookContext): Hook {
  const { app } = context;

  async function authenticate(request: FastifyRequest): Promise<CheckOutcome> {
    const read = readTexts(parsedBody(request), ['username', 'password', 'clientid']);
    if (!read.granted) return read;
    const { username, password, clientid: clientId } = read.check;
    const asked = { username, clientId };
    if (username === '' || password === '') return { ...deny('credentials-missing'), asked };
    return {
      ...(await checkConnect(context, verifierOf(app, request), { username, password, clientId })),
      asked,
    };
  }

  async function authorize(request: FastifyRequest): Promise<CheckOutcome> {
    const read = readTexts(parsedBody(request), ['username', 'clientid', 'topic', 'action']);
    if (!read.granted) return read;
    const { username, clientid: clientId, topic, action } = read.check;
    const access = accessByAction.get(action);
    if (access === undefined) return { ...deny('access-unknown'), asked: { username, clientId, topic } };
    return decideTopic(context, { username, clientId, topic, access });
  }

  return {
    answers: {
      grant: (reply) => reply.send({ result: 'allow', is_superuser: false }),
      deny: sendDenial,
      unavailable: (reply) => sendDenial(reply, 'store-unavailable'),
    },
    routes: [
      { url: '/emqx/authenticate', check: 'user', decide: authenticate },
      { url: '/emqx/authorize', check: 'acl', decide: authorize },
    ],
  };
}

function sendDenial(reply: FastifyReply, reason: DenialReason | 'store-unavailable'): FastifyReply {
  return reply.code(200).header('x-bednet-reason', reason).send({ result: 'deny', is_superuser: false });
}
