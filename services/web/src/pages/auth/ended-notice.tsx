import { Alert } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { EndReason } from '../../../../client/session-state.ts';
import { useEndText } from '../../parts/use-end-text.ts';

/** Says why the session is over, to somebody who did not end it here. */
export function EndedNotice({ reason }: { reason: EndReason | undefined }) {
  const { t } = useTranslation('auth');
  const describe = useEndText();
  if (reason === undefined) return null;
  const isOwnWish = reason.kind === 'signed-out';
  return (
    <Alert
      color={isOwnWish ? 'teal' : 'yellow'}
      role="status"
      title={isOwnWish ? undefined : t('ended.title')}
    >
      {describe(reason)}
    </Alert>
  );
}
