import type { FastifyRequest } from 'fastify';
import type { SessionItem, Tokens, User } from '../../../contract/native.ts';
import type { Account } from '../../../core/accounts/account.ts';
import type { BednetError } from '../../../core/errors.ts';
import type { Session } from '../../../core/sessions/session.ts';
import type { TokenPair } from '../../use-cases/issue-tokens.ts';
import type { MqttAddresses } from '../dialect.ts';

/** Wraps `data` in the envelope of a success. */
export function succeed<Data extends object>(request: FastifyRequest, data: Data) {
  return { success: true, status: 'success', data, ...stamp(request) } as const;
}

/** The body of every failure in this dialect. */
export function nativeErrorBody({ code, message, field, ended }: BednetError, request?: { id: string }) {
  const error = { code, message, ...(field && { field }), ...(ended && { ended }) };
  return { success: false, status: 'error', error, message, ...(request && stamp(request)) };
}

/** An account as its owner sees it. */
export function toUser(account: Account, permissions: readonly string[]): User {
  return {
    id: account.uid,
    username: account.username,
    email: account.email,
    full_name: account.fullName,
    language: account.language,
    role: account.roles[0] ?? 'user',
    permissions: [...permissions],
    is_active: account.state === 'active',
    created_at: new Date(account.createdAtMs).toISOString(),
  };
}

/** A pair of tokens with the account and the way to MQTT. */
export function toTokens(pair: TokenPair, account: Account, mqtt: MqttAddresses): Tokens {
  return {
    access_token: pair.accessToken,
    refresh_token: pair.renewalToken,
    token_type: 'Bearer',
    expires_in: pair.accessExpiresInSeconds,
    refresh_expires_in: pair.renewalExpiresInSeconds,
    session_id: pair.sid,
    user: toUser(account, pair.permissions),
    mqtt: { url: mqtt.url, websocket_url: mqtt.websocketUrl, username: pair.username, client_id: pair.sid },
  };
}

/** A session in the list of its owner's sessions. */
export function toSessionItem(session: Session, currentSid: string): SessionItem {
  return {
    id: session.sid,
    session_id: session.sid,
    user_id: session.uid,
    user_role: session.roles[0] ?? 'user',
    ...deviceOf(session),
    ip: session.ip,
    location: null,
    fingerprint: session.fingerprint ?? null,
    created_at: new Date(session.createdAtMs).toISOString(),
    last_active: new Date(session.lastSeenMs).toISOString(),
    is_current: session.sid === currentSid,
  };
}

function deviceOf({
  userAgent,
}: Session): Pick<SessionItem, 'device' | 'browser' | 'system' | 'device_type'> {
  const { label, browser, system, type } = userAgent;
  return { device: label, browser, system, device_type: type };
}

function stamp(request: { id: string }) {
  return { request_id: request.id, timestamp: new Date().toISOString() };
}
