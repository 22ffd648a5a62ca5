import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reserveFreePort } from '../../services/stack/ports.ts';
import { projectDir } from '../../services/stack/settings.ts';
import { startStack } from '../../services/stack/stack.ts';
import { until } from '../support/until.ts';
import { httpRequest, openHttp, type HttpConnection } from './load/http-connection.ts';
import { registerAccount, signIn } from './systems/sign-in.ts';

/**
 * Prints how many bytes V8 allocates for one granted ACL check, beside those of a bare Fastify route: what the collections of
 * garbage (`--trace-gc`) found more than the ones before had left, over many checks on one connection.
 */
const checks = 30_000;
const writeAccess = 2;
const collection = /([0-9.]+) \([0-9.]+\) -> ([0-9.]+) \([0-9.]+\) MB/g;

const folder = mkdtempSync(join(tmpdir(), 'bednet-garbage-'));
await using open = new AsyncDisposableStack();
open.defer(() => rmSync(folder, { recursive: true, force: true }));
const stack = await startStack({ runDir: folder, parts: ['redis', 'session'] });
open.defer(stack.stop);
const { username, sid } = await signIn(stack.ports.session, await registerAccount(stack.ports.session));
const body = { acc: writeAccess, clientid: `${sid}-check`, topic: `users/${username}/bench`, username };
const request = httpRequest('POST', '/acl', { 'X-Bednet-Key': stack.secrets.brokerKey }, body);

print('bare Fastify', await allocatedBy('tests/bench/systems/bare-fastify-program.ts', {}));
print('webhook', await allocatedBy('services/webhook/main.ts', { NEAR_CACHE: 'off' }));
print('webhook, near cache', await allocatedBy('services/webhook/main.ts', { NEAR_CACHE: 'on' }));

function print(system: string, bytes: number): void {
  console.log(`${system.padEnd(20)} ${Math.round(bytes).toString().padStart(7)} bytes per check`);
}

/** Starts a program that answers /acl, and counts once it is warm. */
async function allocatedBy(program: string, settings: Record<string, string>): Promise<number> {
  const reserved = await reserveFreePort();
  const { port, child } = startTraced(program, { ...settings, WEBHOOK_PORT: String(reserved.port) });
  let trace = '';
  child.stdout?.on('data', (chunk: Buffer) => (trace += chunk.toString()));
  try {
    const askedPort = (await port) ?? reserved.port;
    await until(() => openHttp(askedPort).then(isOpen, () => false));
    const connection = await openHttp(askedPort);
    await ask(connection, checks);
    const from = trace.length;
    await ask(connection, checks);
    connection.close();
    return allocatedIn(trace.slice(from)) / checks;
  } finally {
    child.kill();
    reserved.release();
  }
}

function startTraced(program: string, settings: Record<string, string>) {
  const child: ChildProcess = spawn(process.execPath, ['--trace-gc', join(projectDir, program)], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    env: {
      ...process.env,
      HOST: '127.0.0.1',
      LOG_LEVEL: 'error',
      REDIS_URL: stack.redisUrl('webhook'),
      ISSUER: `http://localhost:${stack.ports.session}`,
      VERIFICATION_KEYS_FILE: stack.secrets.files.verificationKeys,
      BROKER_KEY_FILE: stack.secrets.files.brokerKey,
      ...settings,
    },
  });
  const told = new Promise<number>((resolve) =>
    child.once('message', (message) => resolve((message as { port: number }).port)),
  );
  return { child, port: program.startsWith('tests/') ? told : Promise.resolve(undefined) };
}

function isOpen(connection: HttpConnection): boolean {
  connection.close();
  return true;
}

async function ask(connection: HttpConnection, times: number): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    const { status, body } = await connection.send(request);
    if (status !== 200 || !body.startsWith('{"Ok":true')) throw new Error(`${status} ${body}`);
  }
}

/** What was found by each collection but the first, less what the one before it left, in bytes. */
function allocatedIn(trace: string): number {
  let left = Number.NaN;
  let allocatedMb = 0;
  for (const [, found, kept] of trace.matchAll(collection)) {
    if (!Number.isNaN(left)) allocatedMb += Number(found) - left;
    left = Number(kept);
  }
  return allocatedMb * 2 ** 20;
}
