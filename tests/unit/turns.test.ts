import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import { beginInTurns } from '../../services/plugins/turns.ts';

/** A server that never listens, and what it has begun. */
const makeServer = (perTurn: number) => {
  const begun: number[] = [];
  const server = createServer((request) => void begun.push(Number(request.url)));
  beginInTurns(server, perTurn);
  const ask = (url: number) =>
    server.emit('request', { url } as unknown as IncomingMessage, {} as ServerResponse);
  return { begun, ask };
};

t.test('of many requests that arrive at once few begin in one turn, all in their order', async (t) => {
  const { begun, ask } = makeServer(3);

  for (let url = 0; url < 8; url += 1) ask(url);

  t.same(begun, [0, 1, 2]);
  await turn();
  t.same(begun, [0, 1, 2, 3, 4, 5]);
  await turn();
  t.same(begun, [0, 1, 2, 3, 4, 5, 6, 7]);
});

t.test('who arrives later goes behind those who wait', async (t) => {
  const { begun, ask } = makeServer(2);
  for (let url = 0; url < 5; url += 1) ask(url);

  await turn();
  ask(9);

  for (let i = 0; i < 3; i += 1) await turn();
  t.same(begun, [0, 1, 2, 3, 4, 9]);
});

t.test('a request that comes alone begins at once', async (t) => {
  const { begun, ask } = makeServer(2);
  for (const url of [1, 2, 3]) {
    ask(url);
    t.equal(begun.at(-1), url);
    await turn();
  }
});
