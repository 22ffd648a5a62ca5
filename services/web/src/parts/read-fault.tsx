import { Button, Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { FormError } from './form-error.tsx';
import { useErrorText } from './use-error-text.ts';

/** Why something could not be read, and the way to try again. */
export function ReadFault({ error, retry }: { error: unknown; retry: () => void }) {
  const { t } = useTranslation();
  const { describe } = useErrorText();
  return (
    <Stack align="flex-start" gap="xs">
      <FormError text={describe(error)} />
      <Button variant="default" size="compact-sm" onClick={retry}>
        {t('again')}
      </Button>
    </Stack>
  );
}
