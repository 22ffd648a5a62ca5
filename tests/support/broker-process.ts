import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';

const PLUGIN_FOLDER = resolve(import.meta.dirname, '../../mosquitto-conf/plugin');
const BROKER_LEAKS = resolve(import.meta.dirname, 'broker-leaks.supp');
const UNDER_VALGRIND = process.env['BEDNET_VALGRIND'] === '1';
const SANITIZED = process.env['BEDNET_SANITIZE'] === '1';
const MEMORY_FAULT_EXIT_CODE = 99;
const MOST_PORT_ATTEMPTS = 5;

/** How long a test may wait for something that should come at once; a broker under valgrind is slow. */
export const DEADLINE_MS = UNDER_VALGRIND ? 120_000 : 30_000;

export interface BrokerOptions {
  /** Options of the plugin without prefix, in the order in which they are written. */
  plugin: Record<string, string | number> | [string, string | number][];
  /** Which family of names the configuration uses. */
  prefix?: 'plugin_opt_' | 'auth_opt_';
  /** More lines of mosquitto.conf, at its top. */
  lines?: string[];
  /** More environment variables. */
  environment?: Record<string, string>;
}

export interface Broker {
  port: number;
  pid: number;
  /** A new directory that goes with the broker. */
  folder: string;
  /** All that the broker has written. */
  log: () => string;
  /** The lines that the plugin has written, without time stamps. */
  pluginLines: () => string[];
  /** Resolves when the log matches. */
  waitForLog: (pattern: RegExp) => Promise<void>;
  /** Stops the broker and its folder; throws if it doesn't end cleanly, which includes memory faults when they are watched. */
  stop: () => Promise<void>;
}

/** Starts a real broker with the plugin on a free port, and resolves when it listens. */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  for (let attempt = 1; ; attempt++) {
    const started = await launch(options, await findFreePort());
    if (!started.hasEnded()) return { ...started, stop: () => stop(started) };

    const { log } = await end(started);
    if (attempt === MOST_PORT_ATTEMPTS || !log.includes('Address already in use')) {
      throw new Error(`The broker did not start:\n${log}`);
    }
  }
}

/** Starts a broker that should refuse to start; returns its exit code and the plugin's lines. */
export async function startRefusedBroker(
  options: BrokerOptions,
): Promise<{ code: number; pluginLines: string[] }> {
  const started = await launch(options, await findFreePort());
  const refused = started.hasEnded();
  const pluginLines = started.pluginLines();
  const { code, log } = await end(started);
  if (!refused) throw new Error(`The broker started:\n${log}`);
  if (code === MEMORY_FAULT_EXIT_CODE) throw new Error(`Memory fault:\n${log}`);
  return { code: code ?? -1, pluginLines };
}

