import { Button, Paper, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useId, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { FormError } from '../../../parts/form-error.tsx';
import { useErrorText } from '../../../parts/use-error-text.ts';
import { usePageTitle } from '../../../parts/use-page-title.ts';

/** A page of the account: its name and its content. */
export function AccountPage({
  title,
  text,
  children,
}: {
  title: string;
  text?: string;
  children: ReactNode;
}) {
  usePageTitle(title);
  return (
    <Stack gap="md">
      <div>
        <Title order={1} size="h2">
          {title}
        </Title>
        {text !== undefined && <Text c="dimmed">{text}</Text>}
      </div>
      {children}
    </Stack>
  );
}

/** One matter on a page. */
export function Section({ title, text, children }: { title: string; text?: string; children: ReactNode }) {
  const id = useId();
  return (
    <Paper component="section" withBorder p={{ base: 'md', sm: 'lg' }} aria-labelledby={id}>
      <Stack gap="sm">
        <Title order={2} size="h4" id={id}>
          {title}
        </Title>
        {text !== undefined && <Text c="dimmed">{text}</Text>}
        {children}
      </Stack>
    </Paper>
  );
}

/** Why something could not be read, and the way to try again. */
export function ReadFault({ error, retry }: { error: unknown; retry: () => void }) {
  const { t } = useTranslation('account');
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

/** Holds the place of cards that are on their way. */
export function CardsToCome({ count, height }: { count: number; height: number }) {
  return (
    <Stack gap="sm" aria-busy="true" className="appears-late">
      {Array.from({ length: count }, (_, index) => (
        <Skeleton key={index} height={height} />
      ))}
    </Stack>
  );
}
