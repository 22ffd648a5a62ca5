import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { identifyProcess, isRunning } from '../../services/stack/process-identity.ts';
import { runDirAt } from '../../services/stack/run-dir.ts';
import { readState, writeState } from '../../services/stack/state-file.ts';
import { leftRunning, processesOf, stackCommands, type StackCommands } from '../support/stack-command.ts';
import { makeTestFolder } from '../support/stack.ts';
import { until } from '../support/until.ts';

t.test('a port in use stops up with one line, and nothing is left running', async (t) => {
  const stack = stackCommands(t);
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;

  const up = await stack.run('up', { MQTT_PORT: String(port) });

  t.match(up, { code: 1, stdout: '' });
  t.match(
    up.stderr,
    new RegExp(`^bednet: port ${port} is in use by .*\\(pid ${process.pid}\\): .* set MQTT_PORT .*\\n$`),
  );
  assertNothingLeft(t, stack);
});

t.test('a service that refuses its settings is named, with its reason and its log', async (t) => {
  const stack = stackCommands(t);

  const up = await stack.run('up', { ACCESS_TTL_SECONDS: 'soon' });

  t.match(up, { code: 1, stdout: '' });
  t.match(
    up.stderr,
    /^bednet: session ended with exit code 1: .*ACCESS_TTL_SECONDS.* \(log: .*session\.log\)\n$/,
  );
  assertNothingLeft(t, stack);
});

t.test('every wrong port is named', async (t) => {
  const stack = stackCommands(t);

  const up = await stack.run('up', {
    SESSION_PORT: 'http',
    REDIS_PORT: '70000',
    MQTT_PORT: '5000',
    WEBHOOK_PORT: '5000',
  });

  t.equal(up.code, 1);
  for (const fault of ['SESSION_PORT=http', 'REDIS_PORT=70000', 'MQTT_PORT and WEBHOOK_PORT are both 5000']) {
    t.match(up.stderr, fault);
  }
});

t.test('a damaged secret is named', async (t) => {
  const stack = stackCommands(t);
  mkdirSync(join(stack.runDir, 'secrets'));
  writeFileSync(join(stack.runDir, 'secrets', 'signing-keys.json'), '{', { mode: 0o600 });

  const up = await stack.run('up');

  t.match(up, { code: 1, stdout: '', stderr: /^bednet: secret .*signing-keys\.json: .*\n$/ });
  assertNothingLeft(t, stack);
});

t.test('other ports than those of the running stack are refused', async (t) => {
  const stack = stackCommands(t);
  await stack.run('up');

  const up = await stack.run('up', { REDIS_PORT: '1' });

  t.match(up, { code: 1, stderr: /this stack is up with REDIS_PORT=\d+: run make down first/ });
  t.equal((await stack.run('status')).code, 0, 'it goes on');
});

t.test('an up that is killed midway leaves nothing', async (t) => {
  const stack = stackCommands(t);
  const up = stack.launch('up', { PATH: `${folderOfIdleBroker(t)}:${process.env['PATH']}` });
  await until(() => leftRunning(stack.runDir).length > 1);
  const started = processesOf(stack.state());

  up.kill('SIGKILL');

  await until(() => !started.some(isRunning) && leftRunning(stack.runDir).length === 0);
  assertNothingLeft(t, stack);
});

t.test('down never ends another process that got a recorded pid', async (t) => {
  const stack = stackCommands(t);
  const stranger = spawn('sleep', ['60']);
  t.teardown(() => stranger.kill());
  const identity = identifyProcess(stranger.pid ?? 0);
  if (!identity) throw new Error('sleep does not run');
  const supervisor = { ...identity, startTicks: identity.startTicks - 1 };
  writeState(runDirAt(stack.runDir), {
    supervisor,
    ports: { session: 1, webhook: 2, mqtt: 3, websocket: 4, redis: 5 },
    parts: [
      { name: 'redis', state: 'healthy', sinceMs: 0, process: { ...identity, bootId: 'of another boot' } },
    ],
  });

  t.match(await stack.run('down'), { code: 0, stdout: /nothing to do/ });

  t.ok(isRunning(identity));
});

t.test('an unknown command says how to call it', async (t) => {
  const stack = stackCommands(t);

  t.match(await stack.run('start' as 'up'), { code: 1, stderr: /^bednet: usage: / });
});

/** A folder with a broker that never answers: so `up` does not end by itself. */
function folderOfIdleBroker(t: Test): string {
  const folder = makeTestFolder(t);
  writeFileSync(join(folder, 'mosquitto'), '#!/bin/sh\nexec sleep 600\n', { mode: 0o755 });
  return folder;
}

function assertNothingLeft(t: Test, stack: StackCommands): void {
  t.same(leftRunning(stack.runDir), []);
  t.equal(readState(runDirAt(stack.runDir)), undefined);
  t.notOk(existsSync(join(stack.runDir, 'stack.json')));
}
