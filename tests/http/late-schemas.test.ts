import buildSerializers from '@fastify/fast-json-stringify-compiler';
import Fastify from 'fastify';
import t from 'tap';
import { compileSchemasLate } from '../../services/plugins/lazy-schemas.ts';
import { schemaRules } from '../../services/plugins/server-options.ts';
import { documentsOf } from '../support/answer-check.ts';
import { startSessionStage } from '../support/session-service.ts';

interface Operation {
  responses: Record<string, { content?: Record<string, { schema: object }> }>;
}

const body = {
  type: 'object',
  additionalProperties: false,
  required: ['name'],
  properties: { name: { type: 'string', maxLength: 5 } },
};
const answer = { type: 'object', properties: { name: { type: 'string' } } };

function echo(isLate: boolean) {
  const app = Fastify({ ajv: { customOptions: schemaRules } });
  t.teardown(() => app.close());
  if (isLate) compileSchemasLate(app);
  app.post('/', { schema: { body, response: { 200: answer } } }, (request) => ({
    ...(request.body as object),
    secret: 'that no schema names',
  }));
  return app;
}

t.test('schemas that are compiled late take and answer what early ones do', async (t) => {
  const [late, early] = [echo(true), echo(false)];

  for (const payload of [
    { name: 'Ana' },
    { name: 'Ana', role: 'admin' },
    { name: 'too long' },
    { name: 7 },
    {},
    [],
    { name: 'Ben' },
  ]) {
    const [one, other] = await Promise.all(
      [late, early].map((app) => app.inject({ method: 'POST', url: '/', payload })),
    );
    t.equal(one?.statusCode, other?.statusCode);
    t.equal(one?.payload, other?.payload, JSON.stringify(payload));
  }
});

t.test('the schema of each answer can be compiled', async (t) => {
  const { app } = await startSessionStage(t);
  const compile = buildSerializers()();

  for (const document of documentsOf(app) as { paths: Record<string, Record<string, Operation>> }[])
    for (const [url, operations] of Object.entries(document.paths))
      for (const [method, { responses }] of Object.entries(operations))
        for (const [httpStatus, { content = {} }] of Object.entries(responses))
          for (const { schema } of Object.values(content))
            t.type(
              compile({ method, url, httpStatus, schema }),
              'function',
              `${method} ${url} ${httpStatus}`,
            );
});
