import type { IncomingMessage, Server, ServerResponse } from 'node:http';

type Handle = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * Lets at most `perTurn` requests begin in one turn of the event loop; the others begin in the next ones, first come,
 * first served. Else hundreds of requests that arrive in one moment are all begun before anything else goes on: a
 * renewal under way, an answer of Redis, a timer.
 */
export function beginInTurns(server: Server, perTurn: number): void {
  const [handle] = server.listeners('request') as Handle[];
  if (!handle) throw new TypeError('the server has no handler yet');
  const waiting: (() => void)[] = [];
  let begun = 0;

  server.removeListener('request', handle);
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    waiting.push(() => handle.call(server, request, response));
    if (begun < perTurn) begin(1);
  });

  function begin(count: number): void {
    if (begun === 0) setImmediate(next);
    for (const start of waiting.splice(0, count)) {
      begun += 1;
      start();
    }
  }

  function next(): void {
    begun = 0;
    if (waiting.length > 0) begin(perTurn);
  }
}
