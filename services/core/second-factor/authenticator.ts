import { changeCredential } from '../accounts/change-credential.ts';
import { credentialKey } from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';
import { toMs } from '../redis/time.ts';
import { open, seal } from './secret-box.ts';
import { findTotpStep } from './totp.ts';

/** What is stored of an account's second factor. Secrets are sealed; see secret-box.ts. */
export interface SecondFactor {
  method: 'none' | 'totp' | 'email';
  /** Sealed TOTP secret in force, or ''. */
  totpSecret: string;
  /** Sealed TOTP secret that waits for its first code, or ''. */
  totpPending: string;
  /** Salt and tags of the backup codes that wait with it, `salt:tag,tag…`, or ''. */
  backupPending: string;
  /** Newest time step that was used, or -1. */
  totpLastStep: number;
  /** Salt of the backup codes' tags, base64url, or ''. */
  backupSalt: string;
  backupCodesLeft: number;
  /** Redis' clock at the time of the read. */
  nowMs: number;
}

/** The tags of new backup codes and the salt that they were made with. */
export interface BackupTags {
  salt: string;
  tags: readonly string[];
}

/** Reads an account's second factor. */
export async function findSecondFactor(store: Store, uid: string): Promise<SecondFactor> {
  const pipeline = store.redis.pipeline();
  pipeline.hmget(
    credentialKey(uid),
    'secondFactor',
    'totpSecret',
    'totpPending',
    'backupPending',
    'totpLastStep',
    'backupSalt',
    'backupTags',
  );
  pipeline.time();
  const [fields, time] = (await pipeline.exec()) ?? [];
  const error = fields?.[0] ?? time?.[0];
  if (error) throw error;
  const [method, secret, pending, backupPending, lastStep, salt, tags] = fields?.[1] as (string | null)[];
  return {
    method: method === 'totp' || method === 'email' ? method : 'none',
    totpSecret: secret ?? '',
    totpPending: pending ?? '',
    backupPending: backupPending ?? '',
    totpLastStep: Number(lastStep ?? -1),
    backupSalt: salt ?? '',
    backupCodesLeft: (tags ?? '').split(',').filter(Boolean).length,
    nowMs: toMs(time?.[1] as [string, string]),
  };
}

/** Keeps a new TOTP secret and its backup codes until a first right code. What is in force stays so until then. */
export async function startEnrolment(
  store: Store,
  { uid, secret, key, backup }: { uid: string; secret: string; key: Buffer; backup: BackupTags },
): Promise<void> {
  await store.redis.hset(credentialKey(uid), {
    totpPending: seal(secret, key, uid),
    backupPending: `${backup.salt}:${backup.tags.join(',')}`,
  });
}

/**
 * Puts the waiting secret in force if `code` is right, with its backup codes, and ends all other sessions. False if the
 * code is wrong, its step was used, or there is nothing to confirm.
 */
export async function confirmEnrolment(
  store: Store,
  enrolment: { uid: string; code: string; key: Buffer; keepSid: string },
): Promise<boolean> {
  const { uid, code, key, keepSid } = enrolment;
  const { totpPending, backupPending, totpLastStep, nowMs } = await findSecondFactor(store, uid);
  if (totpPending === '') return false;
  const step = findTotpStep(code, open(totpPending, key, uid), { nowMs, lastStep: totpLastStep });
  if (step === undefined) return false;
  const [backupSalt = '', backupTags = ''] = backupPending.split(':');
  return changeCredential(store, {
    uid,
    checked: { field: 'totpPending', value: totpPending },
    fields: {
      secondFactor: 'totp',
      totpSecret: totpPending,
      totpPending: '',
      totpLastStep: String(step),
      backupSalt,
      backupTags,
      backupPending: '',
    },
    keepSid,
    reason: 'second-factor-changed',
    actor: uid,
  });
}

/** Whether `code` is right for the authenticator in force; uses its time step up. Of parallel uses one passes. */
export async function useTotpCode(store: Store, uid: string, code: string, key: Buffer): Promise<boolean> {
  const { method, totpSecret, totpLastStep, nowMs } = await findSecondFactor(store, uid);
  if (method !== 'totp' || totpSecret === '') return false;
  const step = findTotpStep(code, open(totpSecret, key, uid), { nowMs, lastStep: totpLastStep });
  if (step === undefined) return false;
  const [outcome] = await store.run('totp-accept-step', [credentialKey(uid)], [step]);
  return outcome === 'accepted';
}

/** Uses up the backup code with this tag; undefined if there is none, else how many are left. */
export async function useBackupTag(store: Store, uid: string, tag: string): Promise<number | undefined> {
  const [outcome, left] = await store.run('backup-code-use', [credentialKey(uid)], [tag]);
  return outcome === 'used-up' ? Number(left) : undefined;
}

/** Replaces all backup codes and ends all other sessions. False if the second factor changed meanwhile. */
export function replaceBackupTags(
  store: Store,
  replacement: { uid: string; totpSecret: string; backup: BackupTags; keepSid: string },
): Promise<boolean> {
  const { uid, totpSecret, backup, keepSid } = replacement;
  return changeCredential(store, {
    uid,
    checked: { field: 'totpSecret', value: totpSecret },
    fields: { backupSalt: backup.salt, backupTags: backup.tags.join(',') },
    keepSid,
    reason: 'second-factor-changed',
    actor: uid,
  });
}

/** Takes the second factor away and ends all other sessions. False if it changed meanwhile. */
export function removeSecondFactor(store: Store, removal: AuthenticatorRemoval): Promise<boolean> {
  return dropAuthenticator(store, removal, '');
}

/** The authenticator that goes, and who does it in which session. */
export interface AuthenticatorRemoval {
  uid: string;
  totpSecret: string;
  keepSid: string;
  actor: string;
}

/** Forgets authenticator and backup codes; `secondFactor` is what is in force instead. */
export function dropAuthenticator(
  store: Store,
  { uid, totpSecret, keepSid, actor }: AuthenticatorRemoval,
  secondFactor: '' | 'email',
): Promise<boolean> {
  return changeCredential(store, {
    uid,
    checked: { field: 'totpSecret', value: totpSecret },
    fields: {
      secondFactor,
      totpSecret: '',
      totpPending: '',
      backupPending: '',
      backupSalt: '',
      backupTags: '',
    },
    keepSid,
    reason: 'second-factor-changed',
    actor,
  });
}
