import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { ErrorCode } from '../../../contract/error-codes.ts';
import { Introspection, oauthFailures, TokenForm } from '../../../contract/oauth.ts';
import { callerOf } from '../../session-context.ts';
import { authenticateClient } from '../../use-cases/oauth/authenticate-client.ts';
import { introspect, type LookedAtToken } from '../../use-cases/oauth/introspect.ts';
import { revokeToken } from '../../use-cases/oauth/revoke-token.ts';
import { limitRequest } from '../../use-cases/check-secret.ts';
import type { DialectOptions } from '../dialect.ts';
import { toIntrospection } from './answers.ts';
import { credentialsOf } from './credentials.ts';
import { takeForms } from './forms.ts';

/** POST /oauth/introspect (RFC 7662) and POST /oauth/revoke (RFC 7009). */
export const tokenRoutes: FastifyPluginAsyncTypebox<Pick<DialectOptions, 'context'>> = async (
  app,
  { context },
) => {
  await takeForms(app);
  app.addHook('onRequest', async (_request, reply) => void reply.header('pragma', 'no-cache'));

  app.post('/oauth/introspect', { schema: introspectSchema }, async (request) => {
    await authenticateClient(context, credentialsOf(request), 'introspect', callerOf(request));
    return toIntrospection(await introspect(context, await presented(request)), context.party);
  });

  app.post('/oauth/revoke', { schema: revokeSchema }, async (request, reply) => {
    const caller = callerOf(request);
    const credentials = credentialsOf(request);
    const client = credentials && (await authenticateClient(context, credentials, 'revoke', caller));
    if (!client) await limitRequest(context, 'introspection', caller);
    await revokeToken(context, await presented(request), client?.id, caller);
    return reply.status(200).send({});
  });

  async function presented(request: FastifyRequest<{ Body: TokenForm }>): Promise<LookedAtToken> {
    const text = request.body.token;
    return { text, access: await app.verifyAccessToken(request, text) };
  }
};

const faults = [
  'VAL_MISSING_FIELD',
  'VAL_INVALID_REQUEST',
  'VAL_BODY_TOO_LARGE',
  'VAL_MEDIA_TYPE',
  'AUTH_CLIENT_INVALID',
  'AUTH_CLIENT_FORBIDDEN',
  'RATE_LIMIT_EXCEEDED',
  'SYS_NOT_DURABLE',
] as const satisfies readonly ErrorCode[];

const consumes = ['application/x-www-form-urlencoded'];

const introspectSchema = {
  summary: 'Say whether a token is good, and whose it is (RFC 7662)',
  description: 'For clients with the permission introspect, which authenticate by HTTP Basic or in the form.',
  tags: ['oauth'],
  security: [{ client: [] }],
  consumes,
  body: TokenForm,
  response: { 200: Introspection, ...oauthFailures(...faults) },
};

const revokeSchema = {
  summary: 'End the session of a token (RFC 7009)',
  description:
    'For clients with the permission revoke, and without authentication for whoever holds the token. A token that is not ours, or whose session has ended, gets the same answer.',
  tags: ['oauth'],
  security: [{ client: [] }, {}],
  consumes,
  body: TokenForm,
  response: {
    200: Type.Object({}, { description: 'The token is good for nothing now' }),
    ...oauthFailures(...faults),
  },
};
