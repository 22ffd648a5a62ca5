import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { Redis } from 'ioredis';
import type { Test } from 'tap';
import { until } from '../support/until.ts';

/** What one Redis user has done: command names, with the subcommand behind a bar, and the keys that they named. */
export interface UserRecord {
  commands: Set<string>;
  keys: Set<string>;
}

/** Watches a Redis by MONITOR and tells apart who did what. */
export interface CommandWatch {
  /** All that was done since the watch began, by user name. Commands of scripts count for the script's caller. */
  stop(): Promise<Map<string, UserRecord>>;
}

const keyPattern = /^bn:/;
const scriptSource = 'lua';
const lastWords = 'the end of the watch';

/**
 * Begins to watch. Connections are told apart by their address; who holds which one is asked of Redis again and again,
 * and `otherwise` names the user of those that came and went in between.
 */
export async function watchCommands(t: Test, adminUrl: string, otherwise: string): Promise<CommandWatch> {
  const admin = new Redis(adminUrl);
  const users = new Map<string, string>();
  const seen: { source: string; command: string[] }[] = [];
  const monitor = await openMonitor(adminUrl, (source, command) => seen.push({ source, command }));
  t.teardown(() => {
    monitor.destroy();
    admin.disconnect();
  });
  await noteUsers(admin, users);

  return {
    async stop() {
      await noteUsers(admin, users);
      await admin.ping(lastWords);
      await until(() => seen.some(({ command }) => command[1] === lastWords));
      return recordsOf(seen, (source) => users.get(source) ?? otherwise);
    },
  };
}

/**
 * Tells each command that Redis runs, in their order, with the address of who sent it (`lua` within a script). ioredis
 * loses count of its answers when commands pour in while MONITOR begins, so this is a plain socket.
 */
export async function openMonitor(
  url: string,
  tell: (source: string, command: string[]) => void,
): Promise<Socket> {
  const { hostname, port, username, password } = new URL(url);
  const socket = connect(Number(port), hostname);
  const lines = createInterface({ input: socket });
  const begun = Promise.withResolvers<void>();
  let answers = 0;
  lines.on('line', (line) => {
    if (line === '+OK' && (answers += 1) === 2) begun.resolve();
    const [, source, command] = /^\+[0-9.]+ \[0 (\S+)\] (.*)$/.exec(line) ?? [];
    if (source && command) tell(source, wordsOf(command));
  });
  socket.write(`AUTH ${username} ${password}\r\nMONITOR\r\n`);
  await begun.promise;
  return socket;
}

function wordsOf(command: string): string[] {
  return [...command.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((match) => match[1] ?? '');
}

async function noteUsers(admin: Redis, users: Map<string, string>): Promise<void> {
  for (const line of String(await admin.client('LIST')).split('\n')) {
    const [, address, user] = /addr=(\S+) .*user=(\S+)/.exec(line) ?? [];
    if (address && user) users.set(address, user);
  }
}

function recordsOf(
  seen: readonly { source: string; command: string[] }[],
  userOf: (source: string) => string,
): Map<string, UserRecord> {
  const records = new Map<string, UserRecord>();
  let caller = '';
  for (const { source, command } of seen) {
    if (source !== scriptSource) caller = userOf(source);
    const record = records.get(caller) ?? { commands: new Set(), keys: new Set() };
    records.set(caller, record);
    const [name = '', ...args] = command;
    record.commands.add(name.toLowerCase());
    for (const arg of args.filter((text) => keyPattern.test(text))) record.keys.add(arg);
  }
  return records;
}
