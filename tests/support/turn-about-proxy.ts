import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Test } from 'tap';

/** Hands each request on to the next of some services, as a load balancer does; returns its port. */
export async function openTurnAboutProxy(t: Test, ports: readonly number[]): Promise<number> {
  const agent = new Agent({ keepAlive: true });
  let turn = 0;
  const server = createServer((asked, answer) => {
    const port = ports[(turn += 1) % ports.length];
    const { method, url: path, headers } = asked;
    const onward = request({ agent, host: '127.0.0.1', ...{ port, method, path, headers } }, (got) => {
      answer.writeHead(got.statusCode ?? 502, got.headers);
      got.pipe(answer);
    });
    onward.on('error', () => answer.destroy());
    asked.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
    agent.destroy();
  });
  return (server.address() as AddressInfo).port;
}
