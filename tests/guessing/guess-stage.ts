import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import type { Test } from 'tap';
import {
  openGuessLimits,
  type Grant,
  type GuessLimits,
  type Refusal,
  type SecretTry,
} from '../../services/core/guessing/guess-limits.ts';
import { guessPresets, type GuessSettings } from '../../services/core/guessing/guess-settings.ts';
import { openStore, untilReady, type Store } from '../../services/core/redis/store.ts';
import { endingWithParent, getProgram } from '../../services/stack/programs.ts';
import { reservePort } from '../support/reserve-port.ts';
import { until } from '../support/until.ts';

/** All that the limits on guessing need: a user with these rights is what the tests run them as. */
const rights =
  '~bn:{?}:guesses:* ~bn:{?}:networks:* ~bn:network:* -@all +info +eval +evalsha +set +del +hget +hmget +hgetall +hset +hdel ' +
  '+hincrby +zadd +zscore +zremrangebyscore +zremrangebyrank +expire +incrby +pttl +time +multi +exec';

/** A Redis Cluster of one node (so keys of two slots in one call fail) and a store on it. */
export interface GuessStage {
  store: Store;
  /** A connection with all rights. */
  admin: Redis;
  open(changes?: Partial<GuessSettings>): GuessLimits;
  stop(): Promise<void>;
}

/** Starts the stage and stops it at the end of `t`. */
export async function startGuessStage(t: Test): Promise<GuessStage> {
  const { port, stop } = await startServer(t);
  // On a busy machine the server begins to listen when it likes.
  const admin = new Redis(port, '127.0.0.1', { retryStrategy: () => 20, maxRetriesPerRequest: null });
  admin.on('error', () => undefined);
  t.teardown(() => admin.disconnect());
  await admin.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
  await admin.call('ACL', 'SETUSER', 'guessing', 'on', '>only-in-tests', ...rights.split(' '));
  await until(async () => String(await admin.call('CLUSTER', 'INFO')).includes('cluster_state:ok'));
  const store = openStore({
    url: `redis://guessing:only-in-tests@127.0.0.1:${port}`,
    commandTimeoutMs: 2000,
  });
  await untilReady(store, 5000);
  t.teardown(() => store.close());
  const secret = randomBytes(32);
  const open = (changes = {}) => openGuessLimits(store, { ...guessPresets.standard, ...changes }, secret);
  return { store, admin, open, stop };
}

/** A try at a password from an address; by default of the account `ann` has. */
export function tryFrom(ip: string, changes: Partial<SecretTry> = {}): SecretTry {
  return { kind: 'password', uid: annUid, login: 'ann', ip, ...changes };
}

export const annUid = 'Ann0000000000000000000';

/** What is allowed, failing the test if it was refused. */
export function granted(answer: Grant | Refusal): Grant {
  if (!answer.allowed) throw new Error(`refused: ${answer.reason}`);
  return answer;
}

/** One wrong secret. */
export async function fail(
  limits: GuessLimits,
  attempt: SecretTry,
  nowMs?: number,
): Promise<Grant | Refusal> {
  const answer = await limits.beforeTry(attempt, nowMs);
  if (answer.allowed) await answer.settle('wrong');
  return answer;
}

/** Fails as soon as it is allowed to, `count` times; the waits in between in seconds, and when the last was over. */
export async function failPatiently(
  limits: GuessLimits,
  attempt: SecretTry,
  { count, fromMs }: { count: number; fromMs: number },
): Promise<{ waitsSeconds: number[]; endMs: number; disabledAt: [number, string][] }> {
  const waitsSeconds: number[] = [];
  const disabledAt: [number, string][] = [];
  let endMs = fromMs;
  for (let failures = 0; failures < count;) {
    const answer = await limits.beforeTry(attempt, endMs);
    if (answer.allowed) {
      failures += 1;
      const disabled = await answer.settle('wrong');
      if (disabled) disabledAt.push([failures, disabled]);
    } else {
      if (answer.reason !== 'delayed') throw new Error(`refused: ${answer.reason} after ${failures}`);
      waitsSeconds.push(answer.retryAfterSeconds);
      endMs += answer.retryAfterSeconds * 1000;
    }
  }
  return { waitsSeconds, endMs, disabledAt };
}

async function startServer(t: Test): Promise<Pick<GuessStage, 'stop'> & { port: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'bednet-guessing-'));
  const [port, busPort] = [await reservePort(t), await reservePort(t)];
  const options = {
    port,
    'cluster-port': busPort,
    dir: folder,
    'cluster-enabled': 'yes',
    save: '',
  };
  const words = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const [command, args] = endingWithParent(getProgram('redis-server', 'redis-server'), words);
  const server = spawn(command, args, { stdio: 'ignore' });
  const exited = once(server, 'exit');
  const stop = async () => {
    server.kill('SIGKILL');
    await exited;
  };
  t.teardown(async () => {
    await stop();
    rmSync(folder, { recursive: true, force: true });
  });
  return { port, stop };
}
