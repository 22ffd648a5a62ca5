import { BednetError } from '../../core/errors.ts';
import type { Session } from '../../core/sessions/session.ts';
import type { SessionContext } from '../session-context.ts';

/** Whether the last full sign-in or step-up of a session is recent, by Redis' clock at the time of its read. */
export function isFresh({ secondFactor }: SessionContext, session: Session): boolean {
  return session.nowMs / 1000 - session.authTimeSeconds <= secondFactor.freshSeconds;
}

/** Throws AUTH_STEP_UP_REQUIRED unless the session is fresh; POST /step-up makes it so (ASVS 7.5.1). */
export function requireFresh(context: SessionContext, session: Session): void {
  if (!isFresh(context, session)) throw new BednetError('AUTH_STEP_UP_REQUIRED');
}
