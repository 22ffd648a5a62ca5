import { useTranslation } from 'react-i18next';

/** A time in the language of the page; a dash if there is none. `isExact`: with seconds. */
export function Moment({ at, isExact = false }: { at: string | null | undefined; isExact?: boolean }) {
  const { i18n } = useTranslation();
  if (!at) return '–';
  const timeStyle = isExact ? 'medium' : 'short';
  const format = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'medium', timeStyle });
  return (
    <time dateTime={at} title={at}>
      {format.format(new Date(at))}
    </time>
  );
}
