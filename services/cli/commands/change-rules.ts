import type { RulesDocument } from '../../core/acl/rules.ts';
import { confirmEnded } from '../../core/leases/confirm-ended.ts';
import type { Store } from '../../core/redis/store.ts';
import { readRulesInForce, type RulesInForce } from '../../core/rules/read-rules.ts';
import { replaceRules, type RulesReplacement } from '../../core/rules/replace-rules.ts';
import { findRulesDifference, type ChangedHolder } from '../../core/rules/rules-difference.ts';
import { findRulesVersion } from '../../core/rules/rules-history.ts';
import { findRulesWarnings } from '../../core/rules/rules-warnings.ts';
import { CliError } from '../cli-error.ts';
import { timed, type CommandContext } from '../context.ts';
import { escapeControls, type Answer } from '../output.ts';
import { readRulesFile, tellFaults } from '../rules-file.ts';
import { confirm, willAsk } from '../terminal.ts';
import { getSound } from './rules.ts';

/** Options of the commands that change the rules. */
export interface RulesChangeOptions {
  yes?: true;
  dryRun?: true;
}

interface PlannedChange {
  inForce: RulesInForce;
  /** With the version that it replaces. */
  document: RulesDocument;
  rolledBackTo?: string;
}

/**
 * Puts a file's rules in force. If it has a version (as `rules show` gives it), that must still be the one in force;
 * without one it replaces whatever is.
 */
export async function apply(
  context: CommandContext,
  file: string,
  options: RulesChangeOptions,
): Promise<Answer> {
  const inForce = await readRulesInForce(context.store);
  const read = await readRulesFile(file, inForce.version);
  if ('faults' in read) return tellFaults(file, read.faults);
  const { document } = read;
  if (document.version !== inForce.version) throw conflict(document.version, inForce.version);
  return change(context, { inForce, document }, options);
}

/** Puts the content of an earlier version in force again, as a new version. */
export async function rollBack(
  context: CommandContext,
  version: string,
  options: RulesChangeOptions,
): Promise<Answer> {
  const inForce = await readRulesInForce(context.store);
  const { document } = getSound(await findRulesVersion(context.store, version), version);
  const planned = { ...document, version: inForce.version };
  return change(context, { inForce, document: planned, rolledBackTo: version }, options);
}

async function change(
  { store, actor, tell }: CommandContext,
  { inForce, document, rolledBackTo }: PlannedChange,
  options: RulesChangeOptions,
): Promise<Answer> {
  const difference = findRulesDifference(documentOf(inForce), document);
  const warnings = findRulesWarnings(document);
  const facts = { difference, warnings };
  const { version } = inForce;
  if (difference.length === 0 && 'document' in inForce) {
    if (!options.dryRun) await assertConfirmed(store, version);
    const json = { ...facts, changed: false, version, replacedVersion: version };
    return { json, text: `Nothing to change: the rules in force (version ${version}) are the same.` };
  }
  const lines = [...tellBroken(inForce), ...tellDifference(difference), ...warnings];
  if (options.dryRun) {
    const text = [...lines, `A dry run: version ${version} stays in force.`].join('\n');
    return { json: { ...facts, changed: true, dryRun: true, version }, text, isDifference: true };
  }
  const isAsked = willAsk(options);
  await confirm(`Replace the rules in force (version ${version})?`, options, lines);
  const { result, durable } = await timed(() =>
    replaceRules(store, document, { actor, ...(rolledBackTo !== undefined && { rolledBackTo }) }),
  );
  const newVersion = getReplaced(result, version);
  if (rolledBackTo === undefined) tell('rules-changed', { reason: newVersion });
  else tell('rules-rolled-back', { reason: `${rolledBackTo} as ${newVersion}` });
  const told = `The rules are in force as version ${newVersion}, durable in ${durable.durableInMs} ms; they count at the next check.`;
  return {
    json: { ...facts, changed: true, version: newVersion, replacedVersion: version, ...durable },
    text: [...(isAsked ? [] : lines), told].join('\n'),
    isDifference: true,
  };
}

/** Whoever put a version in force may not have waited to the end. Throws a CliError if it is no longer in force. */
async function assertConfirmed(store: Store, version: string): Promise<void> {
  await confirmEnded(store, 'rules');
  const { version: inForce } = await readRulesInForce(store);
  if (inForce !== version) throw conflict(version, inForce);
}

/** What can't be used allows nothing, as if it were empty. */
function documentOf(rules: RulesInForce): RulesDocument {
  return 'document' in rules ? rules.document : { version: rules.version, roles: {} };
}

function tellBroken(rules: RulesInForce): string[] {
  if ('document' in rules) return [];
  const faults = rules.faults.map(escapeControls).join('; ');
  return [`The rules in force (version ${escapeControls(rules.version)}) can't be used: ${faults}`];
}

function tellDifference(holders: readonly ChangedHolder[]): string[] {
  return holders.flatMap(({ sign, text, lines }) => [
    `${sign} ${escapeControls(text)}`,
    ...lines.map((line) => `    ${line.sign} ${escapeControls(line.text)}`),
  ]);
}

function getReplaced({ outcome, version }: RulesReplacement, seen: string): string {
  if (outcome === 'conflict') throw conflict(seen, version);
  return version;
}

function conflict(read: string, inForce: string): CliError {
  return new CliError(
    `the rules have changed since version ${read} was read (now ${inForce}): start again from rules show`,
  );
}
