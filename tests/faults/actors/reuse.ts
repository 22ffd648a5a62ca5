import { outcomeOf } from './ask.ts';
import { dataOf, type Lane } from './lane.ts';
import { generationOf, nameOf, refreshRequest, renew, type Tokens } from './renewers.ts';
import { beginEnding, type Session, type World } from './world.ts';

const mostTries = 20;

/** Replays a token that was replaced twice: the session must end. Needs a session that nobody else renews meanwhile. */
export async function reuse(
  world: World,
  lane: Lane,
  session: Session,
): Promise<'done' | 'refused' | 'unknown'> {
  const oldest = session.renewalToken;
  if (session.lostGeneration !== undefined) return 'refused';
  for (const _ of [1, 2]) {
    if ((await renew(world, lane, { session, token: session.renewalToken })) !== 'granted') return 'refused';
  }
  if (generationOf(session.renewalToken) < generationOf(oldest) + 2) return 'refused';
  const ending = beginEnding(world, [session.register], 'reuse of a renewal token');
  for (let tries = 0; tries < mostTries; tries += 1) {
    const answer = await lane.send(refreshRequest(oldest));
    const outcome = outcomeOf(answer?.status);
    if (outcome === 'denied') {
      ending.done();
      return 'done';
    }
    if (outcome === 'granted' && answer !== undefined) {
      const now = performance.now();
      const successor = nameOf(dataOf<Tokens>(answer).refresh_token);
      world.history.addSuccessor({ token: nameOf(oldest), successor, startMs: now, endMs: now });
      return 'unknown';
    }
  }
  return 'unknown';
}
