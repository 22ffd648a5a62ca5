import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { networkWindowKey } from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';

/** How often each network may do one thing within a window. */
export interface NetworkWindow {
  /** Takes one of the network's turns, before the thing is done. Throws when Redis does not answer. */
  take(network: string): Promise<{ taken: true } | { taken: false; waitMs: number }>;
  /** Gives a turn back. Should its window have ended meanwhile, the new one has a turn more. */
  giveBack(network: string): Promise<void>;
}

/** The limit that a window sets. */
export interface WindowLimit {
  /** The thing's name in the key. */
  what: string;
  turns: number;
  windowSeconds: number;
  /** How long a network is blocked by the turn that is one too many; 0 = until the window ends. */
  blockSeconds: number;
}

/** Opens a window that is counted in Redis, one key per network unless `keyOf` says otherwise. */
export function openNetworkWindow(
  store: Store,
  limit: WindowLimit,
  keyOf = (network: string) => networkWindowKey(limit.what, network),
): NetworkWindow {
  if (!(limit.windowSeconds >= 1))
    throw new TypeError(`a window of ${limit.windowSeconds} s would never end`);
  const limiter = new RateLimiterRedis({
    storeClient: store.redis,
    keyPrefix: '',
    points: limit.turns,
    duration: limit.windowSeconds,
    blockDuration: limit.blockSeconds,
  });
  return {
    take: (network) => takeTurn(limiter, keyOf(network)),
    giveBack: async (network) => void (await limiter.reward(keyOf(network))),
  };
}

async function takeTurn(limiter: RateLimiterRedis, key: string): ReturnType<NetworkWindow['take']> {
  try {
    await limiter.consume(key);
    return { taken: true };
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal;
    return { taken: false, waitMs: refusal.msBeforeNext };
  }
}