/** A port of 127.0.0.1 on which nobody listens at this moment. */
export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Resolves when the condition holds, looked at every few milliseconds; throws after the deadline. */
export async function waitUntil(condition: () => boolean, deadlineMs = DEADLINE_MS): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`Not true within ${deadlineMs} ms: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

type Started = Awaited<ReturnType<typeof launch>>;

/** Starts a broker and waits until it listens or has ended. Its log is a file, so what it wrote before an answer is there. */
async function launch(options: BrokerOptions, port: number) {
  const folder = mkdtempSync(join(tmpdir(), 'bednet-broker-'));
  const configuration = join(folder, 'mosquitto.conf');
  writeFileSync(configuration, writeConfiguration(options, port));
  const { command, args, environment } = wrap(configuration, folder);
  const logFile = openSync(join(folder, 'broker.log'), 'a');
  const child = spawn(command, args, {
    stdio: ['ignore', logFile, logFile],
    env: { ...process.env, ...options.environment, ...environment },
  });
  closeSync(logFile);
  const ended = once(child, 'close');
  const killAtExit = () => child.kill('SIGKILL');
  process.once('exit', killAtExit);
  void ended.then(() => process.off('exit', killAtExit));

  const log = () => readFileSync(join(folder, 'broker.log'), 'utf8');
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  await waitUntil(() => log().includes(' running\n') || hasEnded());
  return {
    port,
    pid: child.pid ?? 0,
    folder,
    child,
    ended,
    hasEnded,
    log,
    pluginLines: () => [...log().matchAll(/^\d+: bednet: (.*)$/gm)].map((match) => match[1] ?? ''),
    waitForLog: (pattern: RegExp) => waitUntil(() => pattern.test(log())),
  };
}

function writeConfiguration(options: BrokerOptions, port: number): string {
  const prefix = options.prefix ?? 'plugin_opt_';
  const given = Array.isArray(options.plugin) ? options.plugin : Object.entries(options.plugin);
  return [
    ...(options.lines ?? []),
    `listener ${port} 127.0.0.1`,
    `user ${userInfo().username}`,
    'allow_anonymous false',
    'log_dest stderr',
    'log_type all',
    `${prefix === 'auth_opt_' ? 'auth_plugin' : 'plugin'} ${buildPlugin()}`,
    ...given.map(([name, value]) => `${prefix}${name} ${value}`),
    '',
  ].join('\n');
}

let isBuilt = false;

/** `make` does nothing when the plugin is newer than its sources, and waits while another test builds it. Once is enough. */
function buildPlugin(): string {
  if (!isBuilt) runMake();
  isBuilt = true;
  return join(PLUGIN_FOLDER, 'build', ...(SANITIZED ? ['sanitize'] : []), 'bednet_auth.so');
}

function runMake(): void {
  execFileSync('make', ['--silent', '-C', PLUGIN_FOLDER, ...(SANITIZED ? ['sanitize'] : [])], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** The command that runs the broker, watched for memory faults if the environment asks for it. */
function wrap(configuration: string, folder: string) {
  const path = `${process.env['PATH']}:/usr/sbin:/usr/local/sbin`;
  const args = ['-c', configuration];
  if (UNDER_VALGRIND) {
    const flags = [
      '--quiet',
      '--leak-check=full',
      '--keep-debuginfo=yes',
      '--num-callers=30',
      '--vex-iropt-register-updates=allregs-at-mem-access', // or a handler of SIGBUS can't return to the read that failed
      `--suppressions=${BROKER_LEAKS}`,
    ];
    const report = [
      `--error-exitcode=${MEMORY_FAULT_EXIT_CODE}`,
      `--log-file=${join(folder, 'valgrind.log')}`,
    ];
    return {
      command: 'valgrind',
      args: [...flags, ...report, 'mosquitto', ...args],
      environment: { PATH: path },
    };
  }
  if (SANITIZED) {
    const library = spawnSync('gcc', ['-print-file-name=libasan.so'], { encoding: 'utf8' }).stdout.trim();
    // Leaks are left to valgrind, which can tell the broker's own from ours.
    const environment = {
      LD_PRELOAD: library,
      ASAN_OPTIONS: `detect_leaks=0:exitcode=${MEMORY_FAULT_EXIT_CODE}`,
    };
    return { command: 'mosquitto', args, environment: { PATH: path, ...environment } };
  }
  return { command: 'mosquitto', args, environment: { PATH: path } };
}

async function stop(started: Started): Promise<void> {
  const { code, signal, log } = await end(started);
  if (code !== 0) throw new Error(`The broker ended with ${signal ?? `code ${code}`}:\n${log}`);
}

/**
 * Ends the process, if it still runs, and removes its folder; what was found about memory comes before the log.
 * Asks again until it ends: Mosquitto loses a SIGTERM that comes between its line "running" and its main loop.
 */
async function end(started: Started): Promise<{ code: number | null; signal: string | null; log: string }> {
  const ask = () => started.child.kill('SIGTERM');
  ask();
  const repeats = setInterval(ask, 100);
  const timer = setTimeout(() => started.child.kill('SIGKILL'), DEADLINE_MS);
  await started.ended;
  clearInterval(repeats);
  clearTimeout(timer);
  const memory = UNDER_VALGRIND ? readFileSync(join(started.folder, 'valgrind.log'), 'utf8') : '';
  const log = memory + started.log();
  rmSync(started.folder, { recursive: true });
  return { code: started.child.exitCode, signal: started.child.signalCode, log };
}
