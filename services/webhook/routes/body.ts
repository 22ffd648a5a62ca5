import type { FastifyRequest } from 'fastify';
import { parseBody, type ParsedBody } from '../contract/parse-body.ts';

/** The parsed body of a check. */
export function parsedBody(request: FastifyRequest): ParsedBody {
  return parseBody(request.headers['content-type'], request.body as Buffer | undefined);
}
