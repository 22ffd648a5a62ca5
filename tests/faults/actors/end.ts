import { setTimeout as delay } from 'node:timers/promises';
import type { HttpAnswer } from '../../bench/load/http-connection.ts';
import type { Random } from '../../support/random.ts';
import { outcomeOf } from './ask.ts';
import type { Lane } from './lane.ts';
import type { Operator } from './operator.ts';
import { beginEnding, count, type Account, type Session, type World } from './world.ts';

/** What a revoker works with. */
export interface Tools {
  readonly world: World;
  readonly lane: Lane;
  readonly operator: Operator;
  readonly random: Random;
}

/** Checks about the victim are under way, and its facts in memory, when a call begins. */
export const warmUpMs = [4, 25] as const;
const retryMs = 20;
const mostTries = 300;

/**
 * Makes one call until it is known what became of it. Each try is a call of its own: one of unknown fate may take effect
 * at any time. Returns whether it was done.
 */
export async function end(
  { world }: Pick<Tools, 'world'>,
  { name, of, call }: { name: string; of: Session | Account; call(): Promise<HttpAnswer | undefined> },
): Promise<boolean> {
  for (let tries = 0; tries < mostTries && world.isOpen(); tries += 1) {
    const sessions = 'sid' in of ? [of] : [...of.sessions];
    const registers = sessions.map(({ register }) => register);
    const ending = beginEnding(world, 'sid' in of ? registers : [...registers, of.everything], name);
    const outcome = outcomeOf((await call())?.status);
    if (outcome === 'granted') {
      ending.done();
      count(world, `revocation: ${name}`);
      for (const session of sessions) bury(world, session);
      return true;
    }
    if (outcome === 'denied') {
      ending.refused();
      count(world, `refused: ${name}`);
      return false;
    }
    count(world, `unknown: ${name}`);
    await delay(retryMs);
  }
  return false;
}

/** A session that is over is no victim any more. */
export function bury(world: World, session: Session): void {
  world.probe(session);
  session.endedMs = performance.now();
  world.askers.delete(session);
  session.account.sessions.delete(session);
}
