import { pbkdf2Sync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parser, type Packet } from 'mqtt-packet';
import t from 'tap';
import { readFlags } from '../bench/flags.ts';
import { httpRequest, takeAnswer } from '../bench/load/http-connection.ts';
import { createFrameCutter } from '../bench/load/mqtt-frames.ts';
import {
  disconnectPacket,
  encodeConnect,
  encodePublish,
  encodeSubscribe,
} from '../bench/load/mqtt-packets.ts';
import { withNagle } from '../bench/rows/nodelay.ts';
import { template, withoutAuth } from '../bench/systems/brokers.ts';
import { assertFilesEnough } from '../bench/systems/file-limit.ts';
import { describeClients, withOnePasswordEach } from '../bench/systems/dynamic-security.ts';

const token = 'a token'.repeat(100);

t.test('another MQTT implementation reads the packets as meant', async (t) => {
  const packets = parse(
    encodeConnect({ clientId: 'c', username: 'u', password: token }),
    encodePublish('a/ü', Buffer.from('payload'), 20),
    encodePublish('a', Buffer.alloc(300)),
    encodeSubscribe('a/#', 258),
    disconnectPacket,
  );

  t.match(packets, [
    { cmd: 'connect', protocolVersion: 5, clean: true, clientId: 'c', username: 'u', keepalive: 3600 },
    { cmd: 'publish', topic: 'a/ü', qos: 1, messageId: 20, retain: false, dup: false },
    { cmd: 'publish', topic: 'a', qos: 0 },
    { cmd: 'subscribe', messageId: 258, subscriptions: [{ topic: 'a/#', qos: 0 }] },
    { cmd: 'disconnect' },
  ]);
  t.equal(String((packets[0] as { password: Buffer }).password), token);
  t.equal(String((packets[1] as { payload: Buffer }).payload), 'payload');
});

t.test('packets are found wherever the stream is cut', async (t) => {
  const long = encodePublish('t', Buffer.alloc(20_000, 'y'));
  const stream = Buffer.concat([Buffer.from([0x40, 2, 0, 7]), long, Buffer.from([0xd0, 0])]);

  for (const size of [1, 2, 3, 1000, stream.length]) {
    const seen: string[] = [];
    const cut = createFrameCutter((type, bytes, start, end) => {
      seen.push(`${type} ${end - start} ${bytes[end - 1]}`);
    });
    for (let at = 0; at < stream.length; at += size) cut(stream.subarray(at, at + size));
    const lastOfEmpty = seen.at(-1)?.startsWith('13 0 ');

    t.strictSame(seen.slice(0, 2), ['4 2 7', `3 ${long.length - 4} 121`], `pieces of ${size} bytes`);
    t.ok(lastOfEmpty, 'a packet without content counts too');
    t.equal(seen.length, 3);
  }
});

t.test('an HTTP answer is taken when it is whole', async (t) => {
  const whole = 'HTTP/1.1 403 Forbidden\r\nServer: x\r\ncontent-length: 4\r\n\r\nnope';

  t.equal(takeAnswer(whole.slice(0, 20)), undefined);
  t.equal(takeAnswer(whole.slice(0, -1)), undefined);
  t.strictSame(takeAnswer(whole), { status: 403, body: 'nope' });
  t.throws(() => takeAnswer(`${whole}x`), { message: 'more bytes than one answer' });
  t.throws(() => takeAnswer('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'), {
    message: 'an answer without Content-Length',
  });
});

t.test('an HTTP request counts its body in bytes', async (t) => {
  t.equal(
    httpRequest('POST', '/acl', { 'X-Key': 'k' }, { topic: 'ü' }).toString(),
    [
      'POST /acl HTTP/1.1',
      'Host: 127.0.0.1',
      'User-Agent: bednet-bench',
      'Content-Type: application/json',
      'Content-Length: 14',
      'X-Key: k',
      '',
      '{"topic":"ü"}',
    ].join('\r\n'),
  );
});

t.test('the broker without auth differs in nothing else', async (t) => {
  const configuration = [
    'listener 1883',
    'allow_anonymous false',
    'plugin a.so',
    'plugin_opt_b c',
    'log_type x',
  ];

  t.equal(
    withoutAuth(configuration.join('\n')),
    ['listener 1883', 'allow_anonymous true', 'log_type x'].join('\n'),
  );
});

t.test("the broker with Nagle's algorithm differs from the shipped one in that line only", async (t) => {
  const shipped = readFileSync(template, 'utf8').split('\n');
  const nagle = withNagle(shipped.join('\n')).split('\n');

  t.same(
    nagle.filter((line, index) => line !== shipped[index]),
    ['set_tcp_nodelay false'],
  );
  t.throws(() => withNagle('listener 1883'), TypeError);
});

t.test('dynamic security knows each username once, by the password that its connections send', async (t) => {
  const identities = [
    { clientId: 'a', username: 'u', password: 'first' },
    { clientId: 'b', username: 'u', password: 'second' },
    { clientId: 'c', username: 'v', password: 'third' },
  ];

  const { clients, roles } = describeClients(identities) as Record<string, Record<string, string>[]>;
  t.same(
    clients?.map(({ username }) => username),
    ['u', 'v'],
  );
  t.same(
    roles?.map(({ rolename }) => rolename),
    ['u', 'v'],
  );
  const { password, salt = '', iterations } = clients?.[0] ?? {};
  const hash = pbkdf2Sync('first', Buffer.from(salt, 'base64'), Number(iterations), 64, 'sha512');
  t.equal(password, hash.toString('base64'));
  t.same(
    withOnePasswordEach(identities).map((identity) => identity.password),
    ['first', 'first', 'third'],
  );
});

t.test('too few open files are told, with the number that is needed', async (t) => {
  const limits = (most: string) => `Limit  Soft Limit\nMax open files            ${most}    1048576   files`;

  t.doesNotThrow(() => assertFilesEnough(limits('6000'), 6000));
  t.doesNotThrow(() => assertFilesEnough(limits('unlimited'), 6000));
  t.throws(() => assertFilesEnough(limits('1024'), 6000), {
    message: 'needs 6000 open files, the limit is 1024: raise it by ulimit -n',
  });
  t.throws(() => assertFilesEnough('', 6000), { message: /unknown/ });
});

t.test('flags are read, and a wrong one is named', async (t) => {
  const rows = ['checks', 'publish'];

  t.strictSame(readFlags([], rows), { only: [], rounds: 5, json: false });
  t.strictSame(readFlags(['--only', 'publish', '--rounds', '3', '--json'], rows), {
    only: ['publish'],
    rounds: 3,
    json: true,
  });
  for (const [args, message] of [
    [['--only', 'pubish'], /--only pubish: there is no such row; rows are checks, publish/],
    [['--rounds', '0'], /--rounds 0: must be a whole number/],
    [['--rounds', 'x'], /--rounds x/],
    [['--fast'], /--fast/],
  ] as const) {
    t.throws(() => readFlags([...args], rows), { name: 'FlagError', message }, args.join(' '));
  }
});

function parse(...buffers: Buffer[]): Packet[] {
  const packets: Packet[] = [];
  const reader = parser({ protocolVersion: 5 });
  reader.on('packet', (packet: Packet) => packets.push(packet));
  reader.parse(Buffer.concat(buffers));
  return packets;
}
