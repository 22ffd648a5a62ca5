import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { oauthFailures, ServerMetadata } from '../../../contract/oauth.ts';

const clientMethods = ['client_secret_basic', 'client_secret_post'];
const wellKnown = '/.well-known/oauth-authorization-server';

const schema = {
  summary: 'What there is of OAuth here (RFC 8414)',
  tags: ['oauth'],
  response: { 200: ServerMetadata, ...oauthFailures() },
};

/** GET /.well-known/oauth-authorization-server, also with the path of the issuer behind it (RFC 8414 3.1). */
export const metadataRoute: FastifyPluginAsyncTypebox<{ issuer: string }> = async (app, { issuer }) => {
  const metadata = metadataOf(issuer);
  const path = new URL(issuer).pathname.replace(/\/$/, '');
  for (const url of new Set([wellKnown, wellKnown + path])) app.get(url, { schema }, async () => metadata);
};

/**
 * The empty lists are said all the same (RFC 8414 3.2 would leave them out): without `grant_types_supported` a reader
 * must take the authorization code for supported.
 */
function metadataOf(issuer: string): ServerMetadata {
  const base = issuer.replace(/\/$/, '');
  return {
    issuer,
    jwks_uri: `${base}/.well-known/jwks.json`,
    response_types_supported: [],
    grant_types_supported: [],
    introspection_endpoint: `${base}/oauth/introspect`,
    introspection_endpoint_auth_methods_supported: clientMethods,
    revocation_endpoint: `${base}/oauth/revoke`,
    revocation_endpoint_auth_methods_supported: [...clientMethods, 'none'],
  };
}
