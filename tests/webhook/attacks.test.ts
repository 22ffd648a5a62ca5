import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { generateKeyPairSync } from 'node:crypto';
import t from 'tap';
import { openStore, untilReady } from '../../services/core/redis/store.ts';
import { accessTokenClaims } from '../../services/core/tokens/access-token-claims.ts';
import { makeTestFolder } from '../support/stack.ts';
import { audience, signToken, startWebhookStage, type WebhookStage } from '../support/webhook-service.ts';

const stage = await startWebhookStage(t, { settings: { webhook: { BROKER_URLS: '' } } });

const logLines = () =>
  readFileSync(stage.stack.part('webhook').logFile, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

t.test(
  'no check that starts after a revocation was acknowledged is granted, however many are under way',
  async (t) => {
    const late: number[] = [];
    let before = 0;
    for (let round = 0; round < 60; round += 1) {
      const alice = await stage.signIn();
      const acl = {
        username: alice.username,
        clientid: alice.clientId,
        topic: `users/${alice.username}/x`,
        acc: 1,
      };
      const user = { username: alice.username, password: alice.token, clientid: alice.clientId };
      const underWay = Array.from({ length: 12 }, () => check(acl, '/acl'));
      await underWay[0];
      const revoked = stage.revoke(alice);
      underWay.push(...Array.from({ length: 6 }, () => check(acl, '/acl')));
      await revoked;
      late.push(...(await Promise.all([check(acl, '/acl'), check(user, '/user'), check(acl, '/acl')])));
      before += (await Promise.all(underWay)).filter((status) => status === 200).length;
    }

    t.ok(before > 60, `${before} checks were granted before or while it was revoked`);
    t.same([...new Set(late)], [403], `none of ${late.length} afterwards`);

    /** Each on a connection of the pool, so that they overtake one another. */
    async function check(body: object, path: string): Promise<number> {
      const headers = { 'content-type': 'application/json', 'x-bednet-key': stage.stack.secrets.brokerKey };
      const answer = await fetch(`${stage.stack.urls.webhook}${path}`, {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
      });
      await answer.body?.cancel();
      return answer.status;
    }
  },
);

t.test('a service whose clock is wrong by an hour decides as before', async (t) => {
  const folder = makeTestFolder(t);
  for (const hours of [-1, 1]) {
    const shift = join(folder, `shift${hours}.mjs`);
    writeFileSync(shift, `const now = Date.now; Date.now = () => now() + ${hours * 3_600_000};\n`);
    const settings = { webhook: { BROKER_URLS: '', NODE_OPTIONS: `--import=${shift}` } };
    const shifted = await startWebhookStage(t, { settings });
    const live = await shifted.signIn();
    const brief = await shifted.signIn({ accessTtlSeconds: 1 });

    t.equal(await connectStatus(shifted, live), 200, `${hours} h: a live session`);
    t.equal(
      await connectStatus(shifted, { ...live, token: mint(shifted, live, -3600) }),
      403,
      'an expired token',
    );
    t.equal(
      await connectStatus(shifted, { ...live, token: mint(shifted, live, 3600) }),
      403,
      'one from the future',
    );
    await shifted.store.redis.hset(
      `bn:{${brief.sid[0]}}:session:${brief.sid}`,
      'accessUntilMs',
      Date.now() - 1,
    );
    t.equal(await connectStatus(shifted, brief), 403, 'a lapsed session');
  }
});

t.test('an address in a token header is not visited', async (t) => {
  let visits = 0;
  const server = createServer((socket) => {
    visits += 1;
    socket.destroy();
  }).listen(0, '127.0.0.1');
  t.teardown(() => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
  const alice = await stage.signIn();
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const key = {
    kid: stage.signingKey.kid,
    algorithm: 'EdDSA' as const,
    signWith: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
  const claims = JSON.parse(Buffer.from(alice.token.split('.')[1] ?? '', 'base64url').toString()) as object;

  for (const header of [
    { jku: url },
    { x5u: url },
    { jku: url, jwk: publicKey.export({ format: 'jwk' }) },
    { kid: url },
  ]) {
    for (const signer of [key, stage.signingKey]) {
      t.equal(await connectStatus(stage, { ...alice, token: signToken(claims, signer, header) }), 403);
    }
  }
  t.equal(visits, 0);
});

t.test('names and topics can neither break out of their log line nor fill it', async (t) => {
  const alice = await stage.signIn();
  const nasty = 'a\r\n{"level":60,"event":"forged"}\u001b[31m\u2028';
  await stage.askAcl({ username: alice.username, clientid: alice.clientId, topic: nasty, acc: 2 });
  await stage.askUser({ username: nasty, password: 'x', clientid: nasty });
  await stage.askAcl({
    username: alice.username,
    clientid: alice.clientId,
    topic: 'x'.repeat(10_000),
    acc: 2,
  });

  const raw = readFileSync(stage.stack.part('webhook').logFile, 'utf8');
  t.notMatch(raw, /\u001b|\r/);
  const denials = logLines().filter(({ event }) => event === 'check-denied');
  t.notOk(logLines().some(({ event }) => event === 'forged'));
  t.ok(
    denials.some(({ topic }) => topic === nasty),
    'the topic is told, escaped',
  );
  t.match(denials.at(-1), { reason: 'no-rule-allows', access: 'write', username: alice.username });
  t.ok(raw.split('\n').every((line) => line.length < 2000));
});

t.test('a client that is denied in a loop is counted, not logged without end', async (t) => {
  const alice = await stage.signIn();
  const before = logLines().length;
  const denied = 2000;
  const startMs = performance.now();
  for (let i = 0; i < denied; i += 1) {
    await stage.askAcl({ username: alice.username, clientid: alice.clientId, topic: 'forbidden', acc: 2 });
  }
  const seconds = Math.ceil((performance.now() - startMs) / 1000) + 1;

  const written = logLines().length - before;
  t.ok(written <= seconds * 100, `${written} lines in ${seconds} s for ${denied} denials`);
});

t.test('the Redis user of this service can write client ids and tickets, and nothing else', async (t) => {
  const own = openStore({ url: stage.stack.redisUrl('webhook'), commandTimeoutMs: 2000 });
  t.teardown(() => own.close());
  await untilReady(own, 5000);
  const alice = await stage.signIn();
  const p = alice.sid[0];
  const session = `bn:{${p}}:session:${alice.sid}`;
  const denied: [string, ...string[]][] = [
    ['HSET', session, 'state', 'active'],
    ['DEL', session],
    ['EXPIRE', session, '1'],
    ['EVAL', 'return 1', '0'],
    ['EVAL', `return redis.call('HSET', KEYS[1], 'a', 'b')`, '1', session],
    ['XADD', `bn:{${p}}:events`, '*', 'a', 'b'],
    ['ZADD', `bn:{${p}}:expiry`, '1', 'a'],
    ['HSET', 'bn:{rules}:current', 'version', '9'],
    ['HGETALL', `bn:{${p}}:credential:${alice.uid}`],
    ['HGETALL', `bn:{${p}}:account:${alice.uid}`],
    ['GET', 'bn:login:alice'],
    ['KEYS', '*'],
    ['FLUSHALL'],
    ['CONFIG', 'GET', '*'],
    ['ACL', 'WHOAMI'],
  ];
  for (const [command, ...args] of denied) {
    await t.rejects(own.redis.call(command, ...args), /NOPERM/, `${command} ${args[0] ?? ''}`);
  }
  t.equal(await own.redis.hset(`bn:{${p}}:clients:${alice.sid}`, 'a', '1 1'), 1, 'the allowed twin');
});

t.test('bodies made to hurt a parser are refused quickly', async (t) => {
  const bodies = [
    '['.repeat(16_000),
    `${'{"a":'.repeat(3000)}1${'}'.repeat(3000)}`,
    `{"username":"${'\\u0000'.repeat(2500)}","password":"x","clientid":"y"}`,
    `{"username":"\\ud800","password":"\\udfff","clientid":"z"}`,
    `{${Array.from({ length: 1500 }, (_, i) => `"k${i}":"v"`).join(',')}}`,
    `{"username":"${'\\"'.repeat(7000)}","password":"x","clientid":"y"}`,
  ];
  for (const body of bodies) {
    for (const path of ['/user', '/acl']) {
      const tookMs: number[] = [];
      for (let i = 0; i < 3; i += 1) {
        const startMs = performance.now();
        const { status } = await stage.ask(path, { body });
        tookMs.push(performance.now() - startMs);
        t.ok(status >= 400 && status < 500, `${body.slice(0, 20)}: ${status}`);
      }
      t.ok(Math.min(...tookMs) < 1000, `${tookMs.join(', ')} ms`);
    }
  }
  const alice = await stage.signIn();
  const halfCharacter = { username: alice.username, clientid: alice.clientId, topic: 'users/\ud800', acc: 2 };
  t.match(await stage.askAcl(halfCharacter), { status: 403, reason: 'topic-malformed' });
});

async function connectStatus(
  on: WebhookStage,
  { username, token, clientId }: { username: string; token: string; clientId: string },
): Promise<number> {
  return (await on.askUser({ username, password: token, clientid: clientId })).status;
}

/** A token of a session that was issued `offsetSeconds` from now, for 900 s. */
function mint(
  on: WebhookStage,
  session: { uid: string; sid: string; username: string },
  offsetSeconds: number,
): string {
  const nowMs = Date.now() + offsetSeconds * 1000;
  const facts = {
    ...{ roles: ['user'], permissions: [], generation: 1, nowMs, accessUntilMs: nowMs + 900_000 },
    ...{ authTimeSeconds: Math.floor(nowMs / 1000), amr: ['pwd'] },
  };
  return signToken(
    accessTokenClaims({ ...session, ...facts }, { issuer: on.issuer, audience }),
    on.signingKey,
  );
}
