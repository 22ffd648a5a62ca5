import { checkRulesDocument } from '../core/acl/check-rules-document.ts';
import { describeFault } from '../core/acl/rules-fault.ts';
import type { RulesDocument } from '../core/acl/rules.ts';
import { parseRulesFile } from '../core/rules/parse-rules-file.ts';
import { exitCodes } from './cli-error.ts';
import { escapeControls, type Answer } from './output.ts';
import { readTextFile } from './text-file.ts';

/** A document in full, each rule on lines of its own, takes less than four times what is stored of it. */
const longestFileBytes = 1_048_576;

/** What is wrong at a place of a file. `path` is absent where the file can't be read as YAML at all. */
export interface FileFault {
  line: number;
  column: number;
  path?: string;
  message: string;
}

/**
 * Reads rules from a file of YAML or JSON, `-` for standard input: the document, with `missingVersion` if it names
 * none, or all its faults.
 */
export async function readRulesFile(
  file: string,
  missingVersion: string,
): Promise<{ document: RulesDocument } | { faults: FileFault[] }> {
  const parsed = await parseRulesFile(await readTextFile(file, longestFileBytes));
  if ('faults' in parsed) {
    return { faults: parsed.faults.map(({ sentence, ...position }) => ({ ...position, message: sentence })) };
  }
  const { value, findPosition } = parsed;
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  const checked = checkRulesDocument(isObject ? { version: missingVersion, ...value } : value);
  if (checked.ok) return { document: checked.document };
  const faults = checked.faults.map((fault) => ({
    ...findPosition(fault.path),
    path: fault.path,
    message: describeFault(fault),
  }));
  return { faults: faults.sort((a, b) => a.line - b.line || a.column - b.column) };
}

/** Names all faults of a file, each with its place. */
export function tellFaults(file: string, faults: readonly FileFault[]): Answer {
  const lines = faults.map(
    ({ line, column, message }) => `  ${escapeControls(`${file}:${line}:${column}: ${message}`)}`,
  );
  return {
    json: { ok: false, faults },
    text: ['The rules have faults:', ...lines].join('\n'),
    exitCode: exitCodes.refused,
  };
}
