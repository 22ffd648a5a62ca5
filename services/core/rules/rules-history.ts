import { defaultRulesDocument } from '../acl/rules.ts';
import { rulesHistoryKey } from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';
import { readRulesInForce, toRules, type RulesInForce } from './read-rules.ts';
import { replaceRules, type RulesReplacement } from './replace-rules.ts';

/** One version of the rules, in force or replaced. */
export interface RulesVersion {
  rules: RulesInForce;
  actor: string;
  atMs: number;
  /** The version whose content it brought back, or ''. */
  rolledBackTo: string;
}

/** What a roll-back led to. `faults`: that version's content can't be used any more. */
export type RollBack =
  RulesReplacement | { outcome: 'unknown' } | { outcome: 'faults'; faults: readonly string[] };

/** The last 50 versions, newest first; the first one is in force. Version `0`, the default rules, is not among them. */
export async function readRulesHistory(store: Store): Promise<RulesVersion[]> {
  const entries = await store.redis.lrange(rulesHistoryKey, 0, -1);
  return entries.map(toVersion);
}

/** The rules of a version: the one in force, one of the history, or `0`; undefined if it is none of these. */
export async function findRulesVersion(store: Store, version: string): Promise<RulesInForce | undefined> {
  if (version === defaultRulesDocument.version) return { version, document: defaultRulesDocument };
  const history = await readRulesHistory(store);
  const found = history.find(({ rules }) => rules.version === version);
  if (found) return found.rules;
  const inForce = await readRulesInForce(store);
  return inForce.version === version ? inForce : undefined;
}

/**
 * Puts the content of an earlier version in force again, as a new version, if the version in force is still the one
 * that was `seen`. Counts at the next check; returns when it is durable.
 */
export async function rollBackRules(
  store: Store,
  { to, seen, actor }: { to: string; seen: string; actor: string },
): Promise<RollBack> {
  const earlier = await findRulesVersion(store, to);
  if (!earlier) return { outcome: 'unknown' };
  if ('faults' in earlier) return { outcome: 'faults', faults: earlier.faults };
  return replaceRules(store, { ...earlier.document, version: seen }, { actor, rolledBackTo: to });
}

function toVersion(entry: string): RulesVersion {
  const stored = JSON.parse(entry) as Record<string, string | undefined>;
  return {
    rules: toRules(stored.version ?? '', stored.document ?? ''),
    actor: stored.actor ?? '',
    atMs: Number(stored.atMs),
    rolledBackTo: stored.rolledBackTo ?? '',
  };
}
