import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import type { Test } from 'tap';
import { defaultRulesDocument } from '../../services/core/acl/rules.ts';
import { endProcess, identifyProcess } from '../../services/stack/process-identity.ts';
import { writeState } from '../../services/stack/state-file.ts';
import { makeTestFolder, startTestStack, type TestStack } from '../support/stack.ts';
import { stackCommands } from '../support/stack-command.ts';
import { until } from '../support/until.ts';
import { cliFor, demoMain, runNode } from './run-cli.ts';

/** A busy machine answers checks late; here none is to be denied for that. */
const patient = { CHECK_TIMEOUT_MS: '2000' };
const demo = (runDir: string) => runNode([demoMain], { input: '', environment: { RUN_DIR: runDir } });

/** Neither an account nor a rule of the demo is left. */
async function assertNothingLeft(t: Test, runDir: string): Promise<void> {
  const cli = cliFor(runDir);
  t.same(await cli.json(['account', 'list']), [], 'no account');
  const { roles, accounts } = await cli.json<{ roles: object; accounts?: object }>(['rules', 'show']);
  t.same({ roles, accounts }, { roles: defaultRulesDocument.roles, accounts: undefined }, 'no rule');
}

t.test('without a stack the demo says what to do', async (t) => {
  const result = await demo(makeTestFolder(t));

  t.match(result, {
    code: 1,
    stdout: '',
    stderr: /^bednet: the stack is not up \(\S+\): run make up first\n$/,
  });
});

t.test('on a running stack', async (t) => {
  const commands = stackCommands(t);
  const up = await commands.run('up', patient);
  t.equal(up.code, 0, up.stderr);

  await t.test('each step of the demo is true, and it leaves nothing behind', async (t) => {
    const { code, stdout, stderr } = await demo(commands.runDir);

    t.equal(code, 0, stderr + stdout);
    t.equal(stderr, '');
    for (const step of [
      /✓ bednet account create demo-ana-\w+ +[\d.]+ ms/,
      /✓ a message from Ben reaches Ana +[\d.]+ ms/,
      /✓ revocation acknowledged: its tombstone is on disk +[\d.]+ ms/,
      /✓ old connection closed/,
      /✓ delivery denied: of [1-9]\d+ messages/,
      /✓ publish denied/,
      /✓ reconnect with her unexpired token refused: CONNACK 0x87/,
      /✓ about Ana, read: 403 session-revoked; about Ben: 200/,
      /Denied: read on "demo\/\w+\/room"/,
      /was ended by cli:\S+ \(laptop stolen\)/,
      /✓ one connection all along/,
      /✓ the session that renewed has its connection still/,
      /\nAll \d+ steps were true, in [\d.]+ s\./,
    ]) {
      t.match(stdout, step);
    }
    t.notMatch(stdout, /✗|\x1b/, 'no colours where nobody looks');
    await assertNothingLeft(t, commands.runDir);
  });

  await t.test('an interrupted demo undoes what it did', async (t) => {
    const child = spawn(process.execPath, [demoMain], {
      env: { PATH: process.env['PATH'] ?? '', RUN_DIR: commands.runDir },
    });
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    const closed = once(child, 'close');
    await until(() => stdout.includes('They meet'), { timeoutMs: 90_000 });

    child.kill('SIGINT');
    const [code] = (await closed) as [number];

    t.equal(code, 1);
    await assertNothingLeft(t, commands.runDir);
  });

  await t.test('with a dead webhook the demo fails', async (t) => {
    const webhook = commands.state().parts.find(({ name }) => name === 'webhook')?.process;
    if (!webhook) return t.fail('there is no webhook');
    await endProcess(webhook, 10_000);

    const { code, stderr } = await demo(commands.runDir);

    t.equal(code, 1);
    t.match(stderr, /^bednet: the stack is not healthy: webhook /);
  });
});

t.test('the demo fails on a broker that lets a revoked session go on', async (t) => {
  const real = { port: 0 };
  const port = await startLyingWebhook(t, real);
  const stack = await startTestStack(t, { settings: { mosquitto: { WEBHOOK_PORT: String(port) } } });
  real.port = stack.ports.webhook;
  pretendUp(stack);

  const { code, stdout, stderr } = await demo(stack.runDir.path);

  t.equal(code, 1, stdout);
  t.match(stdout, /✓ revocation acknowledged/, 'it fails only after the revocation');
  t.match(stdout, /✗ (delivery denied|reconnect with her unexpired token)/);
  t.match(stderr, /^bednet: (not true: delivery denied|reconnect)/);
  await assertNothingLeft(t, stack.runDir.path);
});

/** Passes each request on to the real webhook once its port is known, but turns a denial for a revoked session into a grant. */
async function startLyingWebhook(t: Test, real: { port: number }): Promise<number> {
  const server = createServer((request, response) => {
    // The broker reports to the webhook as soon as it is there itself.
    if (real.port === 0) response.writeHead(503).end();
    else lie(request, response, real.port).catch(() => response.destroy()); // The webhook may be gone by now.
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close().closeAllConnections());
  return (server.address() as AddressInfo).port;
}

async function lie(request: IncomingMessage, response: ServerResponse, realPort: number): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const answer = await fetch(`http://127.0.0.1:${realPort}${request.url}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-bednet-key': String(request.headers['x-bednet-key']),
    },
    body,
  });
  const text = await answer.text();
  const isLie = text.includes('session-revoked');
  response.writeHead(isLie ? 200 : answer.status, { 'content-type': 'application/json' });
  response.end(isLie ? '{"Ok":true}' : text);
}

/** Records this test's stack as `make up` would. */
function pretendUp({ runDir, ports, parts }: TestStack): void {
  const supervisor = identifyProcess(process.pid);
  if (!supervisor) throw new Error('there is no /proc');
  writeState(runDir, {
    supervisor,
    ports,
    parts: parts.map(({ name, state, sinceMs, pid }) => {
      const identity = pid === undefined ? undefined : identifyProcess(pid);
      return { name, state, sinceMs, ...(identity ? { process: identity } : {}) };
    }),
  });
}
