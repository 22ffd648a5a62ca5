import { readFileSync, rmSync } from 'node:fs';
import { connect, createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';
import { createServer as createTlsServer, getCACertificates, setDefaultCACertificates } from 'node:tls';
import t, { type Test } from 'tap';
import { reservePort } from '../support/reserve-port.ts';
import { openTakeOver } from '../../services/webhook/kick/take-over.ts';
import { issueTicket } from '../../services/webhook/kick/tickets.ts';
import { startBrokerStage, withoutKicks } from '../support/broker-stage.ts';
import { createTestAuthority } from '../support/test-certificates.ts';

/** The service kicks nobody here: the test does it. */
const stage = await startBrokerStage(t, withoutKicks);
const authority = createTestAuthority();
t.teardown(() => rmSync(authority.folder, { recursive: true }));
const { ports, urls } = stage.stack;

async function portOf(t: Test, server: Server): Promise<number> {
  t.teardown(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** The broker behind TLS, and what came there in clear. */
async function openTls(t: Test, name: string): Promise<{ port: number; seen: () => number }> {
  let seen = 0;
  const server = createTlsServer(authority.issue(name), (near) => {
    const far = connect(ports.mqtt, '127.0.0.1');
    near.on('data', (bytes) => (seen += bytes.length));
    near.on('error', () => far.destroy());
    far.on('error', () => near.destroy());
    near.pipe(far).pipe(near);
  });
  return { port: await portOf(t, server), seen: () => seen };
}

async function takeOver(brokerUrl: string, clientId: string): Promise<void> {
  const attempt = openTakeOver(brokerUrl);
  try {
    await attempt.connect(clientId, (await issueTicket(stage.store, clientId)) ?? '');
  } finally {
    attempt.close();
  }
}

t.test('a kick reaches its broker by TCP, TLS and WebSocket', async (t) => {
  setDefaultCACertificates([...getCACertificates(), readFileSync(authority.caFile, 'utf8')]);
  const byAddress = await openTls(t, 'IP:127.0.0.1');
  const byName = await openTls(t, 'DNS:localhost');
  const addresses = [
    `mqtt://127.0.0.1:${ports.mqtt}`,
    `mqtt://localhost:${ports.mqtt}`,
    `mqtts://127.0.0.1:${byAddress.port}`,
    `mqtts://localhost:${byName.port}`,
    urls.websocket,
  ];

  for (const address of addresses) {
    const alice = await stage.signIn();
    const victim = await stage.connect(alice);
    await takeOver(address, alice.clientId);
    t.equal((await victim.settle()).at(-1), 'closed', address);
  }
});

t.test('a broker whose certificate is not for its name is told no ticket', async (t) => {
  const other = await openTls(t, 'DNS:elsewhere.test');
  const alice = await stage.signIn();
  const victim = await stage.connect(alice);

  await t.rejects(takeOver(`mqtts://127.0.0.1:${other.port}`, alice.clientId), {
    code: 'ERR_TLS_CERT_ALTNAME_INVALID',
  });

  t.equal(other.seen(), 0);
  t.same(await victim.settle(), []);
  await victim.leave();
});

t.test('a kick that is not let in fails, and says why', async (t) => {
  const alice = await stage.signIn();
  const answering = async (answer: Buffer | undefined) => {
    const server = createTcpServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', () => void (answer ? socket.write(answer) : socket.destroy()));
    });
    return `mqtt://127.0.0.1:${await portOf(t, server)}`;
  };
  const closedPort = await reservePort(t);
  const attempt = openTakeOver(`mqtt://127.0.0.1:${ports.mqtt}`);

  await t.rejects(attempt.connect(alice.clientId, 'wrong'), { message: /return code 5/ });
  attempt.close();
  for (const [address, message] of [
    [`mqtt://127.0.0.1:${closedPort}`, /ECONNREFUSED/],
    [`ws://127.0.0.1:${closedPort}`, /WebSocket connection failed/],
    [`ws://127.0.0.1:${ports.mqtt}`, /WebSocket connection failed/],
    [await answering(undefined), /before its CONNACK/],
    [await answering(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')), /no CONNACK/],
    [await answering(Buffer.from([0x20, 2, 0, 3])), /return code 3/],
  ] as const) {
    await t.rejects(takeOver(address, (await stage.signIn()).clientId), { message }, address);
  }
});

t.test('a CONNACK in pieces is understood', async (t) => {
  const server = createTcpServer({ noDelay: true }, (socket) => {
    socket.once('data', () => {
      socket.write(Buffer.from([0x20]));
      setImmediate(() => socket.write(Buffer.from([2, 0, 0])));
    });
  });
  const alice = await stage.signIn();

  await takeOver(`mqtt://127.0.0.1:${await portOf(t, server)}`, alice.clientId);
  t.pass('let in');
});

t.test('a broker that never answers is given up', async (t) => {
  const server = createTcpServer((socket) => socket.on('error', () => undefined));
  const alice = await stage.signIn();

  await t.rejects(takeOver(`mqtt://127.0.0.1:${await portOf(t, server)}`, alice.clientId), {
    message: /no CONNACK in 3 s/,
  });
});
