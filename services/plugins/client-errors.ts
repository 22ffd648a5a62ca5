import type { Socket } from 'node:net';
import type { ConnectionError, FastifyInstance } from 'fastify';
import type { ErrorCode } from '../contract/error-codes.ts';
import { BednetError } from '../core/errors.ts';
import type { ErrorShape, ShapeAt } from './errors.ts';

const addresses = new WeakMap<object, string>();

/** Remembers which address a connection is busy with, so that a body that never ends is refused in its shape. */
export function rememberAddresses(app: FastifyInstance): void {
  app.addHook('onRequest', async ({ raw }) => void addresses.set(raw.socket, raw.url ?? ''));
  app.addHook('onResponse', async ({ raw }) => void addresses.delete(raw.socket));
}

/** For Fastify's `clientErrorHandler`: answers what the HTTP parser refuses, before there is a whole request. */
export function answerClientErrors(shapeAt: ShapeAt = () => plainShape) {
  return (error: ConnectionError, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || !socket.writable) return;
    const url = requestLineUrl(error.rawPacket) ?? addresses.get(socket);
    const refusal = new BednetError(clientErrorCode(error));
    const { status = refusal.status, mediaType = 'application/json', body } = shapeAt(url)(refusal);
    const text = JSON.stringify(body);
    socket.end(
      `HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Type: ${mediaType}; charset=utf-8\r\n` +
        `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
    );
  };
}

const plainShape: ErrorShape = ({ code, message }) => ({
  body: { success: false, status: 'error', error: { code, message }, message },
});

/** The address in what the parser was looking at, if that begins with a request line. */
function requestLineUrl(packet: unknown): string | undefined {
  if (!Buffer.isBuffer(packet)) return undefined;
  return /^[A-Z]+ (\S+) HTTP\/1\.[01]\r\n/.exec(packet.toString('latin1', 0, 16_384))?.[1];
}

function clientErrorCode(error: ConnectionError): ErrorCode {
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') return 'VAL_REQUEST_TIMEOUT';
  if (error.code === 'HPE_HEADER_OVERFLOW') return 'VAL_HEADERS_TOO_LARGE';
  return 'VAL_INVALID_REQUEST';
}
