import { Button, Checkbox, Paper, Stack, Text, Textarea, TextInput, Title } from '@mantine/core';
import type { MqttClient } from 'mqtt';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { QosSelect, type QoS } from './qos-select.tsx';
import { isTopicName } from './topics.ts';
import { useReasonText } from './use-reason-text.ts';

/** Publishes a text, and says what the broker answered. `client` is there while it is connected. */
export function PublishForm({ client, suggestion }: { client: MqttClient | undefined; suggestion: string }) {
  const { t } = useTranslation('live');
  const [topic, setTopic] = useState(suggestion);
  const [text, setText] = useState('');
  const [qos, setQos] = useState<QoS>(1);
  const [retain, setRetain] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<{ error?: string; success?: string }>({});
  const describe = useReasonText();
  const publish = async () => {
    const asked = topic.trim();
    if (!isTopicName(asked)) return setOutcome({ error: t('publish.badTopic') });
    if (isTooLarge(client, asked, text)) return setOutcome({ error: t('publish.tooLarge') });
    setBusy(true);
    setOutcome({});
    try {
      await client?.publishAsync(asked, text, { qos, retain });
      setOutcome({ success: t(qos === 0 ? 'publish.sent' : 'publish.confirmed') });
    } catch (fault) {
      setOutcome({ error: describe(fault) });
    } finally {
      setBusy(false);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (client && !isBusy) void publish();
  };
  return (
    <Paper withBorder p="md" component="section" aria-labelledby="publish-title">
      <form onSubmit={submit} noValidate>
        <Stack>
          <Title order={2} size="h3" id="publish-title">
            {t('publish.title')}
          </Title>
          <TextInput
            label={t('publish.topic')}
            classNames={{ input: 'ltr' }}
            value={topic}
            onChange={(event) => setTopic(event.currentTarget.value)}
            error={outcome.error}
            errorProps={{ role: 'alert' }}
            autoCapitalize="none"
            autoComplete="off"
            spellCheck={false}
          />
          <Textarea
            label={t('publish.text')}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            rows={3}
            dir="auto"
          />
          <QosSelect value={qos} onChange={setQos} />
          <Checkbox
            label={t('publish.retain')}
            description={t('publish.retainHint')}
            checked={retain}
            onChange={(event) => setRetain(event.currentTarget.checked)}
          />
          <Button type="submit" loading={isBusy} disabled={!client} className="at-start">
            {t('publish.submit')}
          </Button>
          <Text size="sm" mih={22} role="status">
            {outcome.success}
          </Text>
        </Stack>
      </form>
    </Paper>
  );
}

/** The broker closes the connection over a larger packet, and MQTT.js would send it again [MQTT-3.1.2-24]. */
function isTooLarge(client: MqttClient | undefined, topic: string, text: string): boolean {
  const mostBytes = client?.serverProperties?.maximumPacketSize ?? Infinity;
  const headerBytes = 16;
  return new TextEncoder().encode(topic + text).length + headerBytes > mostBytes;
}
