import type { FastifyReply, FastifyRequest } from 'fastify';
import { deny } from '../../../core/check/reasons.ts';
import {
  readPublish,
  readRegister,
  readSubscribe,
  type AskedFilter,
} from '../../contract/read-vernemq-hook.ts';
import { decideTopic } from '../acl.ts';
import { verifierOf } from '../bearer.ts';
import { noteOutcome, type CheckOutcome } from '../check-outcome.ts';
import { checkConnect } from '../user.ts';
import type { Hook, HookContext, HookRoute } from './hook.ts';

/** What a denied filter gets for its QoS: MQTT 3.1.1 s. 3.9.3, MQTT 5.0 s. 3.9.3 (Not authorized). */
const deniedQos = 128;
const deniedQosOfMqtt5 = 135;

/**
 * Answers VerneMQ's webhooks (its docs, "Webhooks"), those of MQTT 3.1.1 and of MQTT 5, which the header `vernemq-hook`
 * tells apart. VerneMQ denies on every status but 200.
 */
export function createVernemqHook(context: HookContext): Hook {
  const { app } = context;

  async function register(request: FastifyRequest): Promise<CheckOutcome> {
    const read = readRegister(request.body as Buffer | undefined);
    if (!read.granted) return read;
    const { client_id: clientId, username, password } = read.check;
    if (!username || !password) return { ...deny('credentials-missing'), asked: { clientId } };
    const answer = await checkConnect(context, verifierOf(app, request), { username, password, clientId });
    return { ...answer, asked: { username, clientId } };
  }

  async function publish(request: FastifyRequest): Promise<CheckOutcome> {
    const read = readPublish(request.body as Buffer | undefined);
    if (!read.granted) return read;
    const { client_id: clientId, username, topic } = read.check;
    return decideTopic(context, { username: username ?? '', clientId, topic, access: 'write' });
  }

  /** Each filter is a check of its own, one after the other, so that a long list doesn't hold up others. */
  async function subscribe(request: FastifyRequest, reply: FastifyReply) {
    const read = readSubscribe(request.body as Buffer | undefined);
    if (!read.granted) return read;
    const { client_id: clientId, username, topics } = read.check;
    const denied = new Set<AskedFilter>();
    for (const asked of topics) {
      const check = { username: username ?? '', clientId, topic: asked.topic, access: 'subscribe' } as const;
      const outcome = await decideTopic(context, check);
      noteOutcome(context, { check: 'acl', seconds: reply.elapsedTime / 1000 }, outcome);
      if (!outcome.granted) denied.add(asked);
    }
    if (denied.size === 0) return send(reply, { result: 'ok' });
    return sendFilters(reply, { topics, denied, isMqtt5: hookOf(request) === 'auth_on_subscribe_m5' });
  }

  return {
    answers: {
      grant: (reply) => send(reply, { result: 'ok' }),
      deny: (reply, reason) =>
        send(reply.header('x-bednet-reason', reason), { result: { error: 'not_allowed' } }),
      unavailable: (reply) => send(reply.code(503), { result: { error: 'store_unavailable' } }),
    },
    routes: [
      { url: '/vernemq/register', check: 'user', decide: onlyFor('auth_on_register', register) },
      { url: '/vernemq/publish', check: 'acl', decide: onlyFor('auth_on_publish', publish) },
      { url: '/vernemq/subscribe', check: 'acl', decide: onlyFor('auth_on_subscribe', subscribe) },
    ],
  };
}

/** Another hook that was led to this address by mistake is told no. */
function onlyFor(hook: string, decide: HookRoute['decide']): HookRoute['decide'] {
  return async (request, reply) => {
    const isMeant = [hook, `${hook}_m5`].includes(hookOf(request));
    return isMeant ? decide(request, reply) : deny('request-malformed');
  };
}

function hookOf(request: FastifyRequest): string {
  return String(request.headers['vernemq-hook']);
}

/** The granted filters go back with all options that they came with: VerneMQ takes defaults for what is left out. */
function sendFilters(
  reply: FastifyReply,
  answer: { topics: readonly AskedFilter[]; denied: ReadonlySet<AskedFilter>; isMqtt5: boolean },
): FastifyReply {
  const qos = answer.isMqtt5 ? deniedQosOfMqtt5 : deniedQos;
  const topics = answer.topics.map((asked) => (answer.denied.has(asked) ? { ...asked, qos } : asked));
  return send(reply, { result: 'ok', ...(answer.isMqtt5 ? { modifiers: { topics } } : { topics }) });
}

/** With `max-age=0` VerneMQ would still use an answer again within the same second, and keep the password till then. */
function send(reply: FastifyReply, answer: object): FastifyReply {
  return reply.header('cache-control', 'no-store').send(answer);
}
