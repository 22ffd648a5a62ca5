import { createRequire } from 'node:module';

interface CommonPasswords {
  /** 49,233 passwords in small letters. */
  all: ReadonlySet<string>;
  /** The first 3,000 of them: the number that ASVS 6.2.4 asks for. */
  top: ReadonlySet<string>;
}

const topCount = 3000;
const shortestUnit = 4;
let loaded: CommonPasswords | undefined;

/**
 * Whether a password is among the ones that attackers try first (ASVS 6.2.4, 6.2.12), whatever its case: it is
 * on the list, or it is a listed text or one of up to three characters, repeated. Since people get to 15 characters
 * by joining short passwords (only 41 on the list are that long), so is one that joins two of the 3,000 most common.
 * The whole password counts, never a word in it (NIST SP 800-63B-4 3.1.1.2). `password` is in NFC.
 */
export function isCommonPassword(password: string): boolean {
  const text = password.toLowerCase();
  const { all, top } = commonPasswords();
  if (all.has(text)) return true;
  const unit = repeatedUnit(text);
  if (unit !== undefined && ([...unit].length < shortestUnit || all.has(unit))) return true;
  return joinsTwo(text, top);
}

/** Read at first use: it takes 40 ms and then 4.4 MB of memory. */
function commonPasswords(): CommonPasswords {
  if (loaded === undefined) {
    const require = createRequire(import.meta.url);
    const { dictionary } =
      require('@zxcvbn-ts/language-common') as typeof import('@zxcvbn-ts/language-common');
    const passwords = dictionary['passwords-common'];
    loaded = { all: new Set(passwords), top: new Set(passwords.slice(0, topCount)) };
  }
  return loaded;
}

/** The shortest text that, repeated twice or more, makes up the whole; undefined if there is none. */
function repeatedUnit(text: string): string | undefined {
  const length = (text + text).indexOf(text, 1);
  return length < text.length ? text.slice(0, length) : undefined;
}

function joinsTwo(text: string, top: ReadonlySet<string>): boolean {
  for (let at = 1; at < text.length; at++) {
    if (top.has(text.slice(0, at)) && top.has(text.slice(at))) return true;
  }
  return false;
}
