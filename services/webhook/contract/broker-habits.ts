import type { IncomingHttpHeaders } from 'node:http';
import { doctorUserAgent } from '../../core/check/doctor-probe.ts';
import type { DenialReason } from '../../core/check/reasons.ts';
import { isForm } from './parse-body.ts';

/** How a broker asks: what `bednet doctor` wants to know about its configuration. */
export interface BrokerHabits {
  readonly method: string;
  /** `bearer-only` = a token instead of the username, and no client id that it could be compared with. */
  readonly mode: 'json' | 'form' | 'bearer' | 'bearer-only';
  readonly key: 'header' | 'query' | 'missing' | 'wrong';
}

const noBodyBytes = 'null'.length;
const specialCharacter = /[/+#]/;

/** The habits that a request shows; undefined for one of doctor's own. `keyFault` is what is wrong with its key. */
export function habitsOf(
  { method, headers }: { readonly method: string; readonly headers: IncomingHttpHeaders },
  keyFault: DenialReason | undefined,
): BrokerHabits | undefined {
  if (headers['user-agent'] === doctorUserAgent) return undefined;
  return { method, mode: modeOf(headers), key: keyOf(headers, keyFault) };
}

/** Whether a name holds a character that patterns give a meaning to: the broker denies such a client all topics. */
export function hasSpecialCharacter(name: string | undefined): boolean {
  return name !== undefined && specialCharacter.test(name);
}

function modeOf(headers: IncomingHttpHeaders): BrokerHabits['mode'] {
  if (/^bearer(\s|$)/i.test(headers.authorization ?? '')) {
    return Number(headers['content-length'] ?? 0) > noBodyBytes ? 'bearer' : 'bearer-only';
  }
  return isForm(headers['content-type']) ? 'form' : 'json';
}

function keyOf(headers: IncomingHttpHeaders, keyFault: DenialReason | undefined): BrokerHabits['key'] {
  if (keyFault === 'broker-key-missing') return 'missing';
  if (keyFault !== undefined) return 'wrong';
  return headers['x-bednet-key'] === undefined ? 'query' : 'header';
}
