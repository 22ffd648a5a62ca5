import type { FastifyBaseLogger, FastifyError } from 'fastify';
import type { Denial } from '../../core/check/reasons.ts';
import {
  denialAnswer,
  grantAnswer,
  unavailableAnswer,
  type Answer,
  type AnswerForm,
} from '../contract/answer.ts';
import { findFault } from '../contract/find-fault.ts';
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

/** Counts and logs the outcome of one check, and makes its answer. */
export function conclude(
  context: WebhookContext,
  exchange: { check: CheckName; form: AnswerForm; seconds: number },
  outcome: CheckOutcome,
): Answer {
  noteOutcome(context, exchange, outcome);
  const { form } = exchange;
  return outcome.granted ? grantAnswer(form, outcome.cacheHeader) : denialAnswer(form, outcome.reason);
}

/** The answer to a check in which an error was thrown, which is logged if it is a fault of ours. */
export function concludeError(log: FastifyBaseLogger, form: AnswerForm, error: FastifyError): Answer {
  const fault = findFault(error);
  if (fault === 'store-unavailable') return unavailableAnswer(form);
  if (fault === 'check-failed') log.error({ event: 'check-failed', err: error }, 'a check failed');
  return denialAnswer(form, fault);
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
