import { generateSecret, generateURI, verifySync } from 'otplib';

const periodSeconds = 30;
const codePattern = /^[0-9]{6}$/;

/** A fresh TOTP secret: 160 random bits in base32 (RFC 4226 R6). */
export function newTotpSecret(): string {
  return generateSecret({ length: 20 });
}

/** The `otpauth://` URI that an authenticator app scans. */
export function totpUri(secret: string, label: { issuer: string; account: string }): string {
  return generateURI({ issuer: label.issuer, label: label.account, secret });
}

/**
 * The time step that a code belongs to, or undefined. Steps -1, 0 and +1 count (RFC 6238 5.2), but none up to
 * `lastStep`, the newest one that the account has used. `nowMs` is Redis' clock.
 */
export function findTotpStep(
  code: string,
  secret: string,
  { nowMs, lastStep }: { nowMs: number; lastStep: number },
): number | undefined {
  if (!codePattern.test(code)) return undefined;
  const now = Math.floor(nowMs / 1000);
  const newest = Math.floor(now / periodSeconds) + 1;
  if (lastStep >= newest) return undefined;
  const result = verifySync({
    secret,
    token: code,
    epoch: now,
    epochTolerance: periodSeconds,
    ...(lastStep >= 0 ? { afterTimeStep: lastStep } : {}),
  });
  return result.valid && 'timeStep' in result ? result.timeStep : undefined;
}
