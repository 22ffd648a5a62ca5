import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { DenialReason } from '../../core/check/reasons.ts';

/** Keys are compared in a space of this size, or of the next multiple of it that the right one fits in. */
const spaceBytes = 256;
const lengthBytes = 4;

/**
 * Makes the check of the key that the broker sends in the header X-Bednet-Key or, as upstream plugins must, in the
 * query (`?key=`). Spaces of one size are compared, so that time tells nothing, not even the key's length.
 */
export function createBrokerKeyCheck(
  key: string,
): (request: { readonly headers: IncomingHttpHeaders; readonly query: unknown }) => DenialReason | undefined {
  const needed = lengthBytes + Buffer.byteLength(key);
  const expected = Buffer.alloc(Math.ceil(needed / spaceBytes) * spaceBytes);
  const space = Buffer.alloc(expected.length);
  fill(expected, key);
  return (request) => {
    const presented = request.headers['x-bednet-key'] ?? (request.query as { key?: unknown }).key;
    if (presented === undefined || presented === '') return 'broker-key-missing';
    if (typeof presented !== 'string') return 'broker-key-wrong';
    fill(space, presented);
    return timingSafeEqual(space, expected) ? undefined : 'broker-key-wrong';
  };
}

/** A text's length, the text as far as there is room, and zeros. */
function fill(space: Buffer, text: string): void {
  space.fill(0);
  space.writeUInt32LE(text.length);
  space.write(text, lengthBytes);
}
