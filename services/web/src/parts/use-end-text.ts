import { useTranslation } from 'react-i18next';
import type { EndReason } from '../../../client/session-state.ts';

/** Says in the language of the page how a session ended: by whom, why, and when. */
export function useEndText(): (reason: EndReason) => string {
  const { t, i18n } = useTranslation();
  return (reason) => {
    if (reason.kind !== 'revoked') return t(`ended.${reason.kind}`);
    const { ended } = reason;
    if (!ended) return t('ended.revoked');
    const key = `ended.reasons.${ended.reason}`;
    const why = i18n.exists(key) ? t(key as 'ended.reasons.reuse') : t(`ended.by.${ended.by}`);
    const time = new Intl.DateTimeFormat(i18n.language, { timeStyle: 'short', dateStyle: 'medium' });
    return `${why} ${t('ended.at', { time: time.format(new Date(ended.at)) })}`;
  };
}
