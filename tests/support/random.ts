/** Random choices that a seed repeats. */
export interface Random {
  /** A whole number from 0 up to, without, `limit`. */
  below(limit: number): number;
  /** A number from `low` up to, without, `high`. */
  between(low: number, high: number): number;
  chance(probability: number): boolean;
  /** One of some things; throws a TypeError if there are none. */
  pick<T>(all: readonly T[]): T;
  /** Another source, so that what one actor draws does not depend on how often others do. */
  fork(): Random;
}

/** Makes a source from a 32-bit seed (mulberry32). */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const below = (limit: number) => Math.floor((next() / 2 ** 32) * limit);
  return {
    below,
    between: (low, high) => low + (next() / 2 ** 32) * (high - low),
    chance: (probability) => next() / 2 ** 32 < probability,
    pick(all) {
      if (all.length === 0) throw new TypeError('nothing to pick from');
      return all[below(all.length)] as (typeof all)[number];
    },
    fork: () => createRandom(next()),
  };
}
