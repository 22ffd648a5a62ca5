import t, { type Test } from 'tap';
import { BednetError } from '../../services/core/errors.ts';
import { contextWordsOf } from '../../services/core/passwords/context-words.ts';
import { createPasswordHasher } from '../../services/core/passwords/hasher.ts';
import {
  assertHashablePassword,
  assertNewPassword,
  policyNotes,
  type PasswordRule,
} from '../../services/core/passwords/policy.ts';

/** The code that a new password is refused with, or `taken`. */
function verdict(password: string, rule: Partial<PasswordRule> = {}): string {
  try {
    assertNewPassword(password, { minCodePoints: 15, field: 'password', ...rule });
    return 'taken';
  } catch (error) {
    if (!(error instanceof BednetError)) throw error;
    if (error.field !== 'password' || error.status !== 400) throw error;
    return error.code.replace('VAL_PASSWORD_', '');
  }
}

type Row = [what: string, password: string, verdict: string, rule?: Partial<PasswordRule>];

function holds(t: Test, rows: Row[]): void {
  for (const [what, password, expected, rule] of rows) t.equal(verdict(password, rule), expected, what);
}

t.test('P1: length is counted in code points', async (t) => {
  holds(t, [
    ['14', 'kq7vz2mx9wd4hb', 'TOO_SHORT'],
    ['15', 'kq7vz2mx9wd4hbt', 'taken'],
    ['7 with a second factor', 'kq7vz2m', 'TOO_SHORT', { minCodePoints: 8 }],
    ['8 with a second factor', 'kq7vz2mx', 'taken', { minCodePoints: 8 }],
    ['14 with an emoji of two UTF-16 units', 'kq7vz2mx9wd4h😀', 'TOO_SHORT'],
    ['15 with an emoji', 'kq7vz2mx9wd4hb😀', 'taken'],
    ['15 Arabic letters', 'قمرشمسبحرجبلنهر', 'taken'],
    ['empty', '', 'TOO_SHORT'],
  ]);
});

t.test('P2: long passwords count to their last character, and are bounded', async (t) => {
  const long = 'The quick grey fox jumps. '.repeat(12);
  holds(t, [
    ['64', long.slice(0, 64), 'taken'],
    ['256', long.slice(0, 256), 'taken'],
    ['257', long.slice(0, 257), 'TOO_LONG'],
    ['256 emoji of 1024 bytes', '😀🦊🐻🐼'.repeat(63) + '😀🦊🐻🐯', 'taken'],
    ['1025 bytes', '😀🦊🐻🐼'.repeat(64) + 'x', 'TOO_LONG'],
    ['a configured maximum', long.slice(0, 65), 'TOO_LONG', { maxCodePoints: 64 }],
  ]);
  t.throws(() => assertHashablePassword('x'.repeat(1025), 'password'), { code: 'VAL_PASSWORD_TOO_LONG' });
  assertHashablePassword('x'.repeat(1024), 'password');

  const hasher = await createPasswordHasher(
    { memoryKib: 64, passes: 1, parallelism: 1 },
    Buffer.alloc(32, 1),
  );
  const hash = await hasher.hash(`${'x'.repeat(199)}a`);
  t.ok(await hasher.verify(`${'x'.repeat(199)}a`, hash));
  t.notOk(await hasher.verify(`${'x'.repeat(199)}b`, hash));
});

t.test('P3: there is no composition rule by default', async (t) => {
  holds(t, [
    ['small letters only', 'kqvzmxwdhbtrnls', 'taken'],
    ['digits only', '847201936584720', 'taken'],
    ['blanks between words', 'four green tables dance', 'taken'],
    [
      'zero minima',
      'kqvzmxwdhbtrnls',
      'taken',
      { minUpperCase: 0, minDigits: 0, minSymbols: 0, minLowerCase: 0 },
    ],
  ]);
});

t.test('composition minima count characters of any script, for those who must have them', async (t) => {
  const all = { minUpperCase: 1, minLowerCase: 1, minDigits: 2, minSymbols: 1 };
  holds(t, [
    ['all there', 'Kqvzmxwdhbtr-27', 'taken', all],
    ['no capital letter', 'kqvzmxwdhbtr-27', 'COMPOSITION', all],
    ['no small letter', 'KQVZMXWDHBTR-27', 'COMPOSITION', all],
    ['one digit', 'Kqvzmxwdhbtrr-7', 'COMPOSITION', all],
    ['no symbol', 'Kqvzmxwdhbtrr27', 'COMPOSITION', all],
    ['Greek letters and Arabic digits', 'Ωμέγαλιθοςνερο-٢٧', 'taken', all],
    ['a blank is a symbol', 'Kqvzmxwdhbtr 27', 'taken', all],
  ]);
  t.throws(() => assertNewPassword('kqvzmxwdhbtrnls', { ...all, minCodePoints: 15, field: 'password' }), {
    code: 'VAL_PASSWORD_COMPOSITION',
    message:
      'The password needs more capital letters (at least 1), digits (at least 2), symbols (at least 1).',
  });
});

