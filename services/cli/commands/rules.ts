import { formatRulesFile } from '../../core/rules/format-rules-file.ts';
import { readRulesInForce, type RulesInForce } from '../../core/rules/read-rules.ts';
import { findRulesVersion, readRulesHistory, type RulesVersion } from '../../core/rules/rules-history.ts';
import { findRulesWarnings } from '../../core/rules/rules-warnings.ts';
import { CliError } from '../cli-error.ts';
import type { CommandContext } from '../context.ts';
import { table, toJson, toUtc, type Answer } from '../output.ts';
import { readRulesFile, tellFaults } from '../rules-file.ts';

/** A document as `rules apply` takes it back: the one in force, or another version of the history. */
export async function show(
  { store }: CommandContext,
  { version, yaml }: { version?: string; yaml?: true },
): Promise<Answer> {
  const rules =
    version === undefined ? await readRulesInForce(store) : await findRulesVersion(store, version);
  const { document } = getSound(rules, version);
  const text = yaml ? (await formatRulesFile(document)).trimEnd() : toJson(document);
  return { json: document, text };
}

/** Checks a file and names all its faults; Redis isn't asked. */
export async function check(file: string): Promise<Answer> {
  const read = await readRulesFile(file, '0');
  if ('faults' in read) return tellFaults(file, read.faults);
  const warnings = findRulesWarnings(read.document);
  return { json: { ok: true, warnings }, text: ['The rules are sound.', ...warnings].join('\n') };
}

/** The last 50 versions, newest first. */
export async function listHistory({ store }: CommandContext): Promise<Answer> {
  const [history, inForce] = await Promise.all([readRulesHistory(store), readRulesInForce(store)]);
  const rows = history.map(({ rules, actor, atMs, rolledBackTo }) => [
    rules.version,
    toUtc(atMs),
    actor,
    rules.version === inForce.version ? 'in force' : '',
    rolledBackTo && `brought back ${rolledBackTo}`,
  ]);
  return {
    json: history.map((version) => toFacts(version, inForce)),
    text:
      rows.length === 0
        ? 'Nobody has changed the rules: version 0, the default, is in force.'
        : table(historyHeader, rows),
  };
}

/** The rules with their document. Throws a CliError if there are none or they have faults. */
export function getSound(
  rules: RulesInForce | undefined,
  version: string | undefined,
): Extract<RulesInForce, { document: object }> {
  if (!rules) throw new CliError(`there is no version ${version}: rules history shows those that are kept`);
  if ('document' in rules) return rules;
  const which =
    version === undefined ? `the rules in force (version ${rules.version})` : `version ${version}`;
  throw new CliError(`${which} can't be used, so they allow nothing: ${rules.faults.join('; ')}`);
}

const historyHeader = ['VERSION', 'SINCE', 'BY', 'STATE', 'REMARK'];

function toFacts({ rules, actor, atMs, rolledBackTo }: RulesVersion, inForce: RulesInForce): object {
  return {
    version: rules.version,
    atMs,
    actor,
    isInForce: rules.version === inForce.version,
    ...(rolledBackTo && { rolledBackTo }),
  };
}
