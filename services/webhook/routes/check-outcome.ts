import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Denial } from '../../core/check/reasons.ts';
import { answerForm, sendDenial, sendGrant, type AnswerForm } from '../contract/answer.ts';
import type { DeniedCheck } from '../log-denials.ts';
import type { CheckName } from '../metrics.ts';
import type { WebhookContext } from '../webhook-context.ts';

interface Grant {
  readonly granted: true;
  /** The value of `X-Bednet-Cache`. */
  readonly cacheHeader?: string | undefined;
}

/** The answer to a check, with what the log may tell about the one who asked. */
export type CheckOutcome = (Grant | Denial) & {
  readonly asked?: Omit<DeniedCheck, 'check' | 'reason'>;
};

/** Counts, logs and sends the answer to one check. */
export function sendOutcome(
  context: WebhookContext,
  exchange: { check: CheckName; request: FastifyRequest; reply: FastifyReply },
  outcome: CheckOutcome,
): FastifyReply {
  const { check, request, reply } = exchange;
  const form = formOf(request);
  noteOutcome(context, { check, seconds: reply.elapsedTime / 1000 }, outcome);
  return outcome.granted
    ? sendGrant(reply, form, outcome.cacheHeader)
    : sendDenial(reply, form, outcome.reason);
}

/** Counts and logs the answer to one check. */
export function noteOutcome(
  { metrics, logDenial }: WebhookContext,
  { check, seconds }: { check: CheckName; seconds: number },
  outcome: CheckOutcome,
): void {
  metrics.countCheck(check, outcome.granted ? 'none' : outcome.reason, seconds);
  metrics.countNames(outcome.asked ?? {});
  if (!outcome.granted) logDenial({ check, reason: outcome.reason, ...outcome.asked });
}

/** The form of answer that a request asks for; JSON where it asks for one that there isn't. */
export function formOf(request: FastifyRequest): AnswerForm {
  return answerForm((request.query as { answer?: unknown }).answer) ?? 'json';
}
