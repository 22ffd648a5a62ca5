import { randomBytes } from 'node:crypto';
import type { RulesDocument } from '../acl/rules.ts';
import { confirmEnded } from '../leases/confirm-ended.ts';
import { rulesEventsKey, rulesHistoryKey, rulesKey } from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';

/** Who changes the rules, and which earlier version's content comes back by it, if any. */
export interface RulesChange {
  actor: string;
  rolledBackTo?: string;
}

/** Replaced: the new version. Conflict: the version that somebody put in force after `document.version` was read. */
export type RulesReplacement = { outcome: 'replaced' | 'conflict'; version: string };

/** With the largest documents this many versions take 13 MB. */
const mostVersions = 50;

/**
 * Replaces the rules if the version in force is still `document.version`, the one that was edited. Counts at the next
 * check; returns when it is durable. The document must be one that checkRulesDocument has given back.
 */
export async function replaceRules(
  store: Store,
  document: RulesDocument,
  { actor, rolledBackTo = '' }: RulesChange,
): Promise<RulesReplacement> {
  const version = nextVersion(document.version);
  const [outcome, inForce] = await store.run(
    'rules-replace',
    [rulesKey, rulesHistoryKey, rulesEventsKey],
    [
      document.version,
      version,
      JSON.stringify({ ...document, version }),
      actor,
      rolledBackTo,
      mostVersions,
      '',
    ],
  );
  await confirmEnded(store, 'rules');
  return { outcome: outcome === 'replaced' ? 'replaced' : 'conflict', version: String(inForce) };
}

/** `<count>-<48 random bits>`: webhooks keep rules by version, so one must never name two documents, even after a loss. */
function nextVersion(seen: string): string {
  const count = Number(/^[0-9]{1,15}/.exec(seen)?.[0] ?? 0);
  return `${count + 1}-${randomBytes(6).toString('base64url')}`;
}
