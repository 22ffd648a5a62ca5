import type { FastifyPluginAsync } from 'fastify';
import { Type } from 'typebox';
import { failures } from '../contract/native.ts';

const places = {
  service: 'Bednet session service',
  sign_in: '/api/auth/login',
  documentation: '/docs/',
  openapi: '/docs/openapi.json',
  keys: '/.well-known/jwks.json',
  health: '/health',
};

const schema = {
  summary: 'What is where',
  tags: ['operation'],
  response: {
    200: Type.Object(Object.fromEntries(Object.keys(places).map((name) => [name, Type.String()])), {
      description: 'Addresses on this service',
    }),
    ...failures(),
  },
};

/** GET /: says what is where to somebody who opens the address in a browser. */
export const signpost: FastifyPluginAsync = async (app) => {
  app.get('/', { schema }, async () => places);
};
