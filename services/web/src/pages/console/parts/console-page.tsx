import { Button, Group, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { FormError } from '../../../parts/form-error.tsx';
import { useErrorText } from '../../../parts/use-error-text.ts';
import { usePageTitle } from '../../../parts/use-page-title.ts';

/** A page of the console: its name, what can be done on it, and its content. */
export function ConsolePage({
  title,
  text,
  actions,
  children,
}: {
  title: string;
  text?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}) {
  usePageTitle(title);
  return (
    <Stack gap="md">
      <Group justify="space-between" align="flex-start">
        <div>
          <Title order={1} size="h2">
            {title}
          </Title>
          {text !== undefined && <Text c="dimmed">{text}</Text>}
        </div>
        {actions !== undefined && <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </Stack>
  );
}

/** Why something could not be read, and the way to try again. */
export function ReadFault({ error, retry }: { error: unknown; retry: () => void }) {
  const { t } = useTranslation('console');
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
