import type { FastifyPluginAsync } from 'fastify';
import { Type } from 'typebox';
import { failures } from '../contract/native.ts';
import type { Dialect } from './dialects/dialect.ts';
import type { WebPage } from './page/page.ts';

const Places = Type.Object(
  {
    service: Type.String(),
    documentation: Type.String(),
    keys: Type.String(),
    health: Type.String(),
    openapi: Type.String({ description: 'Of what is here beside the dialects' }),
    dialects: Type.Array(
      Type.Object({
        name: Type.String(),
        title: Type.String(),
        paths: Type.Array(Type.String(), { description: 'What begins like this is spoken in this dialect' }),
        sign_in: Type.Optional(Type.String()),
        openapi: Type.String(),
      }),
    ),
  },
  { description: 'Addresses on this service' },
);

const schema = {
  summary: 'What is where',
  tags: ['operation'],
  response: {
    200: {
      description: 'The web page, where a browser asks; else addresses on this service',
      content: { 'application/json': { schema: Places }, 'text/html': { schema: Type.String() } },
    },
    ...failures(),
  },
};

/** GET /: the web page for a browser; else it says what is where. */
export const signpost: FastifyPluginAsync<{
  dialects: readonly Dialect[];
  page?: WebPage | undefined;
}> = async (app, { dialects, page }) => {
  const places = {
    service: 'Bednet session service',
    documentation: '/docs/',
    keys: '/.well-known/jwks.json',
    health: '/health',
    openapi: '/docs/service/openapi.json',
    dialects: dialects.map(({ name, title, paths, signIn }) => ({
      name,
      title,
      paths: [...paths],
      ...(signIn !== undefined && { sign_in: signIn }),
      openapi: `/docs/${name}/openapi.json`,
    })),
  };
  app.get('/', { schema }, async (request, reply) => {
    const wantsPage = page && request.headers.accept?.includes('text/html');
    reply.header('vary', 'accept');
    return wantsPage ? page.send(reply) : places;
  });
};
