import type { FastifyRequest } from 'fastify';
import type { ErrorCode } from '../../../contract/error-codes.ts';
import { statusWords, type ActionResult } from '../../../contract/tower-control.ts';
import type { ErrorShape } from '../../../plugins/errors.ts';

/** HTTP status and message key of a refusal. */
export type Refusal = readonly [status: number, message: string];

/** How a route says the errors of its use case; `VAL` stands for every fault of body and query that is not listed. */
export type Refusals = Partial<Record<ErrorCode | 'VAL', Refusal>>;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** They count once the caller was let in; what the guard itself says is the same everywhere. */
    refusals?: Refusals;
    /** How the guard says that a role is missing, where not as everywhere. */
    roleRefusal?: Refusal;
  }
}

/** Said of a token that is missing, expired, ended or none of ours. */
export const notSignedIn: Refusal = [403, 'user-rights-not-signed-user'];
/** Said of a role that is missing, or of a sign-in that is not fresh. */
export const noAccess: Refusal = [403, 'user-profile-no-access'];
export const userNotFound = 'user-profile-user-not-found';

/** An answer that has no shape of its own. */
export function actionResult(status: number, message: string): ActionResult {
  return { status: wordOf(status), status_code: status, message };
}

/** The answer of a call that is done. */
export function done(message: string): ActionResult {
  return actionResult(200, message);
}

/** Every failure in this dialect, also at addresses that are no route: an ActionResult, for its clients take anything
 * else for a dead backend. */
export const towerErrorShape: ErrorShape = (error, request) => {
  const refusals = refusalsOf(request as FastifyRequest | undefined);
  const [status, message] = refusals[error.code] ?? general(refusals, error);
  return { status, body: actionResult(status, message) };
};

/** A route's own refusals; before the guard has let somebody in, AUTH_* is about the token. */
function refusalsOf(request: FastifyRequest | undefined): Refusals {
  const { refusals = {}, roleRefusal, guard } = request?.routeOptions?.config ?? {};
  const isAdmitted = guard === 'P' || request?.towerHolder !== undefined;
  if (isAdmitted) return refusals;
  return roleRefusal ? { AUTH_INSUFFICIENT_PERMISSIONS: roleRefusal } : {};
}

function general(refusals: Refusals, { code, status }: { code: ErrorCode; status: number }): Refusal {
  if (code === 'AUTH_INSUFFICIENT_PERMISSIONS' || code === 'AUTH_STEP_UP_REQUIRED') return noAccess;
  if (code.startsWith('AUTH_')) return notSignedIn;
  if (status === 400 && code.startsWith('VAL_') && refusals.VAL) return refusals.VAL;
  return [status, code.toLowerCase().replaceAll('_', '-')];
}

function wordOf(status: number): ActionResult['status'] {
  const word = (statusWords as Record<number, ActionResult['status']>)[status];
  return word ?? (status < 500 ? 'BADREQUEST' : 'UNKNOWN');
}
