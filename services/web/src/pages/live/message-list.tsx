import { Badge, Button, Code, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import { mostMessages, type Message, type Messages } from './use-messages.ts';
import './live.css';

/** The messages that came in, newest first. Their texts are texts: nothing in them is interpreted. */
export function MessageList({ shown, count, isPaused, missed, setPaused, clear }: Messages) {
  const { t } = useTranslation('live');
  return (
    <Stack component="section" aria-labelledby="messages-title" gap="sm">
      <Group justify="space-between">
        <Title order={2} size="h3" id="messages-title">
          {t('messages.title')}
        </Title>
        <Group gap="xs">
          <Button variant="default" aria-pressed={isPaused} onClick={() => setPaused(!isPaused)}>
            {isPaused ? t('messages.resume', { count: missed }) : t('messages.pause')}
          </Button>
          <Button variant="default" onClick={clear} disabled={count === 0}>
            {t('messages.clear')}
          </Button>
        </Group>
      </Group>
      <Text c="dimmed" mih={24} role="status">
        {count === 0 ? t('messages.none') : t('messages.count', { count })}
        {count > mostMessages && ` ${t('messages.newest', { count: mostMessages })}`}
      </Text>
      <ol className="messages" aria-labelledby="messages-title">
        {shown.map((message) => (
          <MessageItem key={message.id} message={message} />
        ))}
      </ol>
    </Stack>
  );
}

const MessageItem = memo(({ message }: { message: Message }) => {
  const { t, i18n } = useTranslation('live');
  const { topic, qos, isRetained, payload, atMs } = message;
  const time = new Intl.DateTimeFormat(i18n.language, { timeStyle: 'medium' });
  return (
    <Paper component="li" withBorder p="sm">
      <Group justify="space-between" gap="xs" mb={4}>
        <Text component="span" fw={600} className="ltr wraps">
          {topic}
        </Text>
        <Group gap="xs">
          {isRetained && <Badge color="gray">{t('messages.retained')}</Badge>}
          <Text size="sm" c="dimmed">
            {t('subscribe.quality', { qos })}
          </Text>
          <Text size="sm" c="dimmed" component="time" dateTime={new Date(atMs).toISOString()}>
            {time.format(atMs)}
          </Text>
        </Group>
      </Group>
      <PayloadText message={message} />
      {payload.isCut && (
        <Text size="sm" c="dimmed" mt={4}>
          {t('messages.cut', { size: sizeText(payload.sizeBytes, i18n.language) })}
        </Text>
      )}
    </Paper>
  );
});

function PayloadText({ message: { payload } }: { message: Message }) {
  const { t } = useTranslation('live');
  if (payload.kind === 'empty') return <Text c="dimmed">({t('messages.empty')})</Text>;
  const isBinary = payload.kind === 'binary';
  return (
    <>
      {isBinary && (
        <Text size="sm" c="dimmed">
          {t('messages.binary')}
        </Text>
      )}
      <Code block className={isBinary ? 'payload ltr' : 'payload'} dir={isBinary ? 'ltr' : 'auto'}>
        {payload.text}
      </Code>
    </>
  );
}

function sizeText(sizeBytes: number, language: string): string {
  const [amount, unit] =
    sizeBytes < 1_000_000 ? [sizeBytes / 1_000, 'kilobyte'] : [sizeBytes / 1_000_000, 'megabyte'];
  return new Intl.NumberFormat(language, { style: 'unit', unit, maximumFractionDigits: 1 }).format(amount);
}
