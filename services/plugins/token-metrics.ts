import { Counter, Gauge, type Registry } from 'prom-client';
import type { KeyRing } from '../core/tokens/key-ring.ts';

/** What the metrics about tokens are read from. */
export interface TokenMetricsSource {
  issuer: string;
  audience: string;
  keys: KeyRing<{ kid: string }>;
  /** Every ring of the service, for the count of files that could not be read. */
  rings: readonly KeyRing<{ kid: string }>[];
  /** Absent in a service that signs nothing. */
  signer?: { readonly kid: string };
}

/** Adds which tokens a service takes, all of it public: issuer, audience and the ids of its keys. Each has the value 1. */
export function addTokenMetrics(registry: Registry, source: TokenMetricsSource): void {
  const registers = [registry];
  const party = new Gauge({
    name: 'bednet_token_party_info',
    help: 'The issuer and the audience of access tokens.',
    labelNames: ['issuer', 'audience'] as const,
    registers,
  });
  party.labels(source.issuer, source.audience).set(1);
  addKids(registry, 'bednet_token_key_info', 'A key that access tokens are verified with.', () =>
    source.keys.keys.map(({ kid }) => kid),
  );
  const { signer } = source;
  if (signer) {
    const help = 'The key that access tokens are signed with.';
    addKids(registry, 'bednet_token_signing_key_info', help, () => [signer.kid]);
  }
  new Counter({
    name: 'bednet_key_file_faults_total',
    help: 'How often a changed file of keys could not be used.',
    registers,
    collect() {
      this.reset();
      this.inc(source.rings.reduce((sum, ring) => sum + ring.faults, 0));
    },
  });
}

/** One gauge with the value 1 for each kid there is when it is asked for. */
function addKids(registry: Registry, name: string, help: string, kidsNow: () => string[]): void {
  new Gauge({
    ...{ name, help },
    labelNames: ['kid'] as const,
    registers: [registry],
    collect() {
      this.reset();
      for (const kid of kidsNow()) this.labels(kid).set(1);
    },
  });
}
