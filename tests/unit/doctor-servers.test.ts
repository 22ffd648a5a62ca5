import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { createServer, type AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';
import t from 'tap';
import { askServer } from '../../services/cli/doctor/ask-server.ts';
import { checkSentinels } from '../../services/cli/doctor/sentinels.ts';
import { readRedisUrl } from '../../services/core/redis/redis-url.ts';
import { openFakeSentinel } from '../support/fake-sentinel.ts';

t.test('doctor outlives what a TLS connection tells after its first error', async (t) => {
  const server = createServer((socket) => socket.on('error', () => undefined).end('no TLS'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const sockets: TLSSocket[] = [];
  const note = (message: unknown) => {
    const { socket } = message as { socket: unknown };
    if (socket instanceof TLSSocket) sockets.push(socket);
  };
  subscribe('net.client.socket', note);
  t.teardown(() => unsubscribe('net.client.socket', note));

  const { port } = server.address() as AddressInfo;
  await t.rejects(askServer({ host: '127.0.0.1', port }, { hasTls: true }, (redis) => redis.ping()));

  t.equal(sockets.length, 1);
  for (const socket of sockets) t.doesNotThrow(() => socket.emit('error', new Error('a late alert')));
});

t.test('doctor vouches only for Sentinels that say that they could lead a fail-over', async (t) => {
  const rows: [quorum: string, severity: string, found: RegExp][] = [
    ['+OK 3 usable Sentinels.', 'ok', /could lead a fail-over/],
    ['-NOQUORUM 1 usable Sentinels.', 'fault', /There would be no fail-over: .*NOQUORUM/],
    ['-NOPERM this user has no permissions', 'warn', /is unknown: .*NOPERM/],
  ];

  for (const [quorum, severity, found] of rows) {
    const { port } = await openFakeSentinel(t, { primaryPort: 1, quorum });
    const hosts = Array(3).fill(`127.0.0.1:${port}`).join();
    const address = readRedisUrl(`redis+sentinel://cli:x@${hosts}/bednet?sentinel_password=x`);
    if (address.topology !== 'sentinel') throw new TypeError(address.topology);

    const [finding] = await checkSentinels(address);

    t.match(finding, { check: 'redis-sentinels', severity, found });
  }
});
