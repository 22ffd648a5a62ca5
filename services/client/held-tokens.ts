import type { Tokens } from '../contract/native.ts';

/** Tokens in memory, and when they were asked for. Time is a monotonic clock: the wall clock of a device may be wrong. */
export interface HeldTokens {
  tokens: Tokens;
  /** Milliseconds of `monotonicMs` before the request was sent, so never too late. */
  askedAtMs: number;
}

/** Part of an access token's life after which it is renewed. */
const renewAfter = 0.8;
/** A token that lapses within this time is renewed before it is used. */
const safetyMs = 5_000;

/** Milliseconds on a clock that nobody sets. */
export const monotonicMs = (): number => performance.now();

/** How long from now until the token should be renewed; 0 if that is overdue. */
export function renewalDueInMs({ tokens, askedAtMs }: HeldTokens, nowMs: number): number {
  return Math.max(0, askedAtMs + tokens.expires_in * 1000 * renewAfter - nowMs);
}

/**
 * How many renewals the session had when these tokens were issued, which `jti` begins with; NaN if it does not say so.
 * Answers may overtake one another: an older pair must not replace a newer one.
 */
export function generationOf(tokens: Tokens): number {
  try {
    const [, claims = ''] = tokens.access_token.split('.');
    const { jti } = JSON.parse(atob(claims.replaceAll('-', '+').replaceAll('_', '/'))) as { jti: string };
    return Number.parseInt(jti, 10);
  } catch {
    return NaN;
  }
}

/** Whether the access token can still be used for a request that is sent now. */
export function isUsable({ tokens, askedAtMs }: HeldTokens, nowMs: number): boolean {
  const lifeMs = tokens.expires_in * 1000;
  return nowMs < askedAtMs + lifeMs - Math.min(safetyMs, lifeMs / 10);
}
