import { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { PlainCheck } from './read-check.ts';

/** Lets the route answer a check that was read from a connection. Resolves when that is done, or the connection is gone. */
export function answerByRoute(app: FastifyInstance, socket: Socket, plain: PlainCheck): Promise<undefined> {
  const response = new ServerResponse(toMessage(socket, plain));
  response.assignSocket(socket);
  const { promise, resolve } = Promise.withResolvers<undefined>();
  response.once('close', () => resolve(undefined));
  response.once('finish', () => {
    response.detachSocket(socket);
    resolve(undefined);
  });
  app.routing(response.req, response);
  return promise;
}

function toMessage(socket: Socket, { check, headers, body }: PlainCheck): IncomingMessage {
  const message = new IncomingMessage(socket);
  Object.assign(message, {
    method: 'POST',
    url: `/${check}`,
    httpVersion: '1.1',
    httpVersionMajor: 1,
    httpVersionMinor: 1,
    headers: { ...headers },
    complete: true,
  });
  message.push(body);
  message.push(null);
  return message;
}
