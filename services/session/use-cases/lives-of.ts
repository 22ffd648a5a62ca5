import type { SessionLives } from '../../core/sessions/session.ts';
import type { SessionContext } from '../session-context.ts';
import { demandsSecondFactor } from './pending-steps.ts';

/** The lives of one new session; `idleSeconds`: what each of its renewals keeps to, if that is shorter than usual. */
export interface OwnLives {
  lives: SessionLives;
  idleSeconds?: number;
}

/**
 * How long a session may live: shorter where it is not to be remembered, and where a role demands a second factor (NIST
 * SP 800-63B-4 2.2.3), by the rules in force at its sign-in.
 */
export async function livesOf(
  context: SessionContext,
  { roles }: { roles: readonly string[] },
  remember: boolean,
): Promise<OwnLives> {
  const { lives, secondFactor } = context;
  const idle = remember ? [] : [context.shortIdleSeconds];
  if (!(await demandsSecondFactor(context, roles))) return withIdle(lives, idle);
  const absoluteSeconds = Math.min(lives.absoluteSeconds, secondFactor.absoluteSeconds);
  return withIdle({ ...lives, absoluteSeconds }, [...idle, secondFactor.idleSeconds]);
}

function withIdle(lives: SessionLives, limits: number[]): OwnLives {
  return limits.length === 0 ? { lives } : { lives, idleSeconds: Math.min(...limits) };
}
