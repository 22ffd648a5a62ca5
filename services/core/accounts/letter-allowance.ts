import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { letterCountKey } from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';

/** Letters of one kind that an address gets per hour, however often somebody asks. */
const lettersPerHour = 3;

/** Kinds of letters that strangers can cause. Each is counted apart, so none of them can keep another one away. */
export type CausedLetter = 'reset-link' | 'email-verification-link' | 'email-taken';

/** Takes one of the letters that an address may get; false when the hour has no more. Known or not, it costs the same. */
export async function takeLetter(store: Store, kind: CausedLetter, email: string): Promise<boolean> {
  const limiter = new RateLimiterRedis({
    storeClient: store.redis,
    keyPrefix: '',
    points: lettersPerHour,
    duration: 3600,
  });
  try {
    await limiter.consume(letterCountKey(kind, email));
    return true;
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal;
    return false;
  }
}
