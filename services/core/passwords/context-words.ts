import { isCommonPassword } from './common-passwords.ts';

const shortestWord = 3;
const shortestPart = 4;
const leastLeft = 8;

/** The words that anybody would guess first for an account: its username, its e-mail's local part, the product. */
export function contextWordsOf(context: {
  username: string;
  email?: string | undefined;
  productName: string;
}): string[] {
  const localPart = context.email?.slice(0, context.email.lastIndexOf('@')) ?? '';
  return [context.username, localPart, context.productName].filter((word) => word !== '');
}

/**
 * Whether a password is little more than words of its context (ASVS 6.1.2, 6.2.11): it has at least one of them, in
 * any case, and what is left without them has fewer than 8 characters, no letter, or is common itself. So
 * `Mona.Sayed2026!` is refused to `mona.sayed`, while `mona likes long walks` is taken: a word within a long password
 * is no fault of it (NIST SP 800-63B-4 3.1.1.2). Words are taken whole, without their separators, and by parts
 * of four characters or more; below three characters they don't count. `password` is in NFC.
 */
export function isContextPassword(password: string, contextWords: readonly string[]): boolean {
  const text = password.toLowerCase();
  const words = contextWords.flatMap(formsOf).sort((a, b) => b.length - a.length);
  const left = words.reduce((rest, word) => rest.replaceAll(word, ''), text);
  if (left === text) return false;
  return [...left].length < leastLeft || !/\p{L}/u.test(left) || isCommonPassword(withoutEdges(left));
}

/** Without blanks and punctuation at either end. */
function withoutEdges(text: string): string {
  return text.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '');
}

function formsOf(word: string): string[] {
  const text = word.normalize('NFC').toLowerCase();
  const parts = text.split(/[^\p{L}\p{M}\p{N}]+/u);
  return [text, parts.join('')]
    .filter((form) => [...form].length >= shortestWord)
    .concat(parts.filter((part) => [...part].length >= shortestPart));
}
