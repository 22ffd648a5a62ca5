import type { IncomingHttpHeaders } from 'node:http';
import type { AnswerForm } from '../contract/answer.ts';
import { answerForm } from '../contract/answer.ts';
import { parseBody, type ParsedBody } from '../contract/parse-body.ts';

/** What a check is read from, whichever way it came. A FastifyRequest is one. */
export interface CheckRequest {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly query: unknown;
  /** A Buffer, or undefined. */
  readonly body?: unknown;
}

/** The parsed body of a check. */
export function parsedBody({ headers, body }: CheckRequest): ParsedBody {
  return parseBody(headers['content-type'], body as Buffer | undefined);
}

/** The form of answer that a request asks for; JSON where it asks for one that there isn't. */
export function formOf({ query }: Pick<CheckRequest, 'query'>): AnswerForm {
  return answerForm(askedForm({ query })) ?? 'json';
}

/** The form of answer as it is asked for. */
export function askedForm({ query }: Pick<CheckRequest, 'query'>): unknown {
  return (query as { answer?: unknown }).answer;
}
