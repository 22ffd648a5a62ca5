const mostRanges = 16;
const languages = ['en', 'ar', 'fr'] as const;
type Language = (typeof languages)[number];

/** The language of mails that an Accept-Language header prefers (RFC 9110 12.5.4); English if it names none of ours. */
export function preferredLanguage(header: string | undefined): Language {
  const ranges = (header ?? '').split(',', mostRanges).map((range, order) => {
    const [tag = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? '1';
    return { language: tag.split('-', 1)[0], quality: Number(quality) || 0, order };
  });
  const [best] = ranges
    .filter(({ quality }) => quality > 0)
    .flatMap((range) => languages.filter((own) => own === range.language).map((own) => ({ ...range, own })))
    .sort((a, b) => b.quality - a.quality || a.order - b.order);
  return best?.own ?? 'en';
}
