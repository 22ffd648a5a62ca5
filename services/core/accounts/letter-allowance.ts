import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { letterCountKey } from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';

/** Letters of one kind that an address gets, or that an account causes, per hour, however often somebody asks. */
const lettersPerHour = 3;

/**
 * Kinds of letters that others than their reader can cause. Each is counted apart, so none of them can keep another one
 * away. `email-change-asked` is counted by the account that causes it, all others by address.
 */
export type CausedLetter =
  | 'reset-link'
  | 'registration-link'
  | 'email-verification-link'
  | 'email-taken'
  | 'email-change-link'
  | 'email-change-asked';

/**
 * Takes one of the letters that an address, or account, may have; false when the hour has no more. Known or not, it
 * costs the same.
 */
export async function takeLetter(store: Store, kind: CausedLetter, counted: string): Promise<boolean> {
  const limiter = new RateLimiterRedis({
    storeClient: store.redis,
    keyPrefix: '',
    points: lettersPerHour,
    duration: 3600,
  });
  try {
    await limiter.consume(letterCountKey(kind, counted));
    return true;
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal;
    return false;
  }
}
