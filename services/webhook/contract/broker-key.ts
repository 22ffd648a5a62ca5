import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { DenialReason } from '../../core/check/reasons.ts';

/**
 * Makes the check of the key that the broker sends in the header X-Bednet-Key or, as upstream plugins must, in the
 * query (`?key=`). Hashes are compared, so that time tells nothing, not even the key's length.
 */
export function createBrokerKeyCheck(key: string): (request: FastifyRequest) => DenialReason | undefined {
  const expected = sha256(key);
  return (request) => {
    const presented = request.headers['x-bednet-key'] ?? (request.query as { key?: unknown }).key;
    if (presented === undefined || presented === '') return 'broker-key-missing';
    if (typeof presented !== 'string') return 'broker-key-wrong';
    return timingSafeEqual(sha256(presented), expected) ? undefined : 'broker-key-wrong';
  };
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
