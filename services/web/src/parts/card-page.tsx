import { Paper, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { usePageTitle } from './use-page-title.ts';

/** A page with one thing to do, in the middle of the screen. */
export function CardPage({
  title,
  text,
  children,
}: {
  title: string;
  text?: ReactNode;
  children: ReactNode;
}) {
  usePageTitle(title);
  return (
    <Paper
      maw={440}
      mx="auto"
      mt={{ base: 'xs', sm: 'xl' }}
      p={{ base: 'md', sm: 'xl' }}
      withBorder
      shadow="sm"
    >
      <Stack>
        <Title order={1} size="h2">
          {title}
        </Title>
        {text !== undefined && <Text c="dimmed">{text}</Text>}
        {children}
      </Stack>
    </Paper>
  );
}
