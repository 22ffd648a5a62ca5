import { useTranslation } from 'react-i18next';
import { SessionError } from '../../../client/session-error.ts';

/** Says in the language of the page what went wrong. */
export function useErrorText(): {
  describe(error: unknown): string;
  fieldIn(error: unknown, fieldOf: Readonly<Record<string, string>>): string;
} {
  const { t, i18n } = useTranslation();
  return {
    describe: (error) => {
      if (!(error instanceof SessionError)) throw error;
      const { code, retryAfterSeconds } = error;
      const known = i18n.exists(`errors.${code}`);
      const text = known ? t(`errors.${code}` as 'errors.OFFLINE') : t('errors.other', { code });
      const wait =
        retryAfterSeconds === undefined || retryAfterSeconds < 2 ? '' : ` ${waitText(retryAfterSeconds)}`;
      return text + wait;
    },
    fieldIn: (error, fieldOf) =>
      error instanceof SessionError ? (fieldOf[error.code] ?? error.field ?? 'form') : 'form',
  };

  function waitText(seconds: number): string {
    return seconds < 90
      ? t('errors.waitSeconds', { count: Math.ceil(seconds) })
      : t('errors.waitMinutes', { count: Math.ceil(seconds / 60) });
  }
}
