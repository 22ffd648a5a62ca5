import type { BenchContext, Row } from '../bench-context.ts';
import { runClosedLoops } from '../load/closed-loops.ts';
import { httpRequest, openHttp } from '../load/http-connection.ts';
import { measureInTurns, type Figure, type Result } from '../measurement.ts';
import { measureNearMemory } from '../systems/near-memory.ts';
import { readBytesByKey, readUsedMemory } from '../systems/redis-memory.ts';
import {
  auditAll,
  connectAll,
  makeAccounts,
  makeSessions,
  startCrowdStage,
  type CrowdSession,
  type CrowdStage,
} from '../systems/session-crowd.ts';

const few = 1000;
const many = 100_000;
const cachedSessions = 50_000;
const mostBytesPerSession = 1024;
const writeAccess = 2;

/**
 * What 100,000 live sessions take of Redis, and whether a check takes longer among them than among 1,000; what a session
 * takes of a webhook service that keeps it in its near cache.
 */
export const sessionsRow: Row = {
  name: 'sessions',
  async measure(context) {
    await using open = new AsyncDisposableStack();
    const stage = await startCrowdStage(context.folder, open);
    const { store } = stage;
    context.say(`${many} live sessions`);
    const empty = await readUsedMemory(store);
    const accounts = await makeAccounts(store, many);
    const withAccounts = await readUsedMemory(store);
    const first = await makeSessions(store, accounts.slice(0, few));
    const results = await measureChecks(context, stage, first);
    const sessions = [...first, ...(await makeSessions(store, accounts.slice(few)))];
    const withSessions = await readUsedMemory(store);
    results.push(...(await measureChecks(context, stage, sessions)));

    const bytesPerSession = Math.round((withSessions - withAccounts) / many);
    if (bytesPerSession > mostBytesPerSession) {
      context.tellFault(`a live session takes ${bytesPerSession} bytes of Redis, not ${mostBytesPerSession}`);
    }
    const figures = [
      { name: `bytes of Redis per live session (${mostBytesPerSession} at most)`, value: bytesPerSession },
      ...(await whereItGoes(stage, sessions)),
      { name: 'beside it, bytes per account', value: Math.round((withAccounts - empty) / many) },
      ...(await whatIsAdded(stage, sessions)),
      ...(await measureNearMemory(context, stage, sessions.slice(0, cachedSessions))),
    ];
    const condition = 'webhook check of a live session at random, 1 connection';
    return [{ row: 'sessions', condition, results, figures }];
  },
};

/** Granted checks of sessions at random, one in flight. */
async function measureChecks(
  { settings }: BenchContext,
  { stack }: CrowdStage,
  sessions: readonly CrowdSession[],
): Promise<Result[]> {
  const connection = await openHttp(stack.ports.webhook);
  const headers = { 'X-Bednet-Key': stack.secrets.brokerKey };
  const check = async () => {
    const { sid, username } = sessions[Math.floor(Math.random() * sessions.length)] as CrowdSession;
    const asked = { acc: writeAccess, clientid: sid, topic: `users/${username}/bench`, username };
    const { status, body } = await connection.send(httpRequest('POST', '/acl', headers, asked));
    return status === 200 && body.startsWith('{"Ok":true') ? undefined : `${status} ${body}`;
  };
  const system = `among ${sessions.length.toLocaleString('en')} sessions`;
  const measure = (limits: Parameters<typeof runClosedLoops>[1]) => runClosedLoops([check], limits);
  try {
    return await measureInTurns([{ system, measure }], settings);
  } finally {
    connection.close();
  }
}

async function whereItGoes({ store }: CrowdStage, sessions: readonly CrowdSession[]): Promise<Figure[]> {
  const { session, index, expiry, event } = await readBytesByKey(store, sessions);
  return [
    { name: '  of which the session itself', value: session },
    { name: "  its account's list of sessions", value: index },
    { name: '  the list of those that lapse', value: expiry },
    { name: '  the event', value: event },
  ];
}

async function whatIsAdded({ store }: CrowdStage, sessions: readonly CrowdSession[]): Promise<Figure[]> {
  const before = await readUsedMemory(store);
  await connectAll(store, sessions);
  const connected = await readUsedMemory(store);
  await auditAll(store, sessions);
  const audited = await readUsedMemory(store);
  return [
    { name: 'beside it, bytes per open MQTT connection', value: Math.round((connected - before) / many) },
    { name: 'beside it, bytes per audited sign-in', value: Math.round((audited - connected) / many) },
  ];
}
