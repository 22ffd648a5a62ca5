import { checkSessionConnect } from '../../core/check/check-connect.ts';
import { kickUsername } from '../../core/check/decide-acl-check.ts';
import { isDeviceName } from '../../core/check/decide-device.ts';
import { findNameFault, findTokenFault } from '../../core/check/decide-connect.ts';
import { deny, type Denial } from '../../core/check/reasons.ts';
import { readConnection } from '../../core/connections/connection.ts';
import { deviceIdOfClientId, sidOfClientId } from '../../core/ids.ts';
import type { PresentedToken } from '../../core/tokens/access-token-claims.ts';
import { readOptionalClientId, readUserCheck, type UserCheck } from '../contract/read-check.ts';
import { redeemTicket } from '../kick/tickets.ts';
import type { WebhookContext } from '../webhook-context.ts';
import { bearerToken, type TokenVerifier } from './bearer.ts';
import type { CheckOutcome } from './check-outcome.ts';
import { parsedBody, type CheckRequest } from './check-request.ts';
import { checkDevice } from './device.ts';

type Answer = { readonly granted: true } | Denial;

/** Answers a user check: an access token, a device key or a kick ticket as password, or a token instead of the username. */
export async function checkUser(
  context: WebhookContext,
  request: CheckRequest,
  verify: TokenVerifier,
): Promise<CheckOutcome> {
  const body = parsedBody(request);
  if (!body.parsed) return deny(body.reason);
  const bearer = bearerToken(request);
  if (bearer !== undefined) {
    const read = readOptionalClientId(body.fields);
    if (!read.granted) return read;
    return checkBearer(context, request, verify, { bearer, clientId: read.check });
  }
  const read = readUserCheck(body.fields);
  if (!read.granted) return read;
  const { username, clientId } = read.check;
  const connection = readConnection(request.headers['x-bednet-connection']);
  const answer = await checkConnect(context, verify, { ...read.check, connection });
  return { ...answer, asked: { username, clientId } };
}

/** Answers the CONNECT of a session, a device or a kick. */
export async function checkConnect(
  context: WebhookContext,
  verify: TokenVerifier,
  check: UserCheck,
): Promise<Answer> {
  if (check.username === kickUsername) return checkKick(context, check);
  if (isDeviceName(check.username)) return checkDevice(context, check);
  const nameFault = findNameFault(check);
  if (nameFault) return nameFault;
  const verified = await verify(check.password);
  if (!verified.granted) return verified;
  const tokenFault = findTokenFault(check, verified.token);
  return tokenFault ?? decideAndNote(context, verified.token, check);
}

async function checkKick({ store }: WebhookContext, { clientId, password }: UserCheck): Promise<Answer> {
  if ((sidOfClientId(clientId) ?? deviceIdOfClientId(clientId)) === undefined)
    return deny('client-id-malformed');
  return (await redeemTicket(store, clientId, password)) ? { granted: true } : deny('kick-ticket-refused');
}

async function checkBearer(
  context: WebhookContext,
  request: CheckRequest,
  verify: TokenVerifier,
  { bearer, clientId }: { bearer: string; clientId: string | undefined },
): Promise<CheckOutcome> {
  const verified = await verify(bearer);
  if (!verified.granted) return { ...verified, asked: { clientId } };
  const { token } = verified;
  const asked = { username: token.username, clientId };
  if (clientId === undefined) return { ...(await checkSessionConnect(context, token)), asked };
  const fault = findTokenFault({ username: token.username, clientId }, token);
  const connection = readConnection(request.headers['x-bednet-connection']);
  return { ...(fault ?? (await decideAndNote(context, token, { clientId, connection }))), asked };
}

async function decideAndNote(
  context: WebhookContext,
  token: PresentedToken,
  client: Pick<UserCheck, 'clientId' | 'connection'>,
): Promise<Answer> {
  const answer = await checkSessionConnect(context, token);
  const { sid, generation } = token;
  if (answer.granted) await context.notes.note({ sid, generation, ...client });
  return answer;
}
