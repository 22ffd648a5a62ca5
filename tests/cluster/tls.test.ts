import { spawn } from 'node:child_process';
import t, { type Test } from 'tap';
import { reserveFreePort } from '../../services/stack/ports.ts';
import { cliFor } from '../cli/run-cli.ts';
import { startClusterFor } from '../support/cluster-stage.ts';
import { writeCheck } from '../support/holder-stage.ts';
import { prepareRedis, redisPasswords, renderUsers } from '../support/redis-node.ts';
import { makeRedisTls, type RedisTls } from '../support/redis-tls.ts';
import { startSentinelsFor } from '../support/sentinel-stage.ts';
import { makeTestFolder, type RedisServers, type TestStack } from '../support/stack.ts';
import { until } from '../support/until.ts';
import { startWebhookStage } from '../support/webhook-service.ts';
import { needsCluster } from '../support/test-redis.ts';

const tls = makeRedisTls(t);
const trusting = { NODE_EXTRA_CA_CERTS: tls.caFile };
const unknownAuthority = /self-signed certificate in certificate chain|SELF_SIGNED_CERT_IN_CHAIN/;

const rows: [what: string, start: (t: Test) => Promise<RedisServers>, options: { skip?: string }][] = [
  ['one Redis', (t) => startSingle(t, tls), {}],
  ['a primary by Sentinels', (t) => startSentinelsFor(t, { tls }), needsCluster],
  ['a cluster', (t) => startClusterFor(t, tls), needsCluster],
];

for (const [what, start, options] of rows) {
  t.test(`${what} over TLS`, options, async (t) => {
    const servers = await start(t);
    const settings = { webhook: { BROKER_URLS: '', ...trusting } };
    const stage = await startWebhookStage(t, { parts: ['webhook'], servers, settings });
    const cli = cliFor(stage.stack.runDir.path);
    await t.test('is used by whoever trusts its authority', async (t) => {
      const session = await stage.signIn();
      t.equal((await stage.askAcl(writeCheck(session))).status, 200);

      const revoked = await cli(['session', 'revoke', session.sid], { environment: trusting });

      t.match(revoked, { code: 0, stderr: '' });
      t.match(await stage.askAcl(writeCheck(session)), { status: 403, reason: 'session-revoked' });
    });

    await t.test('is refused by whoever does not, who says why', async (t) => {
      const { code, stderr } = await cli(['account', 'list']);
      t.equal(code, 3);
      t.match(stderr, unknownAuthority);
      t.notMatch(stderr, redisPasswords.cli);

      const { log, health } = await startDistrustful(t, stage.stack, servers);
      await until(() => unknownAuthority.test(log()), { what: 'the service says why' });
      t.notMatch(log(), redisPasswords.webhook);
      t.equal(await health(), 503);
    });
  });
}

t.test('a Redis whose certificate is another host’s is refused', async (t) => {
  const elsewhere = makeRedisTls(t, 'DNS:redis.example');
  const servers = await startSingle(t, elsewhere);
  const environment = { BEDNET_REDIS_URL: servers.url('cli'), NODE_EXTRA_CA_CERTS: elsewhere.caFile };

  const { code, stderr } = await cliFor(makeTestFolder(t))(['account', 'list'], { environment });

  t.equal(code, 3);
  t.match(stderr, /ERR_TLS_CERT_ALTNAME_INVALID|does not match certificate/);
});

async function startSingle(t: Test, { lines }: RedisTls): Promise<RedisServers> {
  const folder = makeTestFolder(t);
  const node = await prepareRedis({ folder, name: 'redis', aclText: renderUsers(folder) }, lines);
  t.teardown(async () => {
    await node.kill();
    node.release();
  });
  await node.start();
  return { url: (user) => `rediss://${user}:${redisPasswords[user]}@127.0.0.1:${node.port}` };
}

/** Starts a webhook service that trusts only the authorities of Node. */
async function startDistrustful(t: Test, { secrets: { files } }: TestStack, servers: RedisServers) {
  const { port, release } = await reserveFreePort();
  const child = spawn(process.execPath, ['services/webhook/main.ts'], {
    env: {
      WEBHOOK_PORT: String(port),
      BROKER_URLS: '',
      REDIS_URL: servers.url('webhook'),
      VERIFICATION_KEYS_FILE: files.verificationKeys,
      BROKER_KEY_FILE: files.brokerKey,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => {
    child.kill();
    release();
  });
  let log = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (log += text));
  const health = async () => (await fetch(`http://127.0.0.1:${port}/health`)).status;
  await until(() => health().then(Boolean, () => false), { what: 'a service that listens' });
  return { log: () => log, health };
}
