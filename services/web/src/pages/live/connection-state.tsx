import { Badge, Group, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { MqttState } from '../../../../client/mqtt.ts';

/** How the connection fares, in words; read out when it changes. */
export function ConnectionState({ state }: { state: MqttState | undefined }) {
  const { t } = useTranslation('live');
  const isConnected = state?.status === 'connected';
  return (
    <Group gap="xs" mih={28} role="status">
      <Text fw={600} component="span">
        {t('state.label')}
      </Text>
      <Badge color={isConnected ? 'teal' : 'gray'} tt="none" size="lg" h="auto" mih={26} className="wraps">
        {t(`state.${nameOf(state)}`)}
      </Badge>
    </Group>
  );
}

function nameOf(state: MqttState | undefined): MqttState['status'] | 'refused' {
  if (state?.status === 'waiting' && state.isRefused) return 'refused';
  return state?.status ?? 'connecting';
}
