import formbody from '@fastify/formbody';
import type { FastifyInstance } from 'fastify';
import { BednetError } from '../../../core/errors.ts';

/** This scope takes forms and nothing else; a parameter may come once (RFC 6749 3.2). */
export async function takeForms(app: FastifyInstance): Promise<void> {
  app.removeAllContentTypeParsers();
  await app.register(formbody);
  app.addHook('preValidation', async ({ body }) => {
    if (!Object.values(body ?? {}).some(Array.isArray)) return;
    throw new BednetError('VAL_INVALID_FORMAT', { message: 'A parameter is given twice.' });
  });
}
