import { lacksSecondFactor, permissionsOf } from '../../../core/accounts/permissions.ts';
import { readRolesInForce } from '../../../core/rules/roles-in-force.ts';
import { findRenewable } from '../../../core/sessions/look-at-renewal.ts';
import { markUsed } from '../../../core/sessions/mark-used.ts';
import type { Session } from '../../../core/sessions/session.ts';
import type { PresentedToken } from '../../../core/tokens/access-token-claims.ts';
import { readRenewalToken } from '../../../core/tokens/renewal-token.ts';
import type { SessionContext } from '../../session-context.ts';
import { findAccess } from '../check-access.ts';

/** A token as it was presented: its text, and what a genuine access token says. */
export interface LookedAtToken {
  text: string;
  access: PresentedToken | undefined;
}

/** What is known of a live token; undefined stands for every other, whatever is wrong with it. */
export type LiveToken =
  | { kind: 'access'; token: PresentedToken; session: Session; permissions: readonly string[] }
  | { kind: 'renewal'; session: Session };

/**
 * Looks a token up, of either kind, by the state of its session. Whoever got an access token from its client has seen it
 * in use, so it counts as used; a renewal token is only looked at.
 */
export async function introspect(
  context: SessionContext,
  { text, access }: LookedAtToken,
): Promise<LiveToken | undefined> {
  return access ? lookAtAccess(context, access) : lookAtRenewal(context, text);
}

async function lookAtAccess(context: SessionContext, token: PresentedToken): Promise<LiveToken | undefined> {
  const { store, rules } = context;
  const session = await findAccess(context, token);
  if (!session) return undefined;
  const permissions = permissionsOf(session.roles, await readRolesInForce(store, rules));
  await markUsed(store, token.sid, session, token.generation);
  return { kind: 'access', token, session, permissions };
}

async function lookAtRenewal(context: SessionContext, text: string): Promise<LiveToken | undefined> {
  const { store, rules, lives } = context;
  const token = readRenewalToken(text, context.renewalKeys);
  const session = token && (await findRenewable(store, token, lives));
  if (!session || lacksSecondFactor(session, await readRolesInForce(store, rules))) return undefined;
  return { kind: 'renewal', session };
}
