import { connect } from 'node:net';
import { promisify } from 'node:util';
import t from 'tap';
import { writeCheck } from '../support/holder-stage.ts';
import { exchange, startLaneStage } from '../support/lane-stage.ts';
import { until } from '../support/until.ts';

const stage = await startLaneStage(t);
const { app, port, request, routedBy } = stage;
const alice = await stage.signIn();
const acl = writeCheck(alice);
const plain = request('/acl', acl);

t.test("a stranger's body is not waited for in the lane", async (t) => {
  const strange = request('/acl', acl, { 'X-Bednet-Key': 'wrong' });
  t.match(await exchange({ port }, [strange.subarray(0, -1)]), /^HTTP\/1\.1 401 /);
});

t.test("requests in pieces, several at once and long ones are Node's", async (t) => {
  const answer = await exchange({ port }, [plain]);
  const inBytes = [...plain].map((byte) => Buffer.from([byte]));
  const routed = await routedBy(async () => t.equal(await exchange({ port }, inBytes), answer));
  t.ok(routed <= 1, 'a busy machine may hand over all pieces at once');

  const twice = Buffer.concat([plain, plain]);
  t.equal(await routedBy(async () => t.equal(await exchange({ port }, [twice], 2), `${answer}${answer}`)), 2);
  for (const length of [20_000, 3_000_000]) {
    const long = request('/acl', { ...acl, x: 'a'.repeat(length) });
    t.match(await exchange({ port }, [long]), /^HTTP\/1\.1 413 [^]*body-too-large/);
  }
});

t.test("what two readers could read in two ways is Node's, which refuses it", async (t) => {
  const rows: [what: string, changes: Record<string, string | undefined>, answer: RegExp, answers: number][] =
    [
      ['a length too short', { 'Content-Length': '10' }, /^HTTP\/1\.1 400 /, 1],
      ['two lengths', { 'content-length': '5' }, /^HTTP\/1\.1 400 /, 1],
      ['a length and chunks', { 'Transfer-Encoding': 'chunked' }, /^HTTP\/1\.1 400 /, 1],
      ['no host', { Host: undefined }, /^HTTP\/1\.1 400 /, 1],
      ['two keys', { 'x-bednet-key': 'x' }, /^HTTP\/1\.1 401 /, 1],
      ['no key', { 'X-Bednet-Key': undefined }, /^HTTP\/1\.1 401 /, 1],
      ['an upgrade', { Connection: 'upgrade', Upgrade: 'x' }, /^HTTP\/1\.1 200 /, 1],
      ['100-continue', { Expect: '100-continue' }, /^HTTP\/1\.1 100 [^]*HTTP\/1\.1 200 /, 2],
      ['an unknown expectation', { Expect: 'x' }, /^HTTP\/1\.1 417 /, 1],
    ];
  for (const [what, changes, answer, answers] of rows) {
    t.match(await exchange({ port }, [request('/acl', acl, changes)], answers), answer, what);
  }
});

t.test('a client that is gone half way leaves nothing behind', async (t) => {
  const connections = promisify(app.server.getConnections.bind(app.server));
  for (let length = 1; length <= plain.length; length += 40) {
    const socket = connect(port, '127.0.0.1');
    await new Promise((written) => socket.write(plain.subarray(0, length), written));
    socket.resetAndDestroy();
  }
  await until(async () => (await connections()) === 0);
  t.match(await exchange({ port }, [plain]), /^HTTP\/1\.1 200 /);
});
