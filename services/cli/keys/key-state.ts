import type { KeyHistory } from '../../stack/key-sets.ts';
import { CliError } from '../cli-error.ts';

/** A key of a file with its history. */
export interface StoredKey extends KeyHistory {
  kid: string;
  alg: string;
}

/** `next` has made no token yet, `active` makes them, `previous` made those that still live. */
export type KeyState = 'next' | 'active' | 'previous';

const loadMarginSeconds = 60; // For instances that load the new key late, and for clocks.

/** The state of the key at a place of the list; a key of which nothing is known may have made tokens. */
export function stateOf(keys: readonly StoredKey[], index: number): KeyState {
  if (index === 0) return 'active';
  const { createdAt, activeSince, replacedAt } = keys[index] ?? {};
  return createdAt !== undefined && activeSince === undefined && replacedAt === undefined
    ? 'next'
    : 'previous';
}

/** The keys that have made no token yet. */
export function nextKeys(keys: readonly StoredKey[]): StoredKey[] {
  return keys.filter((_, index) => stateOf(keys, index) === 'next');
}

/** The keys whose last token has run out. */
export function lapsedKeys(keys: readonly StoredKey[], nowMs: number): StoredKey[] {
  return keys.filter((key, index) => stateOf(keys, index) === 'previous' && endOf(key) <= nowMs);
}

/** The key of this kid, or the only one that fits; throws a CliError if there is none, or a choice. */
export function choose(
  keys: readonly StoredKey[],
  kid: string | undefined,
  candidates: StoredKey[],
): StoredKey {
  if (kid !== undefined) {
    const found = keys.find((key) => key.kid === kid);
    if (!found) throw new CliError(`there is no key ${kid}`);
    return found;
  }
  const [only, ...others] = candidates;
  if (only && others.length === 0) return only;
  throw new CliError(only ? 'there are several such keys: say which' : 'there is no such key');
}

/** The keys with another one in front; tokens of the one before live for `lifeSeconds` after this. */
export function withActive(
  keys: readonly StoredKey[],
  chosen: StoredKey,
  { nowMs, lifeSeconds }: { nowMs: number; lifeSeconds: number },
): StoredKey[] {
  const now = new Date(nowMs).toISOString();
  const { replacedAt: _replaced, tokensUntil: _until, ...rest } = chosen;
  const tokensUntil = new Date(nowMs + (lifeSeconds + loadMarginSeconds) * 1000).toISOString();
  const others = keys.filter(({ kid }) => kid !== chosen.kid);
  return [
    { ...rest, activeSince: now },
    ...others.map((key) => (key === keys[0] ? { ...key, replacedAt: now, tokensUntil } : key)),
  ];
}

/** Throws a CliError if tokens of a key may be in use. */
export function assertRetirable(
  keys: readonly StoredKey[],
  key: StoredKey,
  nowMs: number,
  force: boolean,
): void {
  const state = stateOf(keys, keys.indexOf(key));
  if (state === 'active') throw new CliError(`${key.kid} is the key in use: promote another one first`);
  if (force || state === 'next' || endOf(key) <= nowMs) return;
  if (key.tokensUntil === undefined)
    throw new CliError(
      `nobody knows until when tokens of ${key.kid} live: wait as long as one does, then --force`,
    );
  throw new CliError(`tokens of ${key.kid} live until ${key.tokensUntil}: wait, or refuse them by --force`);
}

function endOf({ tokensUntil }: StoredKey): number {
  return tokensUntil === undefined ? Infinity : Date.parse(tokensUntil);
}
