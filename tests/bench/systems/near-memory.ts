import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startStack, type Stack } from '../../../services/stack/stack.ts';
import type { BenchContext } from '../bench-context.ts';
import { httpRequest, openHttp } from '../load/http-connection.ts';
import type { Figure } from '../measurement.ts';
import type { CrowdSession, CrowdStage } from './session-crowd.ts';

const writeAccess = 2;
const connectionCount = 16;
const warmUpChecks = 20_000;

/** Far more than the sessions take, so that none is dropped. */
const mostBytes = 1_000_000_000;

/** What a session takes of a webhook service's near cache: as it counts itself, of its heap, and of the process. */
export async function measureNearMemory(
  { folder, say }: BenchContext,
  stage: CrowdStage,
  sessions: readonly CrowdSession[],
): Promise<Figure[]> {
  say(`near cache, ${sessions.length} sessions`);
  const stack = await startStack({
    runDir: join(folder, 'near-memory'),
    parts: ['webhook'],
    ports: { redis: stage.stack.ports.redis },
    settings: {
      webhook: {
        NEAR_CACHE: 'on',
        NEAR_CACHE_BYTES: String(mostBytes),
        REDIS_URL: stage.stack.redisUrl('webhook'),
      },
    },
  });
  try {
    const [first] = sessions;
    if (!first) throw new TypeError('there is no session');
    await checkAll(stack, new Array<CrowdSession>(warmUpChecks).fill(first));
    const before = await readMemory(stack);
    await checkAll(stack, sessions);
    return compare(before, await readMemory(stack));
  } finally {
    await stack.stop();
  }
}

interface Memory {
  entries: number;
  counted: number;
  resident: number;
}

function compare(before: Memory, after: Memory): Figure[] {
  const entries = after.entries - before.entries;
  const each = (part: 'counted' | 'resident') => Math.round((after[part] - before[part]) / entries);
  return [
    { name: 'sessions in the near cache', value: after.entries },
    { name: 'bytes of each, as the near cache counts them', value: each('counted') },
    { name: "bytes of each, by the process's resident memory", value: each('resident') },
  ];
}

async function readMemory({ urls, parts }: Stack): Promise<Memory> {
  const metrics = await (await fetch(`${urls.webhook}/metrics`)).text();
  const metric = (name: string) => Number(new RegExp(`^${name} (\\S+)`, 'm').exec(metrics)?.[1]);
  const status = readFileSync(`/proc/${parts[0]?.pid}/status`, 'utf8');
  return {
    entries: metric('bednet_near_cache_entries'),
    counted: metric('bednet_near_cache_bytes'),
    resident: Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024,
  };
}

/** One granted check of each session. Throws at the first that is not granted. */
async function checkAll({ ports, secrets }: Stack, sessions: readonly CrowdSession[]): Promise<void> {
  const waiting = sessions.values();
  const headers = { 'X-Bednet-Key': secrets.brokerKey };
  const work = async () => {
    const connection = await openHttp(ports.webhook);
    for (const { sid, username } of waiting) {
      const asked = { acc: writeAccess, clientid: sid, topic: `users/${username}/bench`, username };
      const { status, body } = await connection.send(httpRequest('POST', '/acl', headers, asked));
      if (status !== 200) throw new Error(`a check was answered ${status} ${body}`);
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: connectionCount }, work));
}
