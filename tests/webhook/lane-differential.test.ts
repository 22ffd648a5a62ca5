import { deepStrictEqual } from 'node:assert';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import t from 'tap';
import { readPlainCheck } from '../../services/webhook/lane/read-check.ts';
import { byRoute, exchange, startLaneStage, type HeaderChanges } from '../support/lane-stage.ts';

const stage = await startLaneStage(t);
const { port, request } = stage;
const alice = await stage.signIn();
const topic = `users/${alice.username}/x`;
const acl = { username: alice.username, clientid: alice.clientId, topic, acc: 2 };
const user = { username: alice.username, password: alice.token, clientid: alice.clientId };
const plain = request('/acl', acl);

const members = fc.oneof(
  fc.constantFrom('', 'x', 'd:lamp', 'k:kick', 'a.b.c', '\0', undefined),
  fc.string({ unit: 'binary' }),
  fc.jsonValue(),
);

/** A body with some of its members changed or missing. */
function changed(body: Readonly<Record<string, unknown>>): fc.Arbitrary<string> {
  return fc
    .subarray(Object.keys(body))
    .chain((names) => fc.record(Object.fromEntries(names.map((name) => [name, members]))))
    .map((changes) => JSON.stringify({ ...body, ...changes }));
}

const bodies = fc.oneof(
  { weight: 4, arbitrary: fc.oneof(changed(acl), changed(user)).map((text) => Buffer.from(text)) },
  fc.json().map((text) => Buffer.from(text)),
  fc.constantFrom('null', '{"acc":1,"acc":2}', '{"__proto__":"x"}', ' ').map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
);
const headers = fc.oneof(
  { weight: 3, arbitrary: fc.constant<HeaderChanges>({}) },
  fc.constantFrom<HeaderChanges>(
    { 'X-Bednet-Key': 'wrong' },
    { 'X-Bednet-Key': undefined },
    { 'Content-Type': 'application/x-www-form-urlencoded' },
    { 'Content-Type': 'application/json; charset=utf-8' },
    { 'Content-Encoding': 'gzip' },
    { Authorization: 'Bearer a.b.c' },
    { Authorization: 'Basic eA==' },
    { Connection: 'close' },
    { Connection: 'Keep-Alive' },
    { 'User-Agent': 'bednet-doctor' },
    { 'X-Bednet-Connection': 'x' },
    Object.fromEntries([['__proto__', 'x']]),
  ),
);
const paths = fc.constantFrom('/acl', '/user', '/superuser', '/acl?answer=text', '/acl?key=x', '/acl/', '/x');

t.test('whatever is asked, the answer is the same with the lane and without', async () => {
  await fc.assert(
    fc.asyncProperty(paths, bodies, headers, async (path, body, changes) => {
      const given = await ask(path, body, changes);
      const expected = await ask(path, body, { ...changes, ...byRoute });
      if (given !== expected) throw new Error(`${given}\n instead of ${expected}`);
      return !given.startsWith('HTTP/1.1 5');
    }),
    { numRuns: 500 },
  );
});

/** The whole answer, but for how long the connection may be idle: the route says that only on connections of its own. */
async function ask(path: string, body: Buffer, changes: HeaderChanges): Promise<string> {
  const answer = await exchange({ port }, [request(path, body, changes)]);
  return answer.replace(/\r\nKeep-Alive: [^\r]*/, '');
}

const pieces = fc.constantFrom(
  ...['\r\n', '\n', '\r', ' ', '\t', ':', '\0', '0', '\r\n\r\n'],
  ...['Content-Length: 5\r\n', 'Accept: */*\r\n', 'x: y\r\n'],
);
const edits = fc.array(
  fc.record({
    at: fc.nat({ max: plain.length }),
    remove: fc.nat({ max: 3 }),
    insert: fc.oneof(pieces, fc.string({ maxLength: 3 })),
  }),
  { maxLength: 3 },
);

t.test("what is read as a plain check, Node's parser reads the same way", async (t) => {
  const requests: object[] = [];
  const server = createServer((incoming, response) => {
    const { method, url, headers } = incoming;
    let body = '';
    incoming.setEncoding('latin1').on('data', (chunk) => (body += chunk));
    incoming.on('end', () => {
      requests.push({ method, url, headers: { ...headers }, body });
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const { port: echoPort } = server.address() as AddressInfo;
  let plainCount = 0;

  await fc.assert(
    fc.asyncProperty(edits, async (changes) => {
      const bytes = edit(plain, changes);
      const read = readPlainCheck(bytes);
      if (read === undefined || read.missingBytes > 0) return;
      plainCount += 1;
      requests.length = 0;
      await exchange({ port: echoPort }, [bytes]);
      const body = read.body.toString('latin1');
      const expected = [{ method: 'POST', url: `/${read.check}`, headers: { ...read.headers }, body }];
      deepStrictEqual(requests, expected);
    }),
    { numRuns: 5000 },
  );
  t.ok(plainCount > 100, `${plainCount} were plain`);
});

function edit(bytes: Buffer, changes: readonly { at: number; remove: number; insert: string }[]): Buffer {
  let text = bytes.toString('latin1');
  for (const { at, remove, insert } of changes) text = text.slice(0, at) + insert + text.slice(at + remove);
  return Buffer.from(text, 'latin1');
}
