import type { FastifyRequest } from 'fastify';
import type { SessionItem, Tokens, User } from '../../../contract/native.ts';
import type { Account } from '../../../core/accounts/account.ts';
import type { Session } from '../../../core/sessions/session.ts';
import type { ErrorBody } from '../../../plugins/errors.ts';
import { describeUserAgent } from '../../user-agent.ts';
import type { TokenPair } from '../../use-cases/issue-tokens.ts';

/** Addresses of the broker, as clients reach it. */
export interface MqttAddresses {
  url: string;
  websocketUrl: string;
}

/** Wraps `data` in the envelope of a success. */
export function succeed<Data extends object>(request: FastifyRequest, data: Data) {
  return { success: true, status: 'success', data, ...stamp(request) } as const;
}

/** The body of every failure in this dialect. */
export const nativeErrorBody: ErrorBody = ({ code, message, field }, request) => ({
  success: false,
  status: 'error',
  error: { code, message, ...(field && { field }) },
  message,
  ...stamp(request),
});

/** An account as its owner sees it. */
export function toUser(account: Account, permissions: readonly string[]): User {
  return {
    id: account.uid,
    username: account.username,
    email: account.email,
    full_name: account.fullName,
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
    ...deviceOf(session.userAgent),
    ip: session.ip,
    location: null,
    fingerprint: session.fingerprint ?? null,
    created_at: new Date(session.createdAtMs).toISOString(),
    last_active: new Date(session.lastSeenMs).toISOString(),
    is_current: session.sid === currentSid,
  };
}

function deviceOf(userAgent: string): Pick<SessionItem, 'device' | 'browser' | 'system' | 'device_type'> {
  const { label, browser, system, type } = describeUserAgent(userAgent);
  return { device: label, browser, system, device_type: type };
}

function stamp(request: FastifyRequest) {
  return { request_id: request.id, timestamp: new Date().toISOString() };
}
