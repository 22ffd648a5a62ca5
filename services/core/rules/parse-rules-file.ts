import type { Document, Node, Pair, YAMLError } from 'yaml';
import { itemPath, memberPath } from '../acl/rules-fault.ts';

/** Where something begins in a file; both count from 1. */
export interface FilePosition {
  line: number;
  column: number;
}

/** What keeps a text from being read at all. */
export interface SyntaxFault extends FilePosition {
  sentence: string;
}

/** The value that a file stands for, and where each part of it is written. */
export interface ParsedFile {
  value: unknown;
  /** The place of a path as faults name it (`roles.user.rules[0]`), or of the nearest part around it. */
  findPosition(path: string): FilePosition;
}

type Yaml = typeof import('yaml');

interface Reading {
  yaml: Yaml;
  faults: { offset: number; sentence: string }[];
  offsets: Map<string, number>;
}

/** A document is six collections deep; each takes two places on the parser's stack. */
const deepestStack = 32;
const mostSyntaxFaults = 20;

/**
 * Reads a text as YAML 1.2 (of which JSON is a part) without what a file of rules has no need for and others have
 * used to harm readers: aliases, tags, directives, further documents, repeated keys, deep nesting. Gives back the value
 * or all the faults (20 at most) that keep it from being one. A megabyte of hostile text takes seconds: not for strangers.
 */
export async function parseRulesFile(text: string): Promise<ParsedFile | { faults: SyntaxFault[] }> {
  const yaml = await import('yaml'); // Takes 30 ms, which most commands need not wait for.
  const lines = new yaml.LineCounter();
  const positionOf = (offset: number): FilePosition => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const reading: Reading = { yaml, faults: [], offsets: new Map() };
  const value = readDocuments(reading, text, lines.addNewLine);
  if (reading.faults.length > 0) {
    const first = reading.faults.slice(0, mostSyntaxFaults);
    return { faults: first.map(({ offset, sentence }) => ({ ...positionOf(offset), sentence })) };
  }
  return { value, findPosition: (path) => positionOf(findOffset(reading.offsets, path)) };
}

function readDocuments(reading: Reading, text: string, addNewLine: (offset: number) => void): unknown {
  const { yaml, faults } = reading;
  const composer = new yaml.Composer({ stringKeys: true, uniqueKeys: false, logLevel: 'silent' });
  const tokens = readTokens(reading, text, addNewLine);
  const [document, next] = composer.compose(tokens, true, text.length);
  if (faults.length > 0 || document === undefined) return undefined;
  if (next) faults.push({ offset: next.range[0], sentence: 'is a second document in one file' });
  tellErrors(document, faults);
  return faults.length > 0 ? undefined : readNode(reading, '', document.contents);
}

/** Stops at what is nested too deeply: the composer calls itself for each level. */
function* readTokens({ yaml, faults }: Reading, text: string, addNewLine: (offset: number) => void) {
  const parser = new yaml.Parser(addNewLine);
  addNewLine(0);
  for (const lexeme of new yaml.Lexer().lex(text)) {
    yield* parser.next(lexeme);
    if (parser.stack.length <= deepestStack) continue;
    faults.push({ offset: parser.offset, sentence: 'is nested too deeply' });
    return;
  }
  yield* parser.end();
}

function tellErrors(document: Document.Parsed, faults: Reading['faults']): void {
  const errors: YAMLError[] = [...document.errors, ...document.warnings];
  for (const { pos, message } of errors) faults.push({ offset: pos[0], sentence: message });
  const { yaml } = document.directives;
  if (yaml.explicit) faults.push({ offset: 0, sentence: 'begins with a directive' });
}

function readNode(reading: Reading, path: string, node: unknown): unknown {
  const { yaml, faults, offsets } = reading;
  const { isAlias, isMap, isSeq, isNode, isScalar } = yaml;
  if (!isNode(node)) return null;
  const offset = offsetOf(node);
  if (!offsets.has(path)) offsets.set(path, offset);
  if (isAlias(node)) faults.push({ offset, sentence: 'is an alias, which no rule needs' });
  if (node.anchor !== undefined) faults.push({ offset, sentence: 'has an anchor, which no rule needs' });
  if (node.tag !== undefined) faults.push({ offset, sentence: 'has a tag, which no rule needs' });
  if (isSeq(node)) return node.items.map((item, index) => readNode(reading, itemPath(path, index), item));
  if (isMap(node)) return readMap(reading, path, node.items);
  return isScalar(node) ? node.value : null;
}

function readMap(reading: Reading, path: string, pairs: readonly Pair[]): object {
  const members = new Map<string, unknown>();
  for (const { key, value } of pairs) {
    const name = String(readNode(reading, '', key));
    const offset = offsetOf(key);
    if (members.has(name)) reading.faults.push({ offset, sentence: 'is there already: a name stands once' });
    const ownPath = memberPath(path, name);
    reading.offsets.set(ownPath, offset);
    members.set(name, readNode(reading, ownPath, value));
  }
  return Object.fromEntries(members); // Defines members, so that __proto__ is one like any other.
}

function offsetOf(node: unknown): number {
  return (node as Node | undefined)?.range?.[0] ?? 0;
}

/** A member that is missing has no place: then that of what it is missing from. */
function findOffset(offsets: ReadonlyMap<string, number>, path: string): number {
  const offset = offsets.get(path);
  if (offset !== undefined || path === '') return offset ?? 0;
  return findOffset(offsets, path.replace(/(?:\.[A-Za-z0-9_-]+|\[(?:\d+|"(?:[^"\\]|\\.)*")\]|^[^.[]+)$/, ''));
}
