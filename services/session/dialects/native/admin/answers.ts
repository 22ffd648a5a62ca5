import type { AdminAccount } from '../../../../contract/admin.ts';
import type { DeviceItem } from '../../../../contract/admin-devices.ts';
import type { ExplanationAnswer } from '../../../../contract/admin-rules.ts';
import type { Account } from '../../../../core/accounts/account.ts';
import type { Explanation } from '../../../../core/check/explain.ts';
import type { Device, DeviceClient } from '../../../../core/devices/device.ts';

/** A time in ms since 1970 as answers write it; null if there is none. */
export function toTime(ms: number): string | null {
  return ms > 0 && ms <= 8.64e15 ? new Date(ms).toISOString() : null;
}

/** An account as an operator sees it. */
export function toAdminAccount(account: Account): AdminAccount {
  return {
    id: account.uid,
    username: account.username,
    email: account.email,
    email_verified: account.emailVerified,
    unverified_email: account.unverifiedEmail,
    full_name: account.fullName,
    language: account.language,
    roles: account.roles,
    state: account.state,
    purge_at: toTime(account.purgeAtMs),
    locked: account.isLocked,
    must_change_password: account.mustChangePassword,
    terms_version: account.termsVersion,
    created_at: new Date(account.createdAtMs).toISOString(),
  };
}

/** A device as an operator sees it. */
export function toDeviceItem(device: Device): DeviceItem {
  return {
    id: device.id,
    label: device.label,
    owner: device.owner || null,
    roles: device.roles,
    state: device.state,
    created_at: new Date(device.createdAtMs).toISOString(),
    key_changed_at: new Date(device.keyChangedAtMs).toISOString(),
    last_seen: toTime(device.lastSeenMs),
    clients: device.clients.map(toClientState),
  };
}

/** What is known about a client. */
export function toClientState({ clientId, lastSeenMs, connected, sinceMs }: DeviceClient) {
  return {
    client_id: clientId,
    last_seen: toTime(lastSeenMs),
    connected,
    ...(sinceMs !== undefined && { since: new Date(sinceMs).toISOString() }),
  };
}

/** Why a check is granted or denied. */
export function toExplanationAnswer(explanation: Explanation): ExplanationAnswer {
  const { granted, reason, rule, rulesVersion, session, device, sentences } = explanation;
  return {
    granted,
    ...(reason !== undefined && { reason }),
    ...(rule !== undefined && { rule }),
    ...(rulesVersion !== undefined && { rules_version: rulesVersion }),
    ...(session && { session: toExplainedSession(session) }),
    ...(device && { device: toExplainedDevice(device) }),
    sentences,
  };
}

function toExplainedSession(session: NonNullable<Explanation['session']>) {
  return {
    id: session.sid,
    username: session.username,
    state: session.state,
    pending: session.pending,
    roles: [...session.roles],
    access_until: toTime(session.accessUntilMs),
    absolute_until: toTime(session.absoluteUntilMs),
    ...toEnd(session),
  };
}

function toExplainedDevice(device: NonNullable<Explanation['device']>) {
  const { id, owner, state, roles } = device;
  return { id, owner, state, roles: [...roles], ...toEnd(device) };
}

function toEnd({ endReason, endActor }: { endReason: string; endActor: string }) {
  return { end_reason: endReason, end_actor: endActor };
}
