import { createHmac, timingSafeEqual } from 'node:crypto';
import { isId } from '../ids.ts';

/** One key of the renewal-token ring; `secret` has 256 bits. */
export interface RenewalKey {
  kid: string;
  secret: Buffer;
}

/** What a renewal token that we issued says. */
export interface RenewalTokenContent {
  sid: string;
  generation: number;
}

const longestToken = 128;
const generationPattern = /^[1-9][0-9]{0,14}$/;

/** `sid.generation.kid.mac`: deterministic, so that simultaneous renewals of one token give one and the same text. */
export function issueRenewalToken(content: RenewalTokenContent, key: RenewalKey): string {
  const signed = `${content.sid}.${content.generation}.${key.kid}`;
  return `${signed}.${macOf(signed, key)}`;
}

/**
 * The content of a renewal token that one of `keys` signed, or undefined for anything else. Redis isn't needed: a
 * forged token can't touch the session it names.
 */
export function readRenewalToken(
  token: string,
  keys: readonly RenewalKey[],
): RenewalTokenContent | undefined {
  if (token.length > longestToken) return undefined;
  const [sid, generation, kid, mac, ...rest] = token.split('.');
  if (!sid || !generation || !kid || !mac || rest.length > 0) return undefined;
  if (!isId(sid) || !generationPattern.test(generation)) return undefined;
  const key = keys.find((candidate) => candidate.kid === kid);
  if (!key) return undefined;
  if (!hasMac(`${sid}.${generation}.${kid}`, mac, key)) return undefined;
  return { sid, generation: Number(generation) };
}

/** HMAC-SHA-256 over a text, in base64url. */
export function macOf(signed: string, key: RenewalKey): string {
  return createHmac('sha256', key.secret).update(signed).digest('base64url');
}

/** Whether `mac` is the mac of a text, compared in constant time. */
export function hasMac(signed: string, mac: string, key: RenewalKey): boolean {
  const expected = Buffer.from(macOf(signed, key));
  const presented = Buffer.from(mac);
  return presented.length === expected.length && timingSafeEqual(presented, expected);
}
