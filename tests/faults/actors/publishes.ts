import type { Id } from '../history/history.ts';

/** When a message was published, and on which topic. */
export interface Published {
  readonly startMs: number;
  readonly topic: Id;
}

/** All messages of a run: each carries its number. */
export interface Publishes {
  /** Notes a message and returns its payload. */
  add(published: Published): Buffer;
  find(number: number): Published | undefined;
}

/** Makes an empty list. */
export function createPublishes(): Publishes {
  const all: Published[] = [];
  return {
    add(published) {
      const payload = Buffer.alloc(4);
      payload.writeUInt32BE(all.push(published) - 1);
      return payload;
    },
    find: (number) => all[number],
  };
}
