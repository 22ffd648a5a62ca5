import type { FastifyReply } from 'fastify';
import type { DenialReason } from '../../core/check/reasons.ts';

/** The form of an answer's body; each is right for `status`, where only the status counts. */
export type AnswerForm = 'json' | 'text';

/** An answer, before it is sent. */
export interface Answer {
  readonly status: number;
  /** Headers of its own, in the order in which they are sent. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

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

const contentTypes: Readonly<Record<AnswerForm, string>> = {
  json: 'application/json; charset=utf-8',
  text: 'text/plain; charset=utf-8',
};

const grants: Readonly<Record<AnswerForm, Answer>> = {
  json: { status: 200, headers: { 'content-type': contentTypes.json }, body: '{"Ok":true,"Error":""}' },
  text: { status: 200, headers: { 'content-type': contentTypes.text }, body: 'ok' },
};

/** The form that `?answer=` asks for, or undefined for one that there isn't. */
export function answerForm(asked: unknown): AnswerForm | undefined {
  if (asked === undefined || asked === 'json' || asked === 'status') return 'json';
  return asked === 'text' ? 'text' : undefined;
}

/** A grant that every response mode reads as one: 200, and `ok` or `{"Ok":true}`. `cacheHeader` lets the broker remember it. */
export function grantAnswer(form: AnswerForm, cacheHeader?: string): Answer {
  const grant = grants[form];
  return cacheHeader === undefined
    ? grant
    : { ...grant, headers: { 'x-bednet-cache': cacheHeader, ...grant.headers } };
}

/** A denial that every response mode reads as one, never as an error: 4xx with the reason. */
export function denialAnswer(form: AnswerForm, reason: DenialReason): Answer {
  return refusal(statusByReason[reason] ?? 403, form, reason);
}

/** The truth can't be known now: 503, which plugins read as an error, not as a denial. */
export function unavailableAnswer(form: AnswerForm): Answer {
  return refusal(503, form, 'store-unavailable');
}

/** Sends an answer by Fastify. */
export function sendAnswer(reply: FastifyReply, { status, headers, body }: Answer): FastifyReply {
  return reply.code(status).headers(headers).send(body);
}

/** As sendAnswer with denialAnswer. */
export function sendDenial(reply: FastifyReply, form: AnswerForm, reason: DenialReason): FastifyReply {
  return sendAnswer(reply, denialAnswer(form, reason));
}

function refusal(status: number, form: AnswerForm, reason: DenialReason | 'store-unavailable'): Answer {
  return {
    status,
    headers: { 'x-bednet-reason': reason, 'content-type': contentTypes[form] },
    body: form === 'text' ? reason : `{"Ok":false,"Error":"${reason}"}`,
  };
}
