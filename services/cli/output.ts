import { styleText } from 'node:util';

/** What a command has to say: `json` for scripts, `text` for people. */
export interface Answer {
  json: unknown;
  text: string;
  /** 0 by default. */
  exitCode?: number;
  /** Lines of the text that begin with +, - or ~ have a colour where there are colours. */
  isDifference?: boolean;
  /** Printed as they come, instead of all else. */
  lines?: AsyncIterable<string>;
}

const signColours = { '+': 'green', '-': 'red', '~': 'yellow' } as const;
const unsafe = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;
const unsafeInJson = /[\x7f-\x9f\p{Bidi_Control}\u2028\u2029]/gu;

/** Makes text of unknown origin safe for a terminal and for one line: ESC becomes `\x1b` (ASVS 16.4.1). */
export function escapeControls(text: string): string {
  return text.replace(unsafe, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x100 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`;
  });
}

/** Text of several lines, each made safe for a terminal. */
export function toSafeLines(text: string): string {
  return text.split('\n').map(escapeControls).join('\n');
}

/** Colours lines that come (+), go (-) or change (~), if the stream is a terminal that people want colours on. */
export function paintDifference(text: string, stream: NodeJS.WriteStream): string {
  return text.replace(/^ *([-+~]) .*$/gm, (line, sign: keyof typeof signColours) =>
    styleText(signColours[sign], line, { stream }),
  );
}

/** What goes to standard error: one line, whatever the message holds. */
export function toErrorLine(message: string): string {
  const sentence = message
    .trim()
    .replace(/^error: /, '')
    .replaceAll('\n', ' ');
  return `bednet: ${escapeControls(sentence)}\n`;
}

/** JSON whose strings hold no control character either: JSON.stringify leaves DEL, C1 and bidi controls as they are. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(
    unsafeInJson,
    (character) => `\\u${hex(character.charCodeAt(0), 4)}`,
  );
}

/** Aligned columns under a header; cells are escaped, an empty one shows as `-`. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [header, ...rows.map((row) => row.map((cell) => escapeControls(cell) || '-'))];
  const widths = header.map((_, column) => Math.max(...lines.map((line) => lengthOf(line[column] ?? ''))));
  return lines.map((line) => toLine(line, widths)).join('\n');
}

/** Names with their values, one a line; values are escaped, an empty one shows as `-`. */
export function list(entries: Readonly<Record<string, string>>): string {
  const width = Math.max(...Object.keys(entries).map(lengthOf));
  return Object.entries(entries)
    .map(([name, value]) => `${name.padEnd(width)}  ${escapeControls(value) || '-'}`)
    .join('\n');
}

/** A time for people, in UTC to the second; empty for none. */
export function toUtc(timeMs: number): string {
  return Number.isFinite(timeMs) && timeMs > 0 ? `${new Date(timeMs).toISOString().slice(0, 19)}Z` : '';
}

function toLine(cells: readonly string[], widths: readonly number[]): string {
  return cells
    .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - lengthOf(cell)))
    .join('  ')
    .trimEnd();
}

function lengthOf(text: string): number {
  return [...text].length;
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}
