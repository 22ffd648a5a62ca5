import { Button, Stack } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '../../../../../client/react/auth-provider.ts';
import { Enrolment, type EnrolmentSecrets } from '../../../parts/enrolment.tsx';
import { useStepUp } from '../../../parts/use-step-up.tsx';

/** Sets up an authenticator for the signed-in account, in place of the one before. */
export function EnrolHere({ onDone, onCancel }: { onDone: () => void; onCancel: () => void }) {
  const { t } = useTranslation('account');
  const { session } = useSession();
  const stepUp = useStepUp();
  const start = useRef<HTMLDivElement>(null);
  useEffect(() => start.current?.focus(), []);
  return (
    <Stack ref={start} tabIndex={-1} className="enrolment">
      <Enrolment
        begin={() => stepUp(() => session.call<EnrolmentSecrets>('POST', '/api/auth/2fa/enable'))}
        confirm={async (code) => {
          await session.call('POST', '/api/auth/2fa/verify', { code });
          onDone();
        }}
      />
      <Button variant="default" onClick={onCancel}>
        {t('common:dialog.cancel')}
      </Button>
    </Stack>
  );
}
