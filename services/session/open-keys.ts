import type { FastifyInstance } from 'fastify';
import { readRenewalKeys, readSigningKeys } from '../core/tokens/key-files.ts';
import type { SigningKey } from '../core/tokens/jwk.ts';
import type { KeyRing } from '../core/tokens/key-ring.ts';
import type { RenewalKey } from '../core/tokens/renewal-token.ts';
import { openServiceRing } from '../plugins/key-rings.ts';
import { openTokenSigner, type TokenSigner } from '../plugins/token-signer.ts';
import type { SessionConfig } from './config.ts';

/** The keys of the session service; they follow their files. */
export interface ServiceKeys {
  signing: KeyRing<SigningKey>;
  renewal: KeyRing<RenewalKey>;
  signer: TokenSigner;
}

/** Opens the rings of signing and renewal keys, and what signs with the former. */
export async function openKeys(
  app: FastifyInstance,
  { keyFiles, signingKeys, renewalKeys }: Pick<SessionConfig, 'keyFiles' | 'signingKeys' | 'renewalKeys'>,
): Promise<ServiceKeys> {
  const signing = openServiceRing(app, {
    ...{ what: 'signing keys', file: keyFiles.signing, read: readSigningKeys },
    keys: signingKeys,
  });
  const renewal = openServiceRing(app, {
    ...{ what: 'renewal keys', file: keyFiles.renewal, read: readRenewalKeys },
    keys: renewalKeys,
  });
  const signer = await openTokenSigner(signing, (error) =>
    app.log.error({ err: error }, "the new signing key can't sign: the one before it goes on"),
  );
  return { signing, renewal, signer };
}

/** What the service reports of its keys and of the lives of its tokens. */
export function describeKeys(
  { signing, renewal, signer }: ServiceKeys,
  { lives, apiKeys, dialects }: Pick<SessionConfig, 'lives' | 'apiKeys' | 'dialects'>,
) {
  return {
    service: 'session' as const,
    kids: signing.keys.map(({ kid }) => kid),
    signs: signer.kid,
    renewalKids: renewal.keys.map(({ kid }) => kid),
    ...(renewal.keys[0] && { issues: renewal.keys[0].kid }),
    accessTtlSeconds: dialects.includes('tower-control')
      ? Math.max(lives.accessTtlSeconds, apiKeys.tokenSeconds)
      : lives.accessTtlSeconds,
    renewalIdleSeconds: lives.renewalIdleSeconds,
  };
}
