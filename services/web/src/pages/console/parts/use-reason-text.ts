import { useTranslation } from 'react-i18next';

/** Says in the language of the page why a check was denied; the reason itself where there are no words for it. */
export function useReasonText(): (reason: string) => string {
  const { t, i18n } = useTranslation('console');
  return (reason) => {
    const key = `reasons.${reason}`;
    return i18n.exists(key, { ns: 'console' }) ? t(key as 'reasons.denied-by-rule') : reason;
  };
}
