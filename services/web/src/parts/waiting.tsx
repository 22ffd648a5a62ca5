import { Center, Loader, Stack, Text } from '@mantine/core';
import { useTimeout } from '@mantine/hooks';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '../../../client/react/auth-provider.ts';

/** Longer than a blink: a shorter wait shows nothing. */
const blinkMs = 250;
const longMs = 4_000;

/** Shown while a page or the session is on its way; says so when the server can't be reached. */
export function Waiting() {
  const { state } = useSession();
  const { t } = useTranslation();
  const isShown = useHasPassed(blinkMs);
  const isLong = useHasPassed(longMs);
  if (!isShown) return null;
  return (
    <Center mih={240} role="status">
      <Stack align="center">
        <Loader aria-label={t('waiting')} />
        {isLong && state.status === 'starting' && <Text c="dimmed">{t('offline.starting')}</Text>}
      </Stack>
    </Center>
  );
}

function useHasPassed(delayMs: number): boolean {
  const [hasPassed, setPassed] = useState(false);
  useTimeout(() => setPassed(true), delayMs, { autoInvoke: true });
  return hasPassed;
}
