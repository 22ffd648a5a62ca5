import { execFile } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import type { SettingFault, SettingsError } from '../../services/core/settings/read-settings.ts';
import { readConfig } from '../../services/webhook/config.ts';
import { makeTestFolder, startTestStack } from '../support/stack.ts';
import { until } from '../support/until.ts';
import { startWebhookStage } from '../support/webhook-service.ts';

const run = promisify(execFile);
const folder = makeTestFolder(t);

const inFolder = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

function findFaults(settings: Record<string, string>): readonly SettingFault[] {
  try {
    readConfig(settings);
    return [];
  } catch (error) {
    return (error as SettingsError).faults;
  }
}

t.test('without settings the service names each one that it needs, and exits with 1', async (t) => {
  const starting = run(process.execPath, ['services/webhook/main.ts'], { env: {}, timeout: 20_000 });
  const { code, stderr } = await starting.then(
    () => ({ code: 0, stderr: '' }),
    (error: { code: number; stderr: string }) => error,
  );

  t.equal(code, 1);
  t.match(stderr.trim().split('\n').sort(), [
    /^BROKER_KEY_FILE is missing/,
    /^REDIS_URL is missing/,
    /^VERIFICATION_KEYS_FILE is missing/,
  ]);
});

t.test('all wrong settings are told at once, none by its value', async (t) => {
  const faults = findFaults({
    WEBHOOK_PORT: '99999',
    LOG_LEVEL: 'loud',
    ISSUER: 'somewhere',
    EXPIRY_SWEEP_MS: '1s',
    METRICS_ACCESS: 'yes',
    REDIS_URL: 'redis://webhook:hunter2@redis.example:6379',
    BROKER_URLS: 'mqtt://localhost:1883,http://x',
    VERIFICATION_KEYS_FILE: join(folder, 'nowhere'),
    BROKER_KEY_FILE: inFolder('short-key', 'c2hvcnQ\n'),
  });

  t.same(faults.map(({ name }) => name).sort(), [
    ...['BROKER_KEY_FILE', 'BROKER_URLS', 'EXPIRY_SWEEP_MS', 'ISSUER', 'LOG_LEVEL', 'METRICS_ACCESS'],
    ...['REDIS_URL', 'VERIFICATION_KEYS_FILE', 'WEBHOOK_PORT'],
  ]);
  t.notMatch(JSON.stringify(faults), /hunter2|c2hvcnQ/);
});

t.test('a Redis without password, or off this machine without TLS, is refused', async (t) => {
  for (const url of [
    'redis://127.0.0.1:6380',
    'redis://webhook@127.0.0.1:6380',
    'redis://webhook:x@10.0.0.1:6380',
    'http://x',
  ]) {
    const fault = findFaults({ REDIS_URL: url }).find(({ name }) => name === 'REDIS_URL');
    t.match(fault?.fault, /password|TLS|must be redis/, url);
  }
});

t.test('a Redis Cluster gives no leases, so the near cache is refused with one', async (t) => {
  const cluster = 'redis+cluster://webhook:x@127.0.0.1:7000';
  const isRefused = (settings: Record<string, string>) =>
    findFaults(settings).some(({ name, fault }) => name === 'NEAR_CACHE' && /Redis Cluster/.test(fault));

  t.ok(isRefused({ REDIS_URL: cluster, NEAR_CACHE: 'on' }));
  t.notOk(isRefused({ REDIS_URL: cluster }));
  t.notOk(isRefused({ REDIS_URL: 'redis://webhook:x@127.0.0.1:7000', NEAR_CACHE: 'on' }));
});

t.test('a private key set is refused: this service holds public keys only', async (t) => {
  const stack = await startTestStack(t, { parts: [] });
  const faults = findFaults({ VERIFICATION_KEYS_FILE: stack.secrets.files.signingKeys });

  t.match(faults.find(({ name }) => name === 'VERIFICATION_KEYS_FILE')?.fault, /private key/);
});

t.test('the service listens on loopback only, and on a Unix socket as well if one is set', async (t) => {
  const socketPath = join(folder, 'webhook.sock');
  const stage = await startWebhookStage(t, { settings: { webhook: { WEBHOOK_SOCKET: socketPath } } });
  const alice = await stage.signIn();
  const user = { username: alice.username, password: alice.token, clientid: alice.clientId };
  const key = stage.stack.secrets.brokerKey;
  const ask = () => askSocket(socketPath, `/user?key=${key}`, JSON.stringify(user));

  t.equal(await ask(), 200);
  t.equal(await askSocket(socketPath, '/user', JSON.stringify(user)), 401, 'the key is asked for here too');
  t.equal(statSync(socketPath).mode & 0o777, 0o660);

  await stage.stack.part('webhook').kill();
  await stage.stack.part('webhook').start();
  t.equal(await ask(), 200, 'a socket that a dead service left is replaced');
});

t.test('metrics are open to this machine and count by check and reason', async (t) => {
  const stage = await startWebhookStage(t);
  await stage.askAcl({ username: 'alice', clientid: 'x', topic: 'a', acc: 1 });
  await stage.ask('/user', { key: 'none' });

  const metrics = await (await fetch(`${stage.stack.urls.webhook}/metrics`)).text();

  t.match(metrics, 'bednet_checks_total{check="acl",reason="client-id-malformed"} 1');
  t.match(metrics, 'bednet_checks_total{check="user",reason="broker-key-missing"} 1');
  t.match(metrics, /bednet_check_duration_seconds_bucket\{le="0.0001",check="acl"\}/);
});

t.test('a service that is started before its Redis answers 503 until Redis is there', async (t) => {
  const stack = await startTestStack(t, { parts: ['redis', 'webhook'] });
  await stack.part('webhook').stop();
  await stack.part('redis').stop();

  const starting = stack.part('webhook').start();
  const health = () =>
    fetch(`${stack.urls.webhook}/health`).then(
      ({ status }) => status,
      () => 0,
    );
  await until(async () => (await health()) === 503);
  await stack.part('redis').start();
  await starting;

  t.equal(await health(), 200);
});

t.test('an error that nobody caught is logged and ends the service', async (t) => {
  const bomb = inFolder('bomb.mjs', "process.on('SIGUSR1', () => Promise.reject(new Error('boom')));");
  const settings = { webhook: { NODE_OPTIONS: `--import=${bomb}` } };
  const stack = await startTestStack(t, { parts: ['redis', 'webhook'], settings });
  const { pid, logFile } = stack.part('webhook');

  process.kill(pid ?? 0, 'SIGUSR1');

  await until(() => stack.deaths.length > 0, { what: 'its end' });
  t.match(stack.deaths, [{ part: 'webhook' }]);
  t.match(readFileSync(logFile, 'utf8'), /"level":60.*boom/);
});

function askSocket(socketPath: string, path: string, body: string): Promise<number> {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const asking = request({ socketPath, path, method: 'POST', headers }, (response) => {
    response.resume();
    resolve(response.statusCode ?? 0);
  });
  asking.on('error', reject);
  asking.end(body);
  return promise;
}
