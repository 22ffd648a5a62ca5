import { isId } from '../ids.ts';
import { hasMac, macOf, type RenewalKey } from './renewal-token.ts';

const purpose = 'pending';
const longestToken = 128;

/**
 * The token of a pending session: `pending.sid.kid.mac`. It is good for that session's own steps and nothing else;
 * the word at its start is signed with it, so no renewal token can stand in for it, nor it for one.
 */
export function issuePendingToken(sid: string, key: RenewalKey): string {
  const signed = `${purpose}.${sid}.${key.kid}`;
  return `${signed}.${macOf(signed, key)}`;
}

/** The sid of a pending token that one of `keys` signed, or undefined. */
export function readPendingToken(token: string, keys: readonly RenewalKey[]): string | undefined {
  if (token.length > longestToken) return undefined;
  const [word, sid, kid, mac, ...rest] = token.split('.');
  if (word !== purpose || !sid || !kid || !mac || rest.length > 0 || !isId(sid)) return undefined;
  const key = keys.find((candidate) => candidate.kid === kid);
  return key && hasMac(`${word}.${sid}.${kid}`, mac, key) ? sid : undefined;
}
