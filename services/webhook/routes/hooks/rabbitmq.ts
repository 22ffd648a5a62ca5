import type { FastifyReply, FastifyRequest } from 'fastify';
import { checkLive } from '../../../core/check/check-live.ts';
import { kickUsername } from '../../../core/check/decide-acl-check.ts';
import type { ConnectNames } from '../../../core/check/decide-connect.ts';
import { deny, type Denial, type DenialReason } from '../../../core/check/reasons.ts';
import { readRoutingKeyCheck } from '../../contract/read-routing-key-check.ts';
import { readTexts } from '../../contract/read-texts.ts';
import { decideTopic } from '../acl.ts';
import { verifierOf } from '../bearer.ts';
import type { CheckOutcome } from '../check-outcome.ts';
import { parsedBody } from '../check-request.ts';
import { checkConnect } from '../user.ts';
import type { Hook, HookContext } from './hook.ts';

/** What rabbitmq_mqtt publishes to and binds queues to, unless its setting `exchange` says otherwise. */
const mqttExchange = 'amq.topic';

/**
 * Answers rabbitmq_auth_backend_http (its README) as far as rabbitmq_mqtt makes it ask. By POST only: a GET would carry the
 * password in the address, and RabbitMQ appends to an address with a key so that neither can be read. A client without
 * an MQTT client id, of AMQP for one, is let in nowhere.
 */
export function createRabbitmqHook(context: HookContext): Hook {
  const { app, rabbitmqVhost } = context;

  /** Reads the fields of a question, decides, and notes whom it was about. */
  async function decideBy<Name extends string>(
    request: FastifyRequest,
    { clientIdIn, more }: { clientIdIn: string; more: readonly Name[] },
    decide: (asked: ConnectNames, texts: Record<Name, string>) => Promise<CheckOutcome>,
  ): Promise<CheckOutcome> {
    const read = readTexts(parsedBody(request), ['username', 'vhost', clientIdIn, ...more]);
    if (!read.granted) return read;
    const { username = '', vhost } = read.check as Record<string, string>;
    const asked = { username, clientId: read.check[clientIdIn] ?? '' };
    const isServed = vhost === rabbitmqVhost;
    return { asked, ...(isServed ? await decide(asked, read.check) : deny('virtual-host-other')) };
  }

  const decideUser = (request: FastifyRequest) =>
    decideBy(request, { clientIdIn: 'client_id', more: ['password'] }, async (asked, { password }) =>
      asked.username === '' || password === ''
        ? deny('credentials-missing')
        : checkConnect(context, verifierOf(app, request), { ...asked, password }),
    );

  const decideVhost = (request: FastifyRequest) =>
    decideBy(request, { clientIdIn: 'client_id', more: [] }, async (asked) =>
      asked.username === kickUsername ? { granted: true } : checkLive(context, asked),
    );

  const decideResource = (request: FastifyRequest) =>
    decideBy(
      request,
      { clientIdIn: 'client_id', more: ['resource', 'name', 'permission'] },
      async (asked, wanted) => findResourceFault(asked, wanted) ?? checkResource(asked, wanted.permission),
    );

  /** A kick has to delete the queues of its client, for which RabbitMQ wants the permission to configure them. */
  async function checkResource(asked: ConnectNames, permission: string): Promise<CheckOutcome> {
    const isKick = asked.username === kickUsername && permission === 'configure';
    return isKick ? { granted: true } : checkLive(context, asked);
  }

  const decideRoutingKey = (request: FastifyRequest) =>
    decideBy(
      request,
      { clientIdIn: 'variable_map.client_id', more: ['name', 'permission', 'routing_key'] },
      async (asked, { name, permission, routing_key: routingKey }) => {
        if (name !== mqttExchange) return deny('resource-other');
        const read = readRoutingKeyCheck(routingKey, permission);
        return read.granted ? decideTopic(context, { ...asked, ...read.check }) : read;
      },
    );

  return {
    answers: { grant: (reply) => send(reply, 'allow'), deny: sendDenial, unavailable: sendUnavailable },
    routes: [
      { url: '/rabbitmq/user', check: 'user', decide: decideUser },
      { url: '/rabbitmq/vhost', check: 'user', decide: decideVhost },
      { url: '/rabbitmq/resource', check: 'acl', decide: decideResource },
      { url: '/rabbitmq/topic', check: 'acl', decide: decideRoutingKey },
    ],
  };
}

/** A client has its own queues, whose names hold its client id, and may use the exchange, but change nothing about it. */
function findResourceFault(
  { clientId }: ConnectNames,
  { resource, name, permission }: Record<'resource' | 'name' | 'permission', string>,
): Denial | undefined {
  const subscription = `mqtt-subscription-${clientId}qos`;
  const ownQueues = [`${subscription}0`, `${subscription}1`, `mqtt-will-${clientId}`];
  if (resource === 'queue' && ownQueues.includes(name)) return undefined;
  const isExchange = resource === 'exchange' && name === mqttExchange;
  return isExchange && permission !== 'configure' ? undefined : deny('resource-other');
}

/** The reason is not in the body: before version 4 that would be an error. */
function sendDenial(reply: FastifyReply, reason: DenialReason): FastifyReply {
  return send(reply.header('x-bednet-reason', reason), 'deny');
}

/** RabbitMQ refuses on every status but 200 and 201, and logs it as an error. */
function sendUnavailable(reply: FastifyReply): FastifyReply {
  return send(reply.code(503), 'store-unavailable');
}

function send(reply: FastifyReply, body: string): FastifyReply {
  return reply.header('content-type', 'text/plain; charset=utf-8').send(body);
}
