import { hash } from 'node:crypto';
import type { PresentedToken } from './access-token-claims.ts';
import type { VerificationKey } from './jwk.ts';
import type { KeyRing } from './key-ring.ts';

/** Tokens whose signature and claims were found right, so that a reconnect or a SIGHUP need not verify them again. */
export interface VerifiedTokens {
  /** What a token says, if it was verified with a key that still is in the ring. */
  find(token: string): PresentedToken | undefined;
  keep(token: string, verified: { readonly token: PresentedToken; readonly key: VerificationKey }): void;
}

/** Some 600 bytes each. */
const mostTokens = 20_000;

/**
 * Makes an empty memory of verified tokens, filed under their SHA-256: no token is kept. A ring makes new key objects whenever it
 * reads its file, so no token outlives a change of keys, also not one whose verification was under way meanwhile. What was
 * not asked for the longest is forgotten first; a token that was refused is never kept, so strangers can't fill it.
 */
export function createVerifiedTokens(
  keys: Pick<KeyRing<VerificationKey>, 'keys'>,
  most = mostTokens,
): VerifiedTokens {
  /** In the order of their last use: a Map keeps the order of insertion. */
  const verified = new Map<string, { readonly token: PresentedToken; readonly key: VerificationKey }>();
  return {
    find(token) {
      const name = nameOf(token);
      const known = verified.get(name);
      if (known === undefined) return undefined;
      verified.delete(name);
      if (!keys.keys.includes(known.key)) return undefined;
      verified.set(name, known);
      return known.token;
    },
    keep(token, entry) {
      verified.set(nameOf(token), entry);
      const [oldest] = verified.keys();
      if (verified.size > most && oldest !== undefined) verified.delete(oldest);
    },
  };
}

function nameOf(token: string): string {
  return hash('sha256', token, 'base64url');
}
