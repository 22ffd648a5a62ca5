import type { FastifyPluginAsync } from 'fastify';
import { Type } from 'typebox';
import { failures } from '../../contract/native.ts';
import type { VerificationKey } from '../../core/tokens/jwk.ts';
import type { KeyRing } from '../../core/tokens/key-ring.ts';

/** Others may keep the set this long: a new key is published before it signs, so it must become known in time. */
const maxAgeSeconds = 300;

/** Public members of the key types in use, and no others (RFC 7517 4, RFC 8037 2). */
const PublicKey = Type.Object({
  kty: Type.String(),
  kid: Type.String(),
  alg: Type.String(),
  use: Type.Literal('sig'),
  crv: Type.Optional(Type.String()),
  x: Type.Optional(Type.String()),
  y: Type.Optional(Type.String()),
  n: Type.Optional(Type.String()),
  e: Type.Optional(Type.String()),
});

const schema = {
  summary: 'The public keys that access tokens are verified with',
  tags: ['keys'],
  response: {
    200: Type.Object({ keys: Type.Array(PublicKey) }, { description: 'A JWK set (RFC 7517)' }),
    ...failures(),
  },
};

/** GET /.well-known/jwks.json. HS256 keys are none of it. The response schema is what keeps private members in. */
export const jwks: FastifyPluginAsync<{ keys: KeyRing<VerificationKey> }> = async (app, { keys }) => {
  app.get('/.well-known/jwks.json', { schema }, async (_request, reply) => {
    reply.header('cache-control', `public, max-age=${maxAgeSeconds}`);
    return { keys: keys.keys.map((key) => key.publicJwk).filter((jwk) => jwk !== undefined) };
  });
};
