import type { LetterContent } from './templates/phrasebook.ts';

/** All that stands in one letter. */
export interface LetterPage {
  language: string;
  direction: 'ltr' | 'rtl';
  greeting: string;
  content: LetterContent;
  footer: string;
}

/** The plain-text part: a link stands on a line of its own, so that mail programs find it. */
export function renderText({ greeting, content, footer }: LetterPage): string {
  const facts = content.facts?.map(([label, value]) => `${label}: ${value}`).join('\n');
  const action = content.action && `${content.action.label}:\n${content.action.url}`;
  const blocks = [
    greeting,
    content.opening,
    content.code,
    facts,
    action,
    ...content.closing,
    `-- \n${footer}`,
  ];
  return `${blocks.filter((block) => block !== undefined).join('\n\n')}\n`;
}

/**
 * The HTML part, with every text escaped; no picture, script or style sheet is loaded. Language and direction are on
 * an element of the body as well, for mail programs that throw `<html>` away.
 */
export function renderHtml({ language, direction, greeting, content, footer }: LetterPage): string {
  const where = `lang="${language}" dir="${direction}"`;
  const blocks = [
    paragraph(greeting),
    paragraph(content.opening),
    content.code && `<p dir="ltr" style="font-size:28px;letter-spacing:4px">${escapeHtml(content.code)}</p>`,
    content.facts && `<ul>${content.facts.map(fact).join('')}</ul>`,
    content.action && action(content.action),
    ...content.closing.map(paragraph),
    `<hr>\n<p style="color:#555555;font-size:13px">${escapeHtml(footer)}</p>`,
  ];
  return [
    `<!doctype html>\n<html ${where}>`,
    `<head><meta charset="utf-8"><title>${escapeHtml(content.subject)}</title></head>`,
    `<body>\n<div ${where} style="font-family:sans-serif;font-size:16px;max-width:36em;text-align:start">`,
    ...blocks.filter((block) => block !== undefined),
    '</div>\n</body>\n</html>\n',
  ].join('\n');
}

/** Text as HTML shows it, in an element or between quotes of an attribute. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

function paragraph(text: string): string {
  return `<p>${escapeHtml(text)}</p>`;
}

function fact([label, value]: readonly [string, string]): string {
  return `<li>${escapeHtml(label)}: <bdi>${escapeHtml(value)}</bdi></li>`;
}

/** A link with its address in sight, for readers who check it or can't click. */
function action({ label, url }: { label: string; url: string }): string {
  const address = escapeHtml(url);
  return (
    `<p><a href="${address}"><strong>${escapeHtml(label)}</strong></a></p>\n` +
    `<p dir="ltr" style="font-size:13px;word-break:break-all">${address}</p>`
  );
}
