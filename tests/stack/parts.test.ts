import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Redis } from 'ioredis';
import t from 'tap';
import { identifyProcess, isRunning } from '../../services/stack/process-identity.ts';
import { createStack, startStack } from '../../services/stack/stack.ts';
import { StackError } from '../../services/stack/stack-error.ts';
import { makeTestFolder, startTestStack, type TestStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

t.test('every port listens on the loopback address only', async (t) => {
  const stack = await startTestStack(t, { parts: ['redis', 'mosquitto'] });

  for (const port of [stack.ports.redis, stack.ports.mqtt, stack.ports.websocket]) {
    t.same(listenersOf(port), ['127.0.0.1'], `port ${port}`);
  }
});

t.test('the default user of Redis is off and each user knows its own password', async (t) => {
  const stack = await startTestStack(t, { parts: ['redis'] });

  t.match(await answerOf(stack.urls.redis, 'PING'), /^NOAUTH/);
  for (const user of ['session', 'webhook', 'cli', 'stack'] as const) {
    t.equal(await answerOf(stack.redisUrl(user), 'PING'), 'PONG', user);
  }
  t.match(await answerOf(stack.redisUrl('stack'), 'GET', 'x'), /^NOPERM/);
});

t.test('Redis runs with the settings on which the promise stands', async (t) => {
  const stack = await startTestStack(t, { parts: ['redis'] });
  const redis = new Redis(stack.redisAdminUrl);
  t.teardown(() => redis.disconnect());

  const settings = { appendonly: 'yes', appendfsync: 'always', 'maxmemory-policy': 'noeviction', save: '' };

  for (const [name, value] of Object.entries(settings)) {
    t.same(await redis.config('GET', name), [name, value]);
  }
});

t.test('what Redis has confirmed survives its SIGKILL, on the same port', async (t) => {
  const stack = await startTestStack(t, { parts: ['redis'] });
  const write = `redis.call('SET', KEYS[1], 'value') return redis.call('SET', KEYS[2], 'value')`;
  t.equal(await answerOf(stack.redisAdminUrl, 'SET', 'alone', 'value'), 'OK');
  t.equal(await answerOf(stack.redisAdminUrl, 'EVAL', write, '2', 'first', 'second'), 'OK');

  await stack.part('redis').kill();
  t.equal(stack.part('redis').state, 'stopped');
  await stack.part('redis').start();

  t.equal(await answerOf(stack.redisAdminUrl, 'GET', 'alone'), 'value');
  // A script's writes are a transaction in the file. Redis replays it as the default user (redis/redis#14541).
  t.equal(await answerOf(stack.redisAdminUrl, 'GET', 'second'), 'value');
  t.same(stack.deaths, [], 'a kill by the test itself is not reported');
});

t.test('a part that dies is reported at once, with its log', async (t) => {
  const stack = await startTestStack(t, { parts: ['redis', 'mosquitto'] });

  process.kill(pidOf(stack, 'mosquitto'), 'SIGKILL');
  await until(() => stack.deaths.length > 0);

  t.match(stack.deaths, [
    { part: 'mosquitto', message: /^mosquitto was ended by SIGKILL.*mosquitto\.log\)$/ },
  ]);
  t.equal(stack.part('mosquitto').state, 'dead');
  t.equal(stack.part('redis').state, 'healthy');
});

t.test('stop leaves no process behind, not even a frozen one', async (t) => {
  const stack = await startTestStack(t, { parts: ['redis', 'mosquitto'] });
  const processes = stack.parts.map((part) => identifyProcess(part.pid ?? 0));
  stack.part('redis').pause();

  await stack.stop();

  for (const process of processes) t.notOk(process && isRunning(process));
  t.same(stack.deaths, []);
});

t.test('a broker that is stopped while it starts ends by itself, however early that is', async (t) => {
  const stack = await createStack({ runDir: makeTestFolder(t), parts: ['mosquitto'] });
  const broker = stack.part('mosquitto');
  const count = (word: string) => readFileSync(broker.logFile, 'utf8').split(` ${word}\n`).length - 1;

  for (let round = 1; round <= 8; round++) {
    const start = t.rejects(broker.start(), /was stopped while it started/);
    while (broker.state === 'starting' && (!existsSync(broker.logFile) || count('running') < round)); // no turn later
    await broker.stop();
    await start;
    t.equal(count('terminating'), round, 'it was not killed');
  }
});

t.test('a part that cannot start says why and where its log is, and the others are stopped', async (t) => {
  const runDir = makeTestFolder(t);
  const settings = { mosquitto: { BROKER_USER: 'nobody-of-that-name' } };

  const error = await startStack({ runDir, parts: ['redis', 'mosquitto'], settings }).catch((error) => error);

  t.ok(error instanceof StackError);
  t.match(error, {
    part: 'mosquitto',
    message: /^mosquitto ended with exit code \d+: .*log\/mosquitto\.log\)$/,
  });
  t.match(error.logTail, /Unable to drop privileges/);
  t.match(readFileSync(join(runDir, 'log', 'redis.log'), 'utf8'), /bye bye/);
});

t.test('the broker starts with the configuration for mosquitto-go-auth and our plugin', async (t) => {
  const mosquittoTemplate = join(import.meta.dirname, '../../mosquitto-conf/go-auth.conf');

  const stack = await startTestStack(t, { parts: ['mosquitto'], mosquittoTemplate });

  t.equal(stack.part('mosquitto').state, 'healthy');
});

t.test('a port in use is named with its variable and the process that has it', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;

  await t.rejects(startStack({ runDir: makeTestFolder(t), parts: ['redis'], ports: { redis: port } }), {
    message: new RegExp(`^port ${port} is in use by .* \\(pid ${process.pid}\\): .*set REDIS_PORT`),
  });
});

t.test('the children of a process that is killed end too', async (t) => {
  const program = `
    import { startStack } from ${JSON.stringify(new URL('../../services/stack/stack.ts', import.meta.url).href)};
    const stack = await startStack({ runDir: process.argv[1], parts: ['redis', 'mosquitto'] });
    console.log(JSON.stringify(stack.parts.map((part) => part.pid)));`;
  const args = ['--input-type=module-typescript', '-e', program, makeTestFolder(t)];
  const parent = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string];
  const children = (JSON.parse(line) as number[]).map((pid) => identifyProcess(pid));
  t.equal(children.length, 2);

  parent.kill('SIGKILL');

  await until(() => children.every((child) => child && !isRunning(child)));
});

/** The local addresses that listen on a port, from proc(5): IPv4 as `0100007F`, anything in the IPv6 table as `IPv6`. */
function listenersOf(port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const rows = (table: string) => readFileSync(table, 'utf8').split('\n').slice(1);
  const listening = (row: string) => row.trim().split(/\s+/)[1]?.endsWith(suffix) && / 0A /.test(row);
  return [
    ...rows('/proc/net/tcp')
      .filter(listening)
      .map((row) => (row.includes(' 0100007F:') ? '127.0.0.1' : row)),
    ...rows('/proc/net/tcp6')
      .filter(listening)
      .map(() => 'IPv6'),
  ];
}

function pidOf(stack: TestStack, part: 'redis' | 'mosquitto'): number {
  const { pid } = stack.part(part);
  if (pid === undefined) throw new Error(`${part} does not run`);
  return pid;
}

async function answerOf(url: string, command: string, ...args: string[]): Promise<unknown> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: null, enableReadyCheck: false });
  redis.on('error', () => {});
  try {
    return await redis.call(command, ...args).catch((error: Error) => error.message);
  } finally {
    redis.disconnect();
  }
}
