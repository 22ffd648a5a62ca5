import { TextDecoder } from 'node:util';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { BednetError } from '../core/errors.ts';

const stringOrMark = /"(?:[^"\\]|\\.)*"|[{}[\]:]/g;

/**
 * Takes JSON bodies literally: UTF-8 without faults, no name twice in one object, no NUL and no half surrogate in any
 * text, no `__proto__`. An empty body counts as none. A query parameter may come once.
 */
export default fp(
  async (app) => {
    const parse = app.getDefaultJsonParser('error', 'error');
    const decoder = new TextDecoder('utf-8', { fatal: true });
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, bytes, done) => {
      if (bytes.length === 0) return done(null, null);
      const text = decode(decoder, bytes as Buffer);
      if (text === undefined) return done(new BednetError('VAL_INVALID_JSON', { message: notUtf8 }));
      parse(request, text, (error, body) => done(error ?? findFault(text), body));
    });
    app.addHook('preValidation', async (request) => assertQueryOnce(request.query));
    acceptNoBody(app);
  },
  { name: 'strict-input' },
);

const notUtf8 = 'The request body is not valid UTF-8.';

/** Routes with an optional body validate `null`; others say which field is missing. */
function acceptNoBody(app: FastifyInstance): void {
  app.addHook('preValidation', async (request) => {
    request.body ??= null;
  });
}

function decode(decoder: TextDecoder, bytes: Buffer): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined; // The only fault that a fatal decoder knows is malformed UTF-8.
  }
}

/** Walks a text that is known to be JSON; JSON.parse would keep the last of two equal names without a word. */
function findFault(json: string): BednetError | null {
  const names: (Set<string> | undefined)[] = [];
  let last: string | undefined;
  for (const [mark] of json.matchAll(stringOrMark)) {
    if (mark === '{') names.push(new Set());
    else if (mark === '[') names.push(undefined);
    else if (mark === '}' || mark === ']') names.pop();
    else if (mark !== ':') last = JSON.parse(mark) as string;
    else if (last !== undefined && names.at(-1)?.has(last))
      return fault('The request body names a field twice.');
    else if (last !== undefined) names.at(-1)?.add(last);
    if (last?.includes('\0') || last?.isWellFormed() === false) {
      return fault('The request body holds a NUL or a broken character.');
    }
  }
  return null;
}

function assertQueryOnce(query: unknown): void {
  for (const value of Object.values((query ?? {}) as Record<string, unknown>)) {
    if (Array.isArray(value)) throw fault('A query parameter is given twice.');
  }
}

function fault(message: string): BednetError {
  return new BednetError('VAL_INVALID_FORMAT', { message });
}
