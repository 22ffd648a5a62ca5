import swagger from '@fastify/swagger';
import fp from 'fastify-plugin';
import { errorCodes } from '../contract/error-codes.ts';

/** Collects the OpenAPI description of every route that is registered later. */
export default fp<{ title: string; issuer: string }>(
  async (app, { title, issuer }) => {
    await app.register(swagger, {
      openapi: {
        openapi: '3.1.0',
        info: {
          title,
          version: '1',
          description: `Sessions you can revoke, for Mosquitto.\n\n${errorList()}`,
        },
        servers: [{ url: issuer }],
        components: {
          securitySchemes: {
            accessToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT (RFC 9068)' },
          },
        },
      },
    });
  },
  { name: 'openapi' },
);

/** Every error code with its status and sentence, as a Markdown list. */
function errorList(): string {
  const items = Object.entries(errorCodes).map(
    ([code, { status, sentence }]) => `- \`${code}\` (${status}) ${sentence}`,
  );
  return ['An error answers with one of these codes:', '', ...items].join('\n');
}
