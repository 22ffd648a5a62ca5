import type { FastifyRequest } from 'fastify';
import { BednetError } from '../core/errors.ts';

const loopback = /^(127\.|::1$|::ffff:127\.)/;
const forwardingHeaders = ['forwarded', 'via', 'x-forwarded-for', 'x-real-ip'];

/** A hook that hides routes from everybody but this machine. What a proxy forwards is not from this machine. */
export async function localOnly(request: FastifyRequest): Promise<void> {
  const isForwarded = forwardingHeaders.some((name) => request.headers[name] !== undefined);
  if (isForwarded || !loopback.test(request.socket.remoteAddress ?? ''))
    throw new BednetError('RES_NOT_FOUND');
}
