import type { Letter, LetterKind } from './letters.ts';
import { linkTo } from './links.ts';
import { renderHtml, renderText } from './render.ts';
import { arabic } from './templates/arabic.ts';
import { english } from './templates/english.ts';
import { french } from './templates/french.ts';
import type { LetterContent, Phrasebook, Wording } from './templates/phrasebook.ts';

const phrasebooks: readonly Phrasebook[] = [english, arabic, french];
const longestValue = 200;
const minuteSeconds = 60;
const hourSeconds = 3600;
const daySeconds = 86_400;
const momentStyle = { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' } as const;

/** A letter in words. */
export interface ComposedLetter {
  language: string;
  subject: string;
  text: string;
  html: string;
}

/**
 * Puts a letter into words, as plain text and as HTML, in the language of its account (English where there are no
 * templates). `publicUrl` and `productName` come from the settings.
 */
export function composeLetter<K extends LetterKind>(
  letter: Letter<K>,
  settings: { publicUrl: string; productName: string },
): ComposedLetter {
  const phrasebook = phrasebookFor(letter.language);
  const wording = wordingOf(phrasebook, settings);
  const content: LetterContent = phrasebook.letters[letter.kind](letter.values, wording);
  const username = content.username === undefined ? undefined : wording.quote(content.username);
  const page = {
    language: phrasebook.language,
    direction: phrasebook.direction,
    greeting: phrasebook.greeting(username),
    content,
    footer: phrasebook.footer(wording),
  };
  return {
    language: phrasebook.language,
    subject: content.subject,
    text: renderText(page),
    html: renderHtml(page),
  };
}

/** A value from outside as one line: no control, format or direction characters, at most 200 code points. */
export function oneLine(value: string): string {
  const line = value.toWellFormed().replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
  return [...line.trim()].slice(0, longestValue).join('');
}

function phrasebookFor(language: string | undefined): Phrasebook {
  const primary = language?.split('-')[0]?.toLowerCase();
  return phrasebooks.find((phrasebook) => phrasebook.language === primary) ?? english;
}

function wordingOf(
  { language, direction }: Phrasebook,
  { publicUrl, productName }: { publicUrl: string; productName: string },
): Wording {
  // Digits as in links and codes: `nu-latn`.
  const locale = `${language}-u-nu-latn`;
  return {
    productName: oneLine(productName),
    quote: (value) => (direction === 'rtl' ? isolate(oneLine(value)) : oneLine(value)),
    link: (page, token) => linkTo(publicUrl, page, token),
    duration: (seconds) => inWords(seconds, locale),
    moment: (atMs) => `${new Intl.DateTimeFormat(locale, momentStyle).format(atMs)} UTC`,
  };
}

/** Between first strong isolate and pop directional isolate (Unicode UAX #9), so that it does not reorder the line. */
function isolate(value: string): string {
  return `\u2068${value}\u2069`;
}

function inWords(seconds: number, locale: string): string {
  const [value, unit] = wholeUnits(seconds);
  return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(value);
}

function wholeUnits(seconds: number): [number, 'day' | 'hour' | 'minute'] {
  if (seconds >= daySeconds && seconds % daySeconds === 0) return [seconds / daySeconds, 'day'];
  if (seconds > hourSeconds && seconds % hourSeconds === 0) return [seconds / hourSeconds, 'hour'];
  return [Math.max(1, Math.floor(seconds / minuteSeconds)), 'minute'];
}
