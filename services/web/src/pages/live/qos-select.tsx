import { NativeSelect } from '@mantine/core';
import { useTranslation } from 'react-i18next';

/** Quality of service of MQTT. */
export type QoS = 0 | 1 | 2;

/** Chooses the quality of service. */
export function QosSelect({ value, onChange }: { value: QoS; onChange: (value: QoS) => void }) {
  const { t } = useTranslation('live');
  const qualities = [0, 1, 2] as const;
  return (
    <NativeSelect
      label={t('qos.label')}
      value={value}
      onChange={(event) => onChange(Number(event.currentTarget.value) as QoS)}
      data={qualities.map((qos) => ({ value: String(qos), label: t(`qos.${qos}`) }))}
    />
  );
}
