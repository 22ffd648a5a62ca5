import { Badge, Group, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { ActivityItem } from '../../../../contract/native-activity.ts';
import { Moment } from '../../parts/moment.tsx';
import { ReadFault } from '../../parts/read-fault.tsx';
import { AccountPage, CardsToCome } from './parts/account-page.tsx';
import { useAccountRead } from './parts/use-account-read.ts';

/** What has happened to the account lately, newest first. */
export function ActivityPage() {
  const { t } = useTranslation('account');
  const { data, error, refetch } = useAccountRead<{ activity: ActivityItem[] }>('/activity', {
    isLive: true,
  });
  return (
    <AccountPage title={t('pages.activity')} text={t('activity.text')}>
      {error && <ReadFault error={error} retry={() => void refetch()} />}
      {!data && !error && <CardsToCome count={6} height={56} />}
      {data?.activity.length === 0 && <Text c="dimmed">{t('activity.none')}</Text>}
      <ul className="activity-list" aria-label={t('pages.activity')}>
        {data?.activity.map((item, index) => (
          <Entry key={`${item.at} ${item.event} ${data.activity.length - index}`} item={item} />
        ))}
      </ul>
    </AccountPage>
  );
}

function Entry({ item }: { item: ActivityItem }) {
  const { t, i18n } = useTranslation('account');
  const { event, outcome, at, by, ip, device } = item;
  const key = `account:events.${event}`;
  return (
    <li>
      <Group gap="xs">
        <Text fw={500}>{i18n.exists(key) ? t(key as 'account:events.sign-in') : event}</Text>
        {device !== null && (
          <Text component="span" size="sm" className="ltr wrap-anywhere">
            {device}
          </Text>
        )}
        {outcome === 'failure' && (
          <Badge className="plain-badge" variant="light" color="yellow">
            {t('activity.failure')}
          </Badge>
        )}
      </Group>
      <Text size="sm" c="dimmed">
        <Moment at={at} />
        {ip !== null && (
          <>
            {' · '}
            <bdi>{ip}</bdi>
          </>
        )}
        {(by === 'operator' || by === 'system') && ` · ${t(`activity.by.${by}`)}`}
      </Text>
    </li>
  );
}
