import type { FastifyReply } from 'fastify';
import type { DenialReason } from '../../core/check/reasons.ts';

/** The form of an answer's body; each is right for `status`, where only the status counts. */
export type AnswerForm = 'json' | 'text';

/** Denials that are about the request itself, not about a client; every other one is 403. */
const statusByReason: Partial<Record<DenialReason, number>> = {
  'body-malformed': 400,
  'body-not-utf8': 400,
  'body-too-large': 413,
  'field-duplicate': 400,
  'field-missing': 400,
  'field-type': 400,
  'request-malformed': 400,
  'answer-unknown': 400,
  'broker-key-missing': 401,
  'broker-key-wrong': 401,
  'route-unknown': 404,
};

/** The form that `?answer=` asks for, or undefined for one that there isn't. */
export function answerForm(asked: unknown): AnswerForm | undefined {
  if (asked === undefined || asked === 'json' || asked === 'status') return 'json';
  return asked === 'text' ? 'text' : undefined;
}

/** Answers so that every response mode reads a grant: 200, and `ok` or `{"Ok":true}`. `cacheHeader` lets the broker remember it. */
export function sendGrant(reply: FastifyReply, form: AnswerForm, cacheHeader?: string): FastifyReply {
  if (cacheHeader !== undefined) reply.header('x-bednet-cache', cacheHeader);
  return send(reply.code(200), form, form === 'text' ? 'ok' : '{"Ok":true,"Error":""}');
}

/** Answers so that every response mode reads a denial, never an error: 4xx with the reason. */
export function sendDenial(reply: FastifyReply, form: AnswerForm, reason: DenialReason): FastifyReply {
  reply.code(statusByReason[reason] ?? 403).header('x-bednet-reason', reason);
  return send(reply, form, form === 'text' ? reason : `{"Ok":false,"Error":"${reason}"}`);
}

/** Answers that the truth can't be known now: 503, which plugins read as an error, not as a denial. */
export function sendUnavailable(reply: FastifyReply, form: AnswerForm): FastifyReply {
  const reason = 'store-unavailable';
  reply.code(503).header('x-bednet-reason', reason);
  return send(reply, form, form === 'text' ? reason : `{"Ok":false,"Error":"${reason}"}`);
}

function send(reply: FastifyReply, form: AnswerForm, body: string): FastifyReply {
  const type = form === 'text' ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8';
  return reply.header('content-type', type).send(body);
}
