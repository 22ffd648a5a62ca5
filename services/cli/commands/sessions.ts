import { readClientStates } from '../../core/connections/client-states.ts';
import { clientsKey } from '../../core/redis/keys.ts';
import type { Store } from '../../core/redis/store.ts';
import { revokeSessionsAndApiKeys, revokeSession } from '../../core/sessions/revoke-sessions.ts';
import { findSession, listSessions, type Session } from '../../core/sessions/session.ts';
import { CliError } from '../cli-error.ts';
import { countConnected, toClientItem } from '../client-output.ts';
import { timed, type CommandContext } from '../context.ts';
import { table, toUtc, type Answer } from '../output.ts';
import { confirm } from '../terminal.ts';
import type { ChangeOptions } from './accounts.ts';
import { getAccount } from './get-account.ts';

/** What `session revoke` ends: one session, or all of an account. */
export type RevokeTarget = { sid: string } | { account: string };

/** The live sessions of an account, newest first, each with the MQTT client ids that it has connected with. */
export async function listLive({ store }: CommandContext, name: string): Promise<Answer> {
  const account = await getAccount(store, name);
  const sessions = await listSessions(store, account.uid);
  const lists = await readClientStates(
    store,
    sessions.map(({ sid }) => clientsKey(sid)),
  );
  const clients = lists.map((list) => list.clients.map(toClientItem));
  const rows = sessions.map((session, index) => [
    session.sid,
    toUtc(session.createdAtMs),
    toUtc(session.lastSeenMs),
    toUtc(Math.min(session.idleUntilMs, session.absoluteUntilMs)),
    String(clients[index]?.length ?? 0),
    countConnected(clients[index] ?? []),
    session.ip,
    session.userAgent.label,
  ]);
  return {
    json: sessions.map((session, index) => ({
      ...publicFacts(session),
      clientIds: clients[index]?.map(({ clientId }) => clientId) ?? [],
      clients: clients[index] ?? [],
    })),
    text: rows.length === 0 ? `${account.username} has no live session.` : table(sessionHeader, rows),
  };
}

/** The target that the arguments name; undefined unless it is exactly one. */
export function targetOf(sid: string | undefined, account: string | undefined): RevokeTarget | undefined {
  if (sid !== undefined) return account === undefined ? { sid } : undefined;
  return account === undefined ? undefined : { account };
}

/** Ends one session, or all of an account; says that it is durable and how long that took. */
export function revoke(
  context: CommandContext,
  target: RevokeTarget,
  options: ChangeOptions,
): Promise<Answer> {
  return 'sid' in target
    ? revokeOne(context, target.sid, options)
    : revokeAll(context, target.account, options);
}

const sessionHeader = ['SID', 'SIGNED IN', 'LAST SEEN', 'UNTIL', 'CLIENT IDS', 'CONNECTED', 'IP', 'BROWSER'];

async function revokeOne(
  { store, actor, tell }: CommandContext,
  sid: string,
  options: ChangeOptions,
): Promise<Answer> {
  const { uid, username } = await getSession(store, sid);
  await confirm(`End session ${sid} of ${username}?`, options);
  const { result: ended, durable } = await timed(() =>
    revokeSession(store, sid, { uid, reason: options.reason, actor }),
  );
  if (ended) tell('session-ended', { uid, sid, reason: options.reason });
  const text = ended
    ? `Revoked session ${sid} of ${username}, durable in ${durable.durableInMs} ms: no check that starts now is granted.`
    : `Session ${sid} of ${username} had already ended.`;
  return { json: { sid, uid, username, ended, ...durable }, text };
}

async function revokeAll(
  { store, actor, tell }: CommandContext,
  name: string,
  options: ChangeOptions,
): Promise<Answer> {
  const { uid, username } = await getAccount(store, name);
  await confirm(`End all sessions of ${username}?`, options);
  const { result: sessionsEnded, durable } = await timed(() =>
    revokeSessionsAndApiKeys(store, { uid, reason: options.reason, actor }),
  );
  tell('all-sessions-ended', { uid, reason: options.reason });
  const sessions = sessionsEnded === 1 ? '1 session' : `${sessionsEnded} sessions`;
  return {
    json: { uid, username, sessionsEnded, ...durable },
    text: `Revoked ${sessions} of ${username}, durable in ${durable.durableInMs} ms: no check that starts now is granted.`,
  };
}

async function getSession(store: Store, sid: string): Promise<Session> {
  const session = await findSession(store, sid);
  if (!session) throw new CliError(`there is no session ${sid}`);
  return session;
}

function publicFacts({ nowMs: _nowMs, userAgent, ...facts }: Session): object {
  return { ...facts, userAgent: userAgent.label };
}
