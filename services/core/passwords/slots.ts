/** A limit on how much goes on at once, with a bounded queue. */
export interface Slots {
  /**
   * True once a slot is free; false at once when the queue is full, after the longest wait, or when the place in a full
   * queue goes to somebody who has fewer of them. `owner` is whom the places are counted for.
   */
  take(owner?: string): Promise<boolean>;
  /** Gives a slot back that `take` granted. */
  give(): void;
}

interface Waiter {
  owner: string;
  settle(granted: boolean): void;
}

/**
 * Makes slots: `atOnce` in use, `waiting` in the queue for at most `waitMs`. First come, first served; but whoever has
 * most places of a full queue loses the newest one to an owner with fewer, so that nobody can keep others out of it.
 */
export function createSlots(limits: { atOnce: number; waiting: number; waitMs: number }): Slots {
  let inUse = 0;
  const queue = new Set<Waiter>();

  return {
    take(owner = '') {
      if (inUse < limits.atOnce) {
        inUse += 1;
        return Promise.resolve(true);
      }
      if (queue.size >= limits.waiting && !makePlace(queue, owner)) return Promise.resolve(false);
      return waitInQueue(queue, owner, limits.waitMs);
    },
    give() {
      const [next] = queue;
      if (next) next.settle(true);
      else inUse -= 1;
    },
  };
}

/** Drops the newest waiter of the owner with most places, if that leaves it no fewer than `newcomer` then has. */
function makePlace(queue: Set<Waiter>, newcomer: string): boolean {
  const places = new Map<string, number>();
  for (const { owner } of queue) places.set(owner, (places.get(owner) ?? 0) + 1);
  const [[greediest, most] = ['', 0]] = [...places].sort(([, a], [, b]) => b - a);
  if (most - 1 < (places.get(newcomer) ?? 0) + 1) return false;
  const dropped = [...queue].findLast(({ owner }) => owner === greediest);
  dropped?.settle(false);
  return dropped !== undefined;
}

function waitInQueue(queue: Set<Waiter>, owner: string, waitMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const waiter: Waiter = {
      owner,
      settle(granted) {
        clearTimeout(timer);
        queue.delete(waiter);
        resolve(granted);
      },
    };
    const timer = setTimeout(() => waiter.settle(false), waitMs);
    queue.add(waiter);
  });
}
