import { setTimeout as delay } from 'node:timers/promises';
import { httpRequest } from '../../bench/load/http-connection.ts';
import type { Outcome } from '../history/history.ts';
import type { Random } from '../../support/random.ts';
import { outcomeOf } from './ask.ts';
import { dataOf, openSessionLane, sendAndHangUp, type Lane } from './lane.ts';
import { count, type Asker, type Session, type World } from './world.ts';

/** Time in which a replaced token is surely still answered; the grace is 10 s from the rotation. */
const surelyInGraceMs = 8_000;
const repeatParentWithinMs = 4_000;
const pauseMs = [2, 20] as const;

/** The `data` of a renewal. */
export interface Tokens {
  access_token: string;
  refresh_token: string;
}

/** Renews one session after the other: once, twice at the same time, again after a lost answer, or with the last token. */
export async function runRenewer(world: World, random: Random): Promise<void> {
  const lanes = [openSessionLane(world), openSessionLane(world)] as const;
  while (world.isOpen()) {
    const session = pickSession(world, random);
    if (session !== undefined) {
      session.isBusy = true;
      await renewSomehow(world, lanes, { session, random });
      session.isBusy = false;
    }
    await delay(random.between(...pauseMs));
  }
  for (const lane of lanes) lane.close();
}

function pickSession({ askers, hot }: World, random: Random): Session | undefined {
  const from = hot.length > 0 && random.chance(0.4) ? hot : [...askers];
  const sessions = from.filter((asker): asker is Session => isSession(asker) && !asker.isBusy);
  return sessions.length === 0 ? undefined : random.pick(sessions);
}

/** Whether an asker is a session, which can renew, and no device. */
export function isSession(asker: Asker): asker is Session {
  return 'sid' in asker;
}

async function renewSomehow(
  world: World,
  [lane, other]: readonly [Lane, Lane],
  { session, random }: { session: Session; random: Random },
): Promise<void> {
  const token = session.renewalToken;
  const draw = random.below(10);
  if (draw === 0 || mustNotAdvance(session)) return renewParent(world, lane, session);
  if (draw === 1) {
    session.lostGeneration = generationOf(token);
    session.firstTryMs ??= performance.now();
    const { port } = random.pick(world.stage.sessions);
    await sendAndHangUp(port, refreshRequest(token), random.between(0, 4));
    count(world, 'renewals whose answer was lost');
  }
  const calls = [renew(world, lane, { session, token })];
  if (draw <= 4) calls.push(renew(world, other, { session, token }));
  const outcomes = await Promise.all(calls);
  if (outcomes.includes('unknown')) session.lostGeneration = generationOf(token);
}

/** A request that is still on its way must not find its token replaced twice: that would be a reuse. */
function mustNotAdvance({ lostGeneration, renewalToken }: Session): boolean {
  return lostGeneration !== undefined && generationOf(renewalToken) > lostGeneration;
}

/** Repeats a renewal whose token was replaced a moment ago; not once its successor was tried, as that would be a reuse. */
async function renewParent(world: World, lane: Lane, session: Session): Promise<void> {
  const { parent, firstTryMs } = session;
  if (parent === undefined || firstTryMs !== undefined) return;
  if (performance.now() - parent.rotatedMs > repeatParentWithinMs) return;
  await renew(world, lane, { session, token: parent.token });
}

/**
 * Renews once and notes what came of it. The grace counts from the rotation, even one whose answer was lost: a repeat after
 * it may rightly end the session.
 */
export async function renew(
  world: World,
  lane: Lane,
  { session, token }: { session: Session; token: string },
): Promise<Outcome> {
  const { history } = world;
  const startMs = performance.now();
  const firstTryMs = findFirstTry(session, token, startMs);
  const answer = await lane.send(refreshRequest(token));
  const endMs = performance.now();
  const outcome = outcomeOf(answer?.status);
  if (outcome === 'denied' && endMs - firstTryMs > surelyInGraceMs) {
    const label = 'late repeat of a renewal';
    history.addChange(session.register, { allows: false, startMs, label });
  }
  const { credential } = session;
  history.checks.add({ kind: 'renewal', credential, outcome, startMs, endMs, note: noteOf(answer?.status) });
  if (answer === undefined || outcome !== 'granted') return outcome;
  const next = dataOf<Tokens>(answer);
  history.addSuccessor({ token: nameOf(token), successor: nameOf(next.refresh_token), startMs, endMs });
  takeTokens(session, next, startMs);
  return outcome;
}

function findFirstTry(session: Session, token: string, nowMs: number): number {
  if (token === session.renewalToken) return (session.firstTryMs ??= nowMs);
  return session.parent?.token === token ? session.parent.rotatedMs : nowMs;
}

function takeTokens(session: Session, next: Tokens, startMs: number): void {
  if (generationOf(next.refresh_token) <= generationOf(session.renewalToken)) return;
  session.parent = { token: session.renewalToken, rotatedMs: session.firstTryMs ?? startMs };
  session.firstTryMs = undefined;
  session.renewalToken = next.refresh_token;
  session.password = next.access_token;
}

/** A renewal. */
export function refreshRequest(token: string): Buffer {
  return httpRequest('POST', '/api/auth/refresh', {}, { refresh_token: token });
}

function noteOf(status: number | undefined): string {
  return status === undefined ? 'no answer' : String(status);
}

/** `sid.generation.kid.mac`: what tells two tokens apart, without the secret. */
export function nameOf(token: string): string {
  const [sid = '', generation = '', , mac = ''] = token.split('.');
  return `${sid.slice(0, 8)}.${generation}.${mac.slice(0, 6)}`;
}

/** How often its session had been renewed when a token was given. */
export function generationOf(token: string): number {
  return Number(token.split('.')[1]);
}
