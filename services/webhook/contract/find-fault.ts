import type { FastifyError } from 'fastify';
import type { DenialReason } from '../../core/check/reasons.ts';
import { isStoreUnavailable } from '../../core/redis/store.ts';

/** What an error in a check means to the broker that asked; `store-unavailable` = nothing can be known now. */
export function findFault(error: FastifyError): DenialReason | 'store-unavailable' {
  if (isUnknowable(error)) return 'store-unavailable';
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return 'body-too-large';
  return (error.statusCode ?? 500) < 500 ? 'request-malformed' : 'check-failed';
}

/** Redis is away, or does not let this service in: then nothing about any client can be known. */
function isUnknowable(error: Error): boolean {
  return isStoreUnavailable(error) || /^(NOAUTH|NOPERM|WRONGPASS)\b/.test(error.message);
}
