import { Button, CloseButton, Code, Group, Paper, Stack, Text, TextInput, Title } from '@mantine/core';
import type { MqttClient } from 'mqtt';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { QosSelect, type QoS } from './qos-select.tsx';
import { isTopicFilter } from './topics.ts';
import { useReasonText } from './use-reason-text.ts';

interface Subscription {
  filter: string;
  qos: number;
}

/** Subscribes to topic filters and lists them. `client` is there while it is connected. */
export function Subscriptions({
  client,
  suggestion,
}: {
  client: MqttClient | undefined;
  suggestion: string;
}) {
  const { t } = useTranslation('live');
  const [filter, setFilter] = useState(suggestion);
  const [qos, setQos] = useState<QoS>(1);
  const [error, setError] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const [list, setList] = useState<readonly Subscription[]>([]);
  const describe = useReasonText();
  const without = (gone: string) => (before: readonly Subscription[]) =>
    before.filter((one) => one.filter !== gone);
  const subscribe = async () => {
    const asked = filter.trim();
    if (!isTopicFilter(asked)) return setError(t('subscribe.badFilter'));
    setBusy(true);
    setError(undefined);
    try {
      await client?.subscribeAsync(asked, { qos });
      setList((before) => [...without(asked)(before), { filter: asked, qos }]);
    } catch (fault) {
      setError(describe(fault));
    } finally {
      setBusy(false);
    }
  };
  const unsubscribe = async (gone: string) => {
    // Lost with the connection: MQTT.js has forgotten the filter by then, so it does not come back.
    await client?.unsubscribeAsync(gone).catch(() => {});
    setList(without(gone));
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (client && !isBusy) void subscribe();
  };
  return (
    <Paper withBorder p="md" component="section" aria-labelledby="subscribe-title">
      <form onSubmit={submit} noValidate>
        <Stack>
          <Title order={2} size="h3" id="subscribe-title">
            {t('subscribe.title')}
          </Title>
          <TextInput
            label={t('subscribe.filter')}
            description={t('subscribe.filterHint')}
            classNames={{ input: 'ltr' }}
            value={filter}
            onChange={(event) => setFilter(event.currentTarget.value)}
            error={error}
            errorProps={{ role: 'alert' }}
            autoCapitalize="none"
            autoComplete="off"
            spellCheck={false}
          />
          <QosSelect value={qos} onChange={setQos} />
          <Button type="submit" loading={isBusy} disabled={!client} className="at-start">
            {t('subscribe.submit')}
          </Button>
          <Title order={3} size="h5">
            {t('subscribe.list')}
          </Title>
          {list.length === 0 && <Text c="dimmed">{t('subscribe.none')}</Text>}
          <Stack gap={4}>
            {list.map((one) => (
              <Group key={one.filter} justify="space-between" wrap="nowrap">
                <Code className="ltr wraps">{one.filter}</Code>
                <Group gap="xs" wrap="nowrap">
                  <Text size="sm">{t('subscribe.quality', { qos: one.qos })}</Text>
                  <CloseButton
                    aria-label={t('subscribe.remove', { filter: one.filter })}
                    onClick={() => void unsubscribe(one.filter)}
                  />
                </Group>
              </Group>
            ))}
          </Stack>
        </Stack>
      </form>
    </Paper>
  );
}
