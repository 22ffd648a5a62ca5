import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { deny } from '../../core/check/reasons.ts';
import { whenKnown } from '../../core/check/when-known.ts';
import { answerForm, sendAnswer } from '../contract/answer.ts';
import { habitsOf } from '../contract/broker-habits.ts';
import { createBrokerKeyCheck } from '../contract/broker-key.ts';
import type { CheckName } from '../metrics.ts';
import type { WebhookContext } from '../webhook-context.ts';
import { checkAclOf } from './acl.ts';
import { verifierOf, type TokenVerifier } from './bearer.ts';
import { conclude, type CheckOutcome } from './check-outcome.ts';
import { askedForm, formOf, type CheckRequest } from './check-request.ts';
import { checkUser } from './user.ts';

type Checker = (
  context: WebhookContext,
  request: CheckRequest,
  verify: TokenVerifier,
) => CheckOutcome | Promise<CheckOutcome>;

/** What decides each check. */
export const checkers: Readonly<Record<CheckName, Checker>> = {
  user: checkUser,
  acl: checkAclOf,
  superuser: () => deny('superuser-none'),
};

/** All are read alike; a type that is named is found without being parsed again for each request. */
const bodyTypes = ['application/json', 'application/x-www-form-urlencoded', '*'];

/** Longer bodies end the connection; what lies between this and 16 KiB is denied and the connection kept. */
const hardBodyLimitBytes = 2 ** 21;

/**
 * The broker's checks, for brokers that know the key. Everything that a plugin may send is taken: POST, PUT, and GET
 * with a body. A 5xx means "not known", which cuts publishers off, so only a silent Redis may cause one.
 */
export function registerChecks(app: FastifyInstance, context: WebhookContext, brokerKey: string): void {
  const findKeyFault = createBrokerKeyCheck(brokerKey);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(bodyTypes, { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

  for (const check of Object.keys(checkers) as CheckName[]) {
    app.route({
      method: ['POST', 'PUT', 'GET'],
      url: `/${check}`,
      exposeHeadRoute: false,
      bodyLimit: hardBodyLimitBytes,
      onRequest: (request, reply, done) => {
        if (!refuseStranger(check, request, reply)) done();
      },
      handler: (request, reply) =>
        whenKnown(checkers[check](context, request, verifierOf(app, request)), (outcome) =>
          send(check, request, reply, outcome),
        ),
    });
  }

  /** Before the body is read, so that a stranger can't make the service buffer anything. */
  function refuseStranger(check: CheckName, request: FastifyRequest, reply: FastifyReply): boolean {
    const keyFault = findKeyFault(request);
    context.metrics.countRequest(check, habitsOf(request, keyFault));
    const fault = keyFault ?? (answerForm(askedForm(request)) === undefined ? 'answer-unknown' : undefined);
    if (fault === undefined) return false;
    send(check, request, reply, deny(fault));
    return true;
  }

  function send(
    check: CheckName,
    request: FastifyRequest,
    reply: FastifyReply,
    outcome: CheckOutcome,
  ): FastifyReply {
    const exchange = { check, form: formOf(request), seconds: reply.elapsedTime / 1000 };
    return sendAnswer(reply, conclude(context, exchange, outcome));
  }
}
