import { setTimeout as delay } from 'node:timers/promises';
import { httpRequest, type HttpAnswer } from '../../bench/load/http-connection.ts';
import type { Random } from '../../support/random.ts';
import { endAccount } from './end-account.ts';
import { bury, end, warmUpMs, type Tools } from './end.ts';
import { openSessionLane } from './lane.ts';
import type { Operator } from './operator.ts';
import { isSession } from './renewers.ts';
import { reuse } from './reuse.ts';
import { count, whileHot, type Session, type World } from './world.ts';

const pauseMs = [0, 30] as const;
const whenFewMs = 20;
/** Below this the revokers wait for people to sign in. */
const fewestLive = 8;
const wideShare = 0.15;
const reuseShare = 0.1;

/** Ends sessions, one call after the other, in all ways that there are. */
export async function runRevoker(world: World, operator: Operator, random: Random): Promise<void> {
  const lane = openSessionLane(world);
  const tools = { world, lane, operator, random };
  while (world.isOpen()) {
    await delay(random.between(...pauseMs));
    const session = pickVictim(world, random);
    if (session === undefined) await delay(whenFewMs);
    else if (random.chance(wideShare)) await endAccount(tools, session);
    else if (random.chance(reuseShare)) await endByReuse(tools, session);
    else await endOne(tools, session);
  }
  lane.close();
}

function pickVictim({ askers, hot }: World, random: Random): Session | undefined {
  const sessions = [...askers].filter(
    (asker): asker is Session => isSession(asker) && !asker.isBusy && !hot.includes(asker),
  );
  if (sessions.length < fewestLive) return undefined;
  const withClient = sessions.filter(({ hasClient }) => hasClient);
  if (withClient.length > 0 && random.chance(0.5)) return random.pick(withClient);
  return random.pick(sessions);
}

async function endByReuse({ world, lane, random }: Tools, session: Session): Promise<void> {
  session.isBusy = true;
  await whileHot(world, session, async () => {
    await delay(random.between(...warmUpMs));
    if ((await reuse(world, lane, session)) !== 'done') return;
    count(world, 'revocation: reuse of a renewal token');
    bury(world, session);
  });
  session.isBusy = false;
}

async function endOne(tools: Tools, session: Session): Promise<void> {
  const { world, random } = tools;
  const asOperator = 'end a session as operator';
  const calls = callsFor(tools, session);
  await whileHot(world, session, async () => {
    await delay(random.between(...warmUpMs));
    const name = random.pick([...calls.keys()]);
    const isDone = await end(tools, { name, of: session, call: calls.get(name) ?? noCall });
    // The account of who called may have been disabled meanwhile.
    if (!isDone) await end(tools, { name: asOperator, of: session, call: calls.get(asOperator) ?? noCall });
  });
}

type Call = () => Promise<HttpAnswer | undefined>;

const noCall: Call = () => Promise.resolve(undefined);

function callsFor({ lane, operator }: Tools, { sid, account, password }: Session): Map<string, Call> {
  const send = (method: string, path: string, token: string | undefined) =>
    lane.send(httpRequest(method, `/api/auth/${path}`, { Authorization: `Bearer ${token}` }));
  return new Map<string, Call>([
    ['sign-out', () => send('POST', 'logout', password)],
    ['end one session', () => send('DELETE', `sessions/${sid}`, account.anchor?.password)],
    ['end a session as operator', () => operator.ask(lane, 'DELETE', `/sessions/${sid}`)],
  ]);
}
