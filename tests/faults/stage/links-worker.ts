import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { parentPort } from 'node:worker_threads';
import type { LinkOrder } from './links.ts';

/*
 * The TCP links between the parts of a stage, on a thread of their own: what they do to the traffic must not wait for the
 * clients that are simulated beside them.
 */

interface Pipe {
  from: Socket;
  to: Socket;
  link: Link;
  /** Bytes on their way, while the link is slow or held. */
  waiting: { bytes: Buffer; dueMs: number }[];
}

interface Link {
  delayMs: number;
  held: boolean;
  pipes: Set<Pipe>;
}

const links = new Map<string, Link>();

parentPort?.on('message', (order: LinkOrder) => {
  const link = links.get(order.name);
  if (order.what === 'open') return open(order);
  if (link === undefined) return;
  if (order.what === 'delay') link.delayMs = order.delayMs;
  if (order.what === 'hold') link.held = true;
  if (order.what === 'release') {
    link.held = false;
    link.delayMs = 0;
    for (const pipe of link.pipes) pump(pipe);
  }
  if (order.what === 'cut') for (const { from } of link.pipes) from.destroy();
});

function open({ name, toPort }: Extract<LinkOrder, { what: 'open' }>): void {
  const link: Link = { delayMs: 0, held: false, pipes: new Set() };
  links.set(name, link);
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ port: toPort, host: '127.0.0.1', noDelay: true });
    join(link, near, far);
    join(link, far, near);
  });
  server.listen(0, '127.0.0.1', () =>
    parentPort?.postMessage({ name, port: (server.address() as AddressInfo).port }),
  );
}

function join(link: Link, from: Socket, to: Socket): void {
  const pipe: Pipe = { from, to, link, waiting: [] };
  link.pipes.add(pipe);
  from.on('data', (bytes) => {
    if (pipe.waiting.length === 0 && link.delayMs === 0 && !link.held) return void to.write(bytes);
    pipe.waiting.push({ bytes, dueMs: performance.now() + link.delayMs });
    if (pipe.waiting.length === 1) pump(pipe);
  });
  from.on('error', () => to.destroy());
  from.on('close', () => {
    link.pipes.delete(pipe);
    to.destroy();
  });
}

/** Hands on what is due. What is held goes on when the link is released, as after a loss that TCP repairs. */
function pump(pipe: Pipe): void {
  while (!pipe.link.held) {
    const next = pipe.waiting[0];
    if (next === undefined) return;
    const leftMs = pipe.link.delayMs === 0 ? 0 : next.dueMs - performance.now();
    if (leftMs > 0) return void setTimeout(pump, leftMs, pipe);
    pipe.waiting.shift();
    pipe.to.write(next.bytes);
  }
}
