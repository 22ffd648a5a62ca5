import { Gauge, type Registry } from 'prom-client';
import type { VerificationKey } from '../core/tokens/key-files.ts';

/** Adds which tokens a service takes, all of it public: issuer, audience and the ids of its keys. Each has the value 1. */
export function addTokenMetrics(
  registry: Registry,
  { issuer, audience, keys }: { issuer: string; audience: string; keys: readonly VerificationKey[] },
): void {
  const registers = [registry];
  const party = new Gauge({
    name: 'bednet_token_party_info',
    help: 'The issuer and the audience of access tokens.',
    labelNames: ['issuer', 'audience'] as const,
    registers,
  });
  party.labels(issuer, audience).set(1);
  const known = new Gauge({
    name: 'bednet_token_key_info',
    help: 'A key that access tokens are verified with.',
    labelNames: ['kid'] as const,
    registers,
  });
  for (const { kid } of keys) known.labels(kid).set(1);
}
