import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { reserveFreePort } from '../../services/stack/ports.ts';
import { endingWithParent, getProgram } from '../../services/stack/programs.ts';
import { sha256Hex, type RedisUser } from '../../services/stack/secrets.ts';
import { renderFile } from '../../services/stack/template.ts';
import { until } from './until.ts';

/** Passwords of Redis' users in tests with several servers. */
export const redisPasswords = {
  ...{
    session: 'session-in-tests',
    webhook: 'webhook-in-tests',
    cli: 'cli-in-tests',
    stack: 'stack-in-tests',
  },
  ...{ test: 'only-in-tests', replica: 'replica-in-tests', sentinel: 'sentinel-in-tests' },
} as const satisfies Record<RedisUser | 'test' | 'replica' | 'sentinel', string>;

/** A server of a test, which can be killed, paused and started again on the same port. */
export interface RedisNode {
  readonly name: string;
  readonly port: number;
  readonly logFile: string;
  /** Starts it with what it has on its disk; returns when it listens. */
  start(): Promise<void>;
  /** SIGKILL; returns when it is gone. */
  kill(): Promise<void>;
  /** SIGSTOP: its connections stay open and nothing answers. */
  pause(): void;
  resume(): void;
  /** SIGTERM; returns when it is gone. */
  stop(): Promise<void>;
  release(): void;
}

/** Lines that make a server a part of what the test builds, for its port. */
export type NodeSettings = (port: number) => readonly string[];

/** The lines of users.acl that servers of Redis need of one another; the test's own user has all rights. */
export const serverUsers = [
  `user test on >${redisPasswords.test} ~* &* +@all`,
  `user replica on >${redisPasswords.replica} +psync +replconf +ping`,
];

/** Prepares a Redis in a folder of its own, with redis/redis.conf and `settings` after it. */
export async function prepareRedis(
  { folder, name, aclText }: { folder: string; name: string; aclText: string },
  settings: NodeSettings,
): Promise<RedisNode> {
  const home = join(folder, name);
  mkdirSync(home);
  const aclFile = join(home, 'users.acl');
  writeFileSync(aclFile, aclText, { mode: 0o600 });
  const { port, release } = await reserveFreePort();
  const own = [`port ${port}`, `dir ${home}`, `aclfile ${aclFile}`, ...settings(port)];
  // A copy: a fail-over writes into it.
  const text = [readFileSync('redis/redis.conf', 'utf8'), ...own].join('\n');
  return prepare({ name, home, port, release, text, args: [] });
}

/** Prepares a Sentinel in a folder of its own. */
export async function prepareSentinel(
  { folder, name }: { folder: string; name: string },
  settings: NodeSettings,
): Promise<RedisNode> {
  const home = join(folder, name);
  mkdirSync(home);
  const { port, release } = await reserveFreePort();
  const text = ['bind 127.0.0.1', `port ${port}`, `dir ${home}`, ...settings(port)].join('\n');
  return prepare({ name, home, port, release, text, args: ['--sentinel'] });
}

/** redis/users.acl with the passwords of tests. `changeRights` gets each user's line. */
export function renderUsers(
  folder: string,
  {
    added = [],
    changeRights = (line) => line,
  }: { added?: string[]; changeRights?: (line: string) => string } = {},
): string {
  const file = join(folder, 'users.acl');
  const values = (['session', 'webhook', 'cli', 'stack'] as const).map((user) => [
    `${user.toUpperCase()}_PASSWORD_SHA256`,
    sha256Hex(redisPasswords[user]),
  ]);
  renderFile('redis/users.acl', file, Object.fromEntries(values) as Record<string, string>, [
    ...serverUsers,
    ...added,
  ]);
  return readFileSync(file, 'utf8').split('\n').map(changeRights).join('\n');
}

interface Plan {
  name: string;
  home: string;
  port: number;
  release: () => void;
  text: string;
  args: readonly string[];
}

function prepare({ name, home, port, release, text, args }: Plan): RedisNode {
  const file = join(home, 'server.conf');
  const logFile = join(home, 'server.log');
  writeFileSync(file, `${text}\n`, { mode: 0o600 });
  let child: ChildProcess | undefined;

  async function end(signal: NodeJS.Signals): Promise<void> {
    const ending = child;
    child = undefined;
    if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return;
    const gone = once(ending, 'exit');
    ending.kill('SIGCONT'); // One that is paused does not hear SIGTERM.
    ending.kill(signal);
    await gone;
  }

  return {
    ...{ name, port, logFile, release },
    async start() {
      const log = openSync(logFile, 'a');
      const [command, all] = endingWithParent(getProgram('redis-server', 'redis-server'), [file, ...args]);
      child = spawn(command, all, { stdio: ['ignore', log, log] });
      closeSync(log);
      await until(() => answers(port), { what: `${name} listens` });
    },
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
  };
}

function answers(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, '127.0.0.1');
  socket.once('connect', () => resolve(true));
  socket.once('error', () => resolve(false));
  return promise.finally(() => socket.destroy());
}
