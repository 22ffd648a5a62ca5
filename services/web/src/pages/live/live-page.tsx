import { SimpleGrid, Stack, Text, Title } from '@mantine/core';
import mqtt from 'mqtt';
import { useTranslation } from 'react-i18next';
import { useSession } from '../../../../client/react/auth-provider.ts';
import { useMqtt } from '../../../../client/react/use-mqtt.ts';
import { usePageTitle } from '../../parts/use-page-title.ts';
import { ConnectionState } from './connection-state.tsx';
import { MessageList } from './message-list.tsx';
import { PublishForm } from './publish-form.tsx';
import { Subscriptions } from './subscriptions.tsx';
import { useMessages } from './use-messages.ts';

/** MQTT in the browser, as the session that is signed in: subscribe, publish, and see what comes. */
export default function LivePage() {
  const { t } = useTranslation('live');
  const { state: session } = useSession();
  const { connection, state } = useMqtt(mqtt.connect);
  const messages = useMessages(connection?.client);
  usePageTitle(t('title'));
  if (session.status !== 'signed-in') return null;
  const own = `users/${session.user.username}`;
  const client = state?.status === 'connected' ? connection?.client : undefined;
  return (
    <Stack gap="lg" maw={1100}>
      <Stack gap={4}>
        <Title order={1}>{t('title')}</Title>
        <Text c="dimmed">{t('intro')}</Text>
      </Stack>
      <ConnectionState state={state} />
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        <Subscriptions client={client} suggestion={`${own}/#`} />
        <PublishForm client={client} suggestion={`${own}/hello`} />
      </SimpleGrid>
      <MessageList {...messages} />
    </Stack>
  );
}
