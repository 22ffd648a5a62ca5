import { readFile } from 'node:fs/promises';
import { checkRulesDocument } from '../../core/acl/check-rules-document.ts';
import type { RulesDocument } from '../../core/acl/rules.ts';
import { readRulesInForce } from '../../core/rules/read-rules.ts';
import { replaceRules } from '../../core/rules/replace-rules.ts';
import { CliError, exitCodes } from '../cli-error.ts';
import { timed, type CommandContext } from '../context.ts';
import { resolveFile } from '../npm-call.ts';
import { escapeControls, toJson, type Answer } from '../output.ts';
import { confirm, readStandardInput } from '../terminal.ts';

const longestDocumentBytes = 1_048_576;

/** The document in force, as `rules apply` takes it back. */
export async function show({ store }: CommandContext): Promise<Answer> {
  const inForce = await readRulesInForce(store);
  if ('faults' in inForce) {
    throw new CliError(
      `the rules in force (version ${inForce.version}) can't be used, so they allow nothing: ${inForce.faults.join('; ')}`,
    );
  }
  return { json: inForce.document, text: toJson(inForce.document) };
}

/** Checks a file and names all its faults; Redis isn't asked. */
export async function check(file: string): Promise<Answer> {
  const { faults } = await readDocument(file, '0');
  return faults.length === 0 ? { json: { ok: true }, text: 'The rules are sound.' } : faulty(faults);
}

/**
 * Puts a file's rules in force. If it has a version (as `rules show` gives it), that must still be the one in force;
 * without one it replaces whatever is.
 */
export async function apply(
  { store }: CommandContext,
  file: string,
  options: { yes?: true },
): Promise<Answer> {
  const inForce = await readRulesInForce(store);
  const { document, faults } = await readDocument(file, inForce.version);
  if (!document) return faulty(faults);
  if (document.version !== inForce.version) throw conflict(document.version, inForce.version);
  await confirm(`Replace the rules in force (version ${inForce.version})?`, options);
  const { result, durable } = await timed(() => replaceRules(store, document));
  if (result.outcome === 'conflict') throw conflict(document.version, result.version);
  return {
    json: { version: result.version, replacedVersion: document.version, ...durable },
    text: `The rules are in force as version ${result.version}, durable in ${durable.durableInMs} ms; they count at the next check.`,
  };
}

async function readDocument(
  file: string,
  missingVersion: string,
): Promise<{ document?: RulesDocument; faults: readonly string[] }> {
  const value = parse(await readText(file), file);
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  const checked = checkRulesDocument(isObject ? { version: missingVersion, ...value } : value);
  return checked.ok ? { document: checked.document, faults: [] } : { faults: checked.faults };
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CliError(`${file} is not JSON: ${(error as Error).message}`);
  }
}

/** `-` is standard input. */
async function readText(file: string): Promise<string> {
  if (file === '-') return readStandardInput(longestDocumentBytes);
  try {
    return await readFile(resolveFile(file), 'utf8');
  } catch (error) {
    throw new CliError(`${file} can't be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

function faulty(faults: readonly string[]): Answer {
  const text = ['The rules have faults:', ...faults.map((fault) => `  ${escapeControls(fault)}`)].join('\n');
  return { json: { ok: false, faults }, text, exitCode: exitCodes.refused };
}

function conflict(read: string, inForce: string): CliError {
  return new CliError(
    `the rules have changed since version ${read} was read (now ${inForce}): start again from rules show`,
  );
}
