import { useTranslation } from 'react-i18next';

/** Numbers, times and durations in the language of the page. */
export function useFormat() {
  const { i18n } = useTranslation();
  const { language } = i18n;
  const number = (value: number, digits = 0) =>
    new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value);
  const unit = (value: number, name: string) =>
    new Intl.NumberFormat(language, {
      style: 'unit',
      unit: name,
      unitDisplay: 'short',
      maximumSignificantDigits: 2,
    }).format(value);
  const time = new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit' });
  const share = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 });
  return {
    number,
    /** Two digits are as good as the buckets are. */
    duration: (ms: number | undefined) => {
      if (ms === undefined) return '–';
      return ms < 1000 ? unit(ms, 'millisecond') : unit(ms / 1000, 'second');
    },
    minute: (atMs: number) => time.format(atMs),
    percent: (value: number) => share.format(value),
  };
}
