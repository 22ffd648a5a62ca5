import { randomInt } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer, type ListenOptions, type Server } from 'node:net';
import { StackError } from './stack-error.ts';

/** A port that no other stack of this machine picks until it is released. */
export interface ReservedPort {
  port: number;
  release(): void;
}

/**
 * Picks a free port of the loopback address. It lies below the range from which Linux takes ports for outgoing
 * connections, and a name in the abstract socket namespace reserves it: so it stays ours while a part restarts.
 */
export async function reserveFreePort(): Promise<ReservedPort> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = randomInt(10_000, 32_000);
    const claim = await listen({ path: `\0bednet-port-${port}` });
    if (!claim) continue;
    if (await isPortFree(port)) return { port, release: () => void claim.close() };
    claim.close();
  }
  throw new StackError('no free TCP port found between 10000 and 32000');
}

/** Throws a StackError that names the port, the variable that changes it and, if known, the process that has it. */
export async function assertPortFree(port: number, variable: string): Promise<void> {
  if (await isPortFree(port)) return;
  const owner = findPortOwner(port);
  throw new StackError(
    `port ${port} is in use${owner ? ` by ${owner}` : ''}: end that process, or set ${variable} to another port`,
  );
}

/** Listens on `address`, or answers undefined if somebody else does. */
export async function listen(address: ListenOptions): Promise<Server | undefined> {
  const server = createServer((socket) => socket.destroy()).unref();
  const { promise, resolve, reject } = Promise.withResolvers<Server | undefined>();
  server.once('listening', () => resolve(server));
  server.once('error', (error: NodeJS.ErrnoException) =>
    error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
  );
  server.listen(address);
  return promise;
}

async function isPortFree(port: number): Promise<boolean> {
  const server = await listen({ port, host: '127.0.0.1' }).catch((error: NodeJS.ErrnoException) => {
    throw new StackError(`port ${port} can't be used: ${error.message}`, { cause: error });
  });
  if (!server) return false;
  await new Promise((resolve) => server.close(resolve));
  return true;
}

/** `name (pid 1234)` of the process that listens on `port`, if this user may see it. */
function findPortOwner(port: number): string | undefined {
  const sockets = new Set(listeningInodes(port).map((inode) => `socket:[${inode}]`));
  for (const pid of readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name))) {
    try {
      const folder = `/proc/${pid}/fd`;
      if (!readdirSync(folder).some((fd) => sockets.has(linkTarget(`${folder}/${fd}`)))) continue;
      return `${readFileSync(`/proc/${pid}/comm`, 'utf8').trim()} (pid ${pid})`;
    } catch {
      // Another user's process, or one that has just ended.
    }
  }
  return undefined;
}

/** Sockets in state LISTEN (0A) on `port`, from the tables that proc(5) describes under /proc/net/tcp. */
function listeningInodes(port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return ['/proc/net/tcp', '/proc/net/tcp6']
    .flatMap((table) => readFileSync(table, 'utf8').split('\n').slice(1))
    .map((row) => row.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(suffix) && fields[3] === '0A')
    .flatMap((fields) => fields[9] ?? []);
}

function linkTarget(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ''; // The descriptor was closed meanwhile.
  }
}
