import { connect } from 'node:net';
import t from 'tap';
import { openHttp } from '../bench/load/http-connection.ts';
import { writeCheck } from '../support/holder-stage.ts';
import { byRoute, exchange, startLaneStage } from '../support/lane-stage.ts';
import { until } from '../support/until.ts';

const stage = await startLaneStage(t);
const { app, port, socketPath, request, routedBy } = stage;
const alice = await stage.signIn();
const acl = writeCheck(alice);
const plain = request('/acl', acl);

t.test('plain checks pass none of the hooks, on TCP and on the Unix socket', async (t) => {
  for (const to of [{ port }, { path: socketPath }]) {
    const count = await routedBy(async () => {
      t.match(await exchange(to, [plain]), /^HTTP\/1\.1 200 OK\r\n/);
      t.match(await exchange(to, [request('/acl', { ...acl, topic: 'x' })]), /^HTTP\/1\.1 403 /);
    });
    t.equal(count, 0);
  }
});

t.test('the lane answers as the route does, byte by byte', async (t) => {
  const changes = [{}, { topic: 'x' }, { acc: 9 }, { acc: '2' }, { clientid: 'x' }, { username: 'd:lamp' }];
  for (const change of changes) {
    const body = { ...acl, ...change };
    const answer = await exchange({ port }, [request('/acl', body)]);
    t.equal(answer, await exchange({ port }, [request('/acl', body, byRoute)]), JSON.stringify(change));
  }
});

t.test('the lane counts as the route does', async (t) => {
  const denied = { ...acl, topic: 'x' };
  const byLane = await countsOf([request('/acl', acl), request('/acl', denied)]);
  const byTheRoute = await countsOf([request('/acl', acl, byRoute), request('/acl', denied, byRoute)]);
  t.equal(byLane.length, 4);
  t.same(byLane, byTheRoute);
});

/** Which counts of checks rise by some requests, and by how much. */
async function countsOf(requests: readonly Buffer[]): Promise<string[]> {
  const before = await readCounts();
  for (const one of requests) await exchange({ port }, [one]);
  const rises = [...(await readCounts())].map(([name, count]) => [name, count - (before.get(name) ?? 0)]);
  return rises.filter(([, rise]) => rise !== 0).map((rise) => rise.join(' '));
}

async function readCounts(): Promise<Map<string, number>> {
  const { body } = await app.inject('/metrics');
  const counts = body.matchAll(
    /^(bednet_(?:checks_total|broker_requests_total|check_duration_seconds_count)\{.*\}) (\d+)$/gm,
  );
  return new Map([...counts].map(([, name = '', count]) => [name, Number(count)]));
}

t.test('a token is verified by the route once, and its connection stays in the lane', async (t) => {
  const ben = await stage.signIn();
  const connection = await openHttp(port);
  t.teardown(() => connection.close());
  const ask = async (password: string) => {
    const body = { username: ben.username, password, clientid: ben.clientId };
    return (await connection.send(request('/user', body))).status;
  };

  t.equal(await routedBy(async () => t.equal(await ask(ben.token), 200)), 1);
  t.equal(await routedBy(async () => t.equal(await ask('a.b.c'), 403)), 1);
  t.equal(await routedBy(async () => t.equal(await ask(ben.token), 200)), 0);
  await stage.revoke(ben);
  t.equal(await routedBy(async () => t.equal(await ask(ben.token), 403)), 0);
});

t.test('no check that starts after a revocation was acknowledged is granted by the lane', async (t) => {
  const connection = await openHttp(port);
  t.teardown(() => connection.close());
  const late: number[] = [];
  for (let round = 0; round < 50; round += 1) {
    const ben = await stage.signIn();
    const topic = `users/${ben.username}/x`;
    const check = request('/acl', { username: ben.username, clientid: ben.clientId, topic, acc: 2 });
    t.equal((await connection.send(check)).status, 200);
    const revoked = stage.revoke(ben);
    await exchange({ port }, [check]);
    await revoked;
    late.push((await connection.send(check)).status);
  }
  t.same([...new Set(late)], [403]);
});

t.test('a check whose body comes later is answered by the lane, if it comes soon', async (t) => {
  const answer = await exchange({ port }, [plain]);
  const head = plain.indexOf('\r\n\r\n') + 4;
  const routedOf = (length: number) =>
    routedBy(async () => {
      const pieces = [plain.subarray(0, length), plain.subarray(length)];
      t.equal(await exchange({ port }, pieces), answer);
    });
  const counts: number[] = [];
  for (let length = head; length < plain.length; length += 10) counts.push(await routedOf(length));
  t.ok(counts.includes(0), `${counts.join(' ')}: on a busy machine not each of them is soon`);

  const late = connect(port, '127.0.0.1');
  t.teardown(() => late.destroy());
  const answered = new Promise((resolve) => late.once('data', resolve));
  const count = await routedBy(async () => {
    const before = stage.routed();
    late.write(plain.subarray(0, -1));
    await until(() => stage.routed() > before);
    late.write(plain.subarray(-1));
    t.match(String(await answered), /^HTTP\/1\.1 200 /);
  });
  t.equal(count, 1, 'else by the route, with its time limit');
});

t.test('an app that closes ends idle connections and takes no more', async (t) => {
  const connection = await openHttp(port);
  t.equal((await connection.send(plain)).status, 200);

  await app.close();

  await t.rejects(connection.send(plain));
  await t.rejects(openHttp(port));
});
