import { Alert, Button, Code, CopyButton, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

/** A secret that is shown this once. */
export function SecretOnce({ text, secret, label }: { text: ReactNode; secret: string; label: string }) {
  const { t } = useTranslation('console');
  return (
    <Alert color="teal" role="status">
      <Stack gap="xs">
        <Text size="sm">{text}</Text>
        <Group gap="xs">
          <Code className="ltr wrap-anywhere" fz="md" aria-label={label}>
            {secret}
          </Code>
          <CopyButton value={secret}>
            {({ copied, copy }) => (
              <Button variant="default" size="compact-sm" onClick={copy}>
                {copied ? t('copied') : t('copy')}
              </Button>
            )}
          </CopyButton>
        </Group>
      </Stack>
    </Alert>
  );
}
