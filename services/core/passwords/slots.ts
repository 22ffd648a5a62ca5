/** A limit on how much goes on at once, with a bounded queue. */
export interface Slots {
  /** True once a slot is free; false at once when the queue is full, or after the longest wait. */
  take(): Promise<boolean>;
  /** Gives a slot back that `take` granted. */
  give(): void;
}

/** Makes slots: `atOnce` in use, `waiting` in the queue for at most `waitMs`. First come, first served. */
export function createSlots(limits: { atOnce: number; waiting: number; waitMs: number }): Slots {
  let inUse = 0;
  const queue = new Set<(granted: boolean) => void>();

  return {
    take() {
      if (inUse < limits.atOnce) {
        inUse += 1;
        return Promise.resolve(true);
      }
      if (queue.size >= limits.waiting) return Promise.resolve(false);
      return waitInQueue(queue, limits.waitMs);
    },
    give() {
      const [next] = queue;
      if (next) next(true);
      else inUse -= 1;
    },
  };
}

function waitInQueue(queue: Set<(granted: boolean) => void>, waitMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (granted: boolean) => {
      clearTimeout(timer);
      queue.delete(settle);
      resolve(granted);
    };
    const timer = setTimeout(settle, waitMs, false);
    queue.add(settle);
  });
}
