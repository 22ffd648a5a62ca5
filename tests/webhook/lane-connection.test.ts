import { createServer, type ServerOptions } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { createLane } from '../../services/webhook/lane/lane.ts';
import { until } from '../support/until.ts';

/** A lane that answers `ask…` when it is told to, before a server that answers everything else at once. */
async function startLane(t: Test, limits: ServerOptions = {}) {
  const asked: { text: string; answer: (text: string) => void }[] = [];
  const lane = createLane((bytes) => {
    const text = bytes.toString();
    if (!text.startsWith('ask')) return undefined;
    const { promise, resolve } = Promise.withResolvers<string>();
    asked.push({ text, answer: resolve });
    return promise;
  });
  let served = 0;
  const server = createServer(limits, (request, response) => {
    served += 1;
    request.resume().on('end', () => response.end('by the server'));
  });
  lane.putBefore(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  return { lane, asked, served: () => served, port: (server.address() as AddressInfo).port };
}

/** A connection that collects what comes. */
async function open(t: Test, port: number) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
  const seen = { socket, text: '', hasEnded: false, isClosed: false };
  socket.setEncoding('latin1').on('data', (text) => (seen.text += text));
  socket.on('end', () => (seen.hasEnded = true)).on('close', () => (seen.isClosed = true));
  socket.on('error', () => undefined);
  t.teardown(() => socket.destroy());
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  return seen;
}

const post = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n';

t.test('checks are answered one at a time, in their order', async (t) => {
  const { asked, port } = await startLane(t);
  const [client, other] = [await open(t, port), await open(t, port)];
  client.socket.write('ask 1');
  await until(() => asked.length === 1);
  client.socket.write('ask 2');
  other.socket.write('ask another');
  await until(() => asked.length === 2);
  t.equal(asked[1]?.text, 'ask another');

  asked[0]?.answer('answer 1;');
  await until(() => asked.length === 3);
  t.equal(asked[2]?.text, 'ask 2');
  t.equal(client.text, 'answer 1;');
  asked[2]?.answer('answer 2;');
  await until(() => client.text === 'answer 1;answer 2;');
});

t.test('what is nothing for the lane goes to the server whole, and so does all that follows', async (t) => {
  const { asked, served, port } = await startLane(t);
  const client = await open(t, port);
  client.socket.write('ask');
  await until(() => asked.length === 1);
  asked[0]?.answer('answer;');
  await until(() => client.text === 'answer;');

  for (const piece of `${post}body`) client.socket.write(piece);
  await until(() => served() === 1 && client.text.includes('by the server'));
  client.socket.write(`${post}ask!`);
  await until(() => served() === 2);
  t.equal(asked.length, 1);
});

t.test('a request that came while an answer was due goes to the server after it', async (t) => {
  const { asked, served, port } = await startLane(t);
  const client = await open(t, port);
  client.socket.write('ask');
  await until(() => asked.length === 1);
  client.socket.write(`${post}body${post}`);
  client.socket.end('body');
  t.equal(served(), 0);

  asked[0]?.answer('answer;');
  await until(() => client.hasEnded);
  t.equal(served(), 2);
  t.match(client.text, /^answer;HTTP\/1\.1 200 [^]*by the server[^]*by the server$/);
});

t.test('who has said all still gets the answer', async (t) => {
  const { asked, port } = await startLane(t);
  const client = await open(t, port);
  client.socket.end('ask');
  await until(() => asked.length === 1);
  asked[0]?.answer('answer;');
  await until(() => client.hasEnded);
  t.equal(client.text, 'answer;');
});

t.test('who leaves before the answer harms nobody', async (t) => {
  const { lane, asked, port } = await startLane(t);
  const [gone, other] = [await open(t, port), await open(t, port)];
  gone.socket.write('ask');
  await until(() => asked.length === 1);
  gone.socket.resetAndDestroy();
  other.socket.write('ask');
  await until(() => asked.length === 2);

  for (const { answer } of asked) answer('answer;');
  await until(() => other.text === 'answer;');
  await lane.close();
});

t.test('closing ends idle connections at once and busy ones after their answer', async (t) => {
  const { lane, asked, served, port } = await startLane(t);
  const [idle, busy] = [await open(t, port), await open(t, port)];
  busy.socket.write('ask');
  await until(() => asked.length === 1);
  let isClosed = false;
  const closing = lane.close().then(() => (isClosed = true));
  await until(() => idle.hasEnded);
  t.equal(isClosed, false);
  t.equal(busy.hasEnded, false);

  const late = await open(t, port);
  late.socket.write(`${post}body`);
  await until(() => late.text.includes('by the server'));
  t.equal(served(), 1, 'the server says what it says to those who come late');
  asked[0]?.answer('answer;');
  await until(() => busy.hasEnded);
  t.equal(busy.text, 'answer;');
  await closing;
});

t.test('who asks without listening is not read on, and does not hold up the end', async (t) => {
  const { lane, asked, port } = await startLane(t);
  const socket = connect({ port, host: '127.0.0.1' });
  t.teardown(() => socket.destroy());
  socket.on('error', () => undefined).pause();
  const flood = () => {
    while (socket.write('ask'.padEnd(1000)));
  };
  socket.on('drain', flood);
  flood();

  let before = -1;
  await until(() => {
    for (const { answer } of asked) answer('x'.repeat(1_000_000));
    const isStill = asked.length === before && socket.writableNeedDrain;
    before = asked.length;
    return isStill;
  });
  t.ok(asked.length < 50, `${asked.length} reads were answered`);

  await lane.close();
  await until(() => socket.destroyed);
});

t.test("who says nothing, or not all, meets the server's time limits", async (t) => {
  const limits = { headersTimeout: 100, requestTimeout: 100, connectionsCheckingInterval: 20 };
  const { port } = await startLane(t, limits);
  const [silent, slow] = [await open(t, port), await open(t, port)];
  slow.socket.write(`${post}bod`);
  for (const client of [slow, silent]) {
    await until(() => client.hasEnded);
    t.match(client.text, /^HTTP\/1\.1 408 /);
  }
});
