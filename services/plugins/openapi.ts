import swagger from '@fastify/swagger';
import fp from 'fastify-plugin';
import { errorCodes } from '../contract/error-codes.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** Makes each OpenAPI document, by its name; they are whole when the app is ready. */
    documents: Map<string, () => object>;
  }
}

/** Makes room for the documents. Register it before any of them. */
export const documents = fp(async (app) => void app.decorate('documents', new Map()), { name: 'documents' });

/** How callers prove who they are, in the words of OpenAPI. */
export interface SecurityScheme {
  type: 'http';
  scheme: 'bearer' | 'basic';
  bearerFormat?: string;
  description?: string;
}

/** What a document says beside its routes. */
export interface DocumentInfo {
  name: string;
  title: string;
  issuer: string;
  /** Markdown; by default every error code with its sentence. */
  description?: string | undefined;
  /** Beside `accessToken`. */
  securitySchemes?: Readonly<Record<string, SecurityScheme>> | undefined;
}

const accessToken: SecurityScheme = { type: 'http', scheme: 'bearer', bearerFormat: 'JWT (RFC 9068)' };

/** Collects the OpenAPI document of the routes that are registered later in this scope. */
export default fp<DocumentInfo>(
  async (app, { name, title, issuer, description = errorList(), securitySchemes }) => {
    await app.register(swagger, {
      openapi: {
        openapi: '3.1.0',
        info: {
          title,
          version: '1',
          description: `Sessions you can revoke, for Mosquitto.\n\n${description}`,
        },
        servers: [{ url: issuer }],
        components: { securitySchemes: { accessToken, ...securitySchemes } },
      },
    });
    app.documents.set(name, () => app.swagger());
  },
  { name: 'openapi', dependencies: ['documents'] },
);

/** Every error code with its status and sentence, as a Markdown list. */
function errorList(): string {
  const items = Object.entries(errorCodes).map(
    ([code, { status, sentence }]) => `- \`${code}\` (${status}) ${sentence}`,
  );
  return ['An error answers with one of these codes:', '', ...items].join('\n');
}
