import { useTranslation } from 'react-i18next';

/** Says in words why the broker did not do what was asked, with its reason code. */
export function useReasonText(): (error: unknown) => string {
  const { t, i18n } = useTranslation('live');
  return (error) => {
    const reason = reasonOf(error);
    if (reason === undefined) return t('reasons.closed');
    const code = `0x${reason.toString(16).padStart(2, '0')}`;
    const key = `reasons.${code}`;
    return i18n.exists(`live:${key}`)
      ? t(key as 'reasons.0x87', { code: code.toUpperCase().replace('X', 'x') })
      : t('reasons.other', { code });
  };
}

/** PUBACK and PUBREC carry their code on the error, SUBACK in the packet; a lost connection has none. */
function reasonOf(error: unknown): number | undefined {
  const { code, packet } = error as { code?: unknown; packet?: { granted?: number[] } };
  const refused = packet?.granted?.find((granted) => granted >= 0x80);
  return refused ?? (typeof code === 'number' ? code : undefined);
}
