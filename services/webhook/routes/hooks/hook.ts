import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { deny, type DenialReason } from '../../../core/check/reasons.ts';
import { createBrokerKeyCheck } from '../../contract/broker-key.ts';
import { findFault } from '../../contract/find-fault.ts';
import type { CheckName } from '../../metrics.ts';
import type { WebhookContext } from '../../webhook-context.ts';
import { noteOutcome, type CheckOutcome } from '../check-outcome.ts';

/** How one kind of broker is answered. */
export interface HookAnswers {
  grant(reply: FastifyReply): FastifyReply;
  deny(reply: FastifyReply, reason: DenialReason): FastifyReply;
  /** The truth can't be known now. */
  unavailable(reply: FastifyReply): FastifyReply;
}

/** One question that a broker asks by POST. */
export interface HookRoute {
  readonly url: string;
  readonly check: CheckName;
  /** Decides; a reply that was already sent ends the matter. */
  decide(request: FastifyRequest, reply: FastifyReply): Promise<CheckOutcome | FastifyReply>;
}

/** A kind of broker. */
export interface Hook {
  readonly answers: HookAnswers;
  readonly routes: readonly HookRoute[];
}

/** What a hook works with. */
export interface HookContext extends WebhookContext {
  readonly app: FastifyInstance;
  readonly rabbitmqVhost: string;
}

/** A broker that asks about long payloads is told no, and the connection kept. */
const bodyLimitBytes = 2 ** 21;

/**
 * Registers the questions of one kind of broker, in a scope of its own whose errors are answered in the broker's own
 * form. Comes after registerChecks, which sets how bodies are read.
 */
export function registerHook(
  app: FastifyInstance,
  context: WebhookContext,
  { brokerKey, hook }: { brokerKey: string; hook: Hook },
): void {
  const { answers, routes } = hook;
  const findKeyFault = createBrokerKeyCheck(brokerKey);

  void app.register(async (scope) => {
    for (const { url, check, decide } of routes) {
      const send = (reply: FastifyReply, outcome: CheckOutcome) => {
        noteOutcome(context, { check, seconds: reply.elapsedTime / 1000 }, outcome);
        return outcome.granted ? answers.grant(reply) : answers.deny(reply, outcome.reason);
      };
      scope.post(url, {
        bodyLimit: bodyLimitBytes,
        onRequest: (request, reply, done) => {
          const fault = findKeyFault(request);
          if (fault === undefined) done();
          else send(reply, deny(fault));
        },
        errorHandler: (error: FastifyError, request, reply) => {
          const fault = findFault(error);
          if (fault === 'check-failed')
            request.log.error({ event: 'check-failed', err: error }, 'a check failed');
          return fault === 'store-unavailable' ? answers.unavailable(reply) : send(reply, deny(fault));
        },
        handler: async (request, reply) => {
          const outcome = await decide(request, reply);
          return 'granted' in outcome ? send(reply, outcome) : outcome;
        },
      });
    }
  });
}