t.test('P4, P5: outer blanks and case count; both forms of an accent are one password', async (t) => {
  const hasher = await createPasswordHasher(
    { memoryKib: 64, passes: 1, parallelism: 1 },
    Buffer.alloc(32, 1),
  );
  const hash = await hasher.hash(' Café au lait froid ');

  t.ok(await hasher.verify(' Cafe\u0301 au lait froid ', hash));
  t.notOk(await hasher.verify('Café au lait froid', hash));
  t.notOk(await hasher.verify(' café au lait froid ', hash));
  holds(t, [
    ['blanks make up the length', ' kq7vz2mx9wd4h ', 'taken'],
    ['14 in NFC, 15 before', 'kq7vz2mx9wd4he\u0301', 'TOO_SHORT'],
  ]);
});

t.test('a password that is not text is refused', async (t) => {
  holds(t, [
    ['half a surrogate pair', 'kq7vz2mx9wd4hbt\ud800', 'INVALID'],
    ['a null character', 'kq7vz2mx9wd4hbt\0', 'INVALID'],
  ]);
});

t.test('P6: common passwords are refused as a whole, with the reason', async (t) => {
  const short = { minCodePoints: 8 };
  holds(t, [
    ['on the list', 'password', 'COMMON', short],
    ['in another case', 'PassWord', 'COMMON', short],
    ['far down the list', 'chocolate1', 'COMMON', short],
    ['on the list, 15 characters', 'qwertyuiop12345', 'COMMON'],
    ['a common one repeated', 'dragondragondragon', 'COMMON'],
    ['one character repeated', 'aaaaaaaaaaaaaaaa', 'COMMON'],
    ['three characters repeated', 'xqzxqzxqzxqzxqz', 'COMMON'],
    ['digits in a row', '123456789012345', 'COMMON'],
    ['two of the most common joined', 'Iloveyou12345678', 'COMMON'],
    ['a common word in a long password', 'my dragon eats paper', 'taken'],
    ['four words of the list', 'monkeydragonsummerguitar', 'taken'],
    ['a rare text repeated', 'kq7vz2mxkq7vz2mx', 'taken'],
    ['an object member', '__proto__', 'taken', short],
  ]);
  t.throws(() => assertNewPassword('password', { minCodePoints: 8, field: 'password' }), {
    code: 'VAL_PASSWORD_COMMON',
    message: 'The password is one that many people use.',
  });
});

t.test('P7: words of the context are refused, unless the rest is a password by itself', async (t) => {
  const contextWords = contextWordsOf({
    username: 'Mona.Sayed',
    email: 'm.el-sayed@example.org',
    productName: 'Tower Control',
  });
  const rule = { contextWords };
  holds(t, [
    ['the username with digits', 'Mona.Sayed2026!', 'CONTEXT', rule],
    ['the username twice', 'mona.sayedMONA.SAYED', 'CONTEXT', rule],
    ['the username without its dot', 'MonaSayed!!!!!!!', 'CONTEXT', rule],
    ['its parts in another order', 'sayed-mona-sayed', 'CONTEXT', rule],
    ['digits only around it', '1029384756sayed1029', 'CONTEXT', rule],
    ['the e-mail local part', 'm.el-sayed202612', 'CONTEXT', rule],
    ['the product name', 'TowerControl#1 2026', 'CONTEXT', rule],
    ['the product name and a common password', 'Tower Control password', 'CONTEXT', rule],
    ['a word within a long password', 'mona likes long walks', 'taken', rule],
    ['eight good characters beside it', 'towercontrolkq7vz2mx', 'taken', rule],
    ['no context', 'Mona.Sayed2026!', 'taken', {}],
    ['words too short to matter', 'al likes ala carte', 'taken', { contextWords: ['al', '', 'x'] }],
  ]);
});

t.test('the words of a context are the username, the local part and the product', async (t) => {
  t.same(contextWordsOf({ username: 'mona', email: 'm.s@example.org', productName: 'Bednet' }), [
    'mona',
    'm.s',
    'Bednet',
  ]);
  t.same(contextWordsOf({ username: 'mona', productName: 'Bednet' }), ['mona', 'Bednet']);
});

t.test('a policy weaker than the standard is noted at start-up', async (t) => {
  const alone = { isSecondFactorEnforced: false };
  const enforced = { isSecondFactorEnforced: true };
  const table: [object, { isSecondFactorEnforced: boolean; expiresAfterDays?: number }, RegExp[]][] = [
    [{ minCodePoints: 15 }, alone, []],
    [{ minCodePoints: 14 }, alone, [/14 characters are accepted/]],
    [{ minCodePoints: 8 }, enforced, []],
    [{ minCodePoints: 7 }, enforced, [/7 characters are accepted/]],
    [{ minCodePoints: 15, maxCodePoints: 63 }, alone, [/more than 63 characters/]],
    [{ minCodePoints: 15, maxCodePoints: 64 }, alone, []],
    [{ minCodePoints: 15, minSymbols: 1 }, alone, [/ASVS 6\.2\.5/]],
    [{ minCodePoints: 15, minSymbols: 0 }, alone, []],
    [{ minCodePoints: 15 }, { ...alone, expiresAfterDays: 90 }, [/expire after 90 days/]],
    [
      { minCodePoints: 8, minDigits: 1 },
      { ...alone, expiresAfterDays: 90 },
      [/8 char/, /6\.2\.5/, /90 days/],
    ],
  ];
  for (const [policy, circumstances, expected] of table) {
    const notes = policyNotes({ minCodePoints: 15, ...policy }, circumstances);
    t.equal(notes.length, expected.length, JSON.stringify([policy, circumstances]));
    for (const [i, note] of notes.entries()) t.match(note, expected[i]);
  }
});
