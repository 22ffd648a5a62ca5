import type { FastifyRequest } from 'fastify';
import type { TokenForm } from '../../../contract/oauth.ts';
import { BednetError } from '../../../core/errors.ts';
import type { ClientCredentials } from '../../use-cases/oauth/authenticate-client.ts';

const noCredentials = { id: '', secret: '' };

/**
 * The credentials of a request, by HTTP Basic or in its form (RFC 6749 2.3.1); undefined if it has none. A header of
 * another kind counts as wrong ones. Throws VAL_INVALID_FORMAT for both ways at once (2.3).
 */
export function credentialsOf(request: FastifyRequest): ClientCredentials | undefined {
  const { client_id: id, client_secret: secret } = request.body as TokenForm;
  const { authorization } = request.headers;
  if (authorization === undefined) {
    return id === undefined && secret === undefined ? undefined : { id: id ?? '', secret: secret ?? '' };
  }
  const basic = readBasic(authorization) ?? noCredentials;
  if (secret === undefined && (id === undefined || id === basic.id)) return basic;
  const message = 'The client authenticates in two ways at once.';
  throw new BednetError('VAL_INVALID_FORMAT', { message });
}

/** Id and secret are each in form encoding inside the base64. */
function readBasic(authorization: string): ClientCredentials | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/]+={0,2})$/i.exec(authorization)?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0) return undefined;
  return decoded(text.slice(0, colon), text.slice(colon + 1));
}

function decoded(id: string, secret: string): ClientCredentials | undefined {
  try {
    const [plainId = '', plainSecret = ''] = [id, secret].map((part) =>
      decodeURIComponent(part.replaceAll('+', ' ')),
    );
    return { id: plainId, secret: plainSecret };
  } catch {
    return undefined; // A stray percent sign: then it is no form encoding.
  }
}
