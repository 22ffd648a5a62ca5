import type { Socket } from 'node:net';
import type { FastifyError, FastifyInstance } from 'fastify';
import { habitsOf } from '../contract/broker-habits.ts';
import { createBrokerKeyCheck } from '../contract/broker-key.ts';
import { findVerified, type VerifiedToken } from '../routes/bearer.ts';
import { conclude, concludeError, type CheckOutcome } from '../routes/check-outcome.ts';
import { formOf } from '../routes/check-request.ts';
import { checkers } from '../routes/checks.ts';
import type { WebhookContext } from '../webhook-context.ts';
import { answerByRoute } from './answer-by-route.ts';
import { begun, type LaneUse } from './connection.ts';
import { readPlainCheck, type PlainCheck } from './read-check.ts';
import { createAnswerWriter } from './write-answer.ts';

/** Thrown where a token has to be verified, which takes a request of Fastify. */
const unseenToken = new Error('the token was not verified before');

/**
 * Makes the function that decides plain checks with the right key and answers them, by the same functions as the routes. Undefined
 * for everything else.
 */
export function createPlainAnswers(
  app: FastifyInstance,
  context: WebhookContext,
  brokerKey: string,
): LaneUse['answer'] {
  const findKeyFault = createBrokerKeyCheck(brokerKey);
  const write = createAnswerWriter(app.server.keepAliveTimeout);

  function verify(text: string): VerifiedToken {
    const verified = findVerified(app, text);
    if (verified === undefined) throw unseenToken;
    return verified;
  }

  function finish(plain: PlainCheck, startMs: number, outcome: CheckOutcome): string {
    context.metrics.countRequest(plain.check, habitsOf(plain, undefined));
    const seconds = (performance.now() - startMs) / 1000;
    return write(conclude(context, { check: plain.check, form: formOf(plain), seconds }, outcome));
  }

  async function fail(plain: PlainCheck, socket: Socket, error: unknown): Promise<string | undefined> {
    if (error === unseenToken) return answerByRoute(app, socket, plain);
    context.metrics.countRequest(plain.check, habitsOf(plain, undefined));
    return write(concludeError(app.log, formOf(plain), error as FastifyError));
  }

  return (bytes, socket) => {
    const startMs = performance.now();
    const plain = readPlainCheck(bytes);
    if (plain === undefined || findKeyFault(plain) !== undefined) return undefined;
    if (plain.missingBytes > 0) return begun;
    try {
      const outcome = checkers[plain.check](context, plain, verify);
      if (!(outcome instanceof Promise)) return finish(plain, startMs, outcome);
      return outcome
        .then((known) => finish(plain, startMs, known))
        .catch((error) => fail(plain, socket, error));
    } catch (error) {
      return fail(plain, socket, error);
    }
  };
}
