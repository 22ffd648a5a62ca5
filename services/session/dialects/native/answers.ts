import Bowser from 'bowser';
import type { FastifyRequest } from 'fastify';
import type { SessionItem, Tokens, User } from '../../../contract/native.ts';
import type { Account } from '../../../core/accounts/account.ts';
import { permissionsOf } from '../../../core/accounts/permissions.ts';
import type { Session } from '../../../core/sessions/session.ts';
import type { ErrorBody } from '../../../plugins/errors.ts';
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
export function toUser(account: Account): User {
  return {
    id: account.uid,
    username: account.username,
    email: account.email,
    full_name: account.fullName,
    role: account.roles[0] ?? 'user',
    permissions: permissionsOf(account.roles),
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
    user: toUser(account),
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
    fingerprint: null,
    created_at: new Date(session.createdAtMs).toISOString(),
    last_active: new Date(session.lastSeenMs).toISOString(),
    is_current: session.sid === currentSid,
  };
}

function deviceOf(userAgent: string): Pick<SessionItem, 'device' | 'device_type'> {
  if (userAgent === '') return { device: 'unknown', device_type: 'other' };
  const { browser, os, platform } = Bowser.parse(userAgent);
  const name = browser.name || userAgent.split(/[/ ]/, 1)[0] || 'unknown';
  const type = platform.type === 'tablet' ? 'mobile' : platform.type;
  return {
    device: os.name ? `${name} on ${os.name}` : name,
    device_type: type === 'desktop' || type === 'mobile' ? type : 'other',
  };
}

function stamp(request: FastifyRequest) {
  return { request_id: request.id, timestamp: new Date().toISOString() };
}
