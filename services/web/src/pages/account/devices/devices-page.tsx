import { Button, Text } from '@mantine/core';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Static } from 'typebox';
import type { OwnDevicePage } from '../../../../../contract/native-devices.ts';
import { useSession } from '../../../../../client/react/auth-provider.ts';
import { ReadFault } from '../../../parts/read-fault.tsx';
import { AccountPage, CardsToCome } from '../parts/account-page.tsx';
import { Done } from '../parts/done.tsx';
import { liveMs } from '../parts/use-account-read.ts';
import { DeviceCard } from './device-card.tsx';

const queryKey = ['account', '/devices'];

/** The devices that belong to the account, and what their owner may do with them. */
export function DevicesPage() {
  const { t } = useTranslation('account');
  const queries = useQueryClient();
  const [done, setDone] = useState<string>();
  const pages = useDevicePages();
  const devices = pages.data?.pages.flatMap((page) => page.devices);
  const finish = async (text: string | undefined) => {
    setDone(text);
    await queries.invalidateQueries({ queryKey });
  };
  return (
    <AccountPage title={t('pages.devices')} text={t('devices.text')}>
      {pages.error && <ReadFault error={pages.error} retry={() => void pages.refetch()} />}
      {!devices && !pages.error && <CardsToCome count={2} height={150} />}
      <Done text={done} />
      {devices?.length === 0 && !pages.hasNextPage && <Text>{t('devices.none')}</Text>}
      <ul className="account-list" aria-label={t('pages.devices')}>
        {devices?.map((device) => (
          <DeviceCard key={device.id} device={device} onDone={finish} />
        ))}
      </ul>
      {pages.hasNextPage && (
        <div>
          <Button
            variant="default"
            loading={pages.isFetchingNextPage}
            onClick={() => void pages.fetchNextPage()}
          >
            {t('devices.more')}
          </Button>
        </div>
      )}
    </AccountPage>
  );
}

function useDevicePages() {
  const { session } = useSession();
  return useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam }) => {
      const query = pageParam === '' ? '' : `?cursor=${encodeURIComponent(pageParam)}`;
      return session.call<Static<typeof OwnDevicePage>>('GET', `/api/auth/devices${query}`);
    },
    initialPageParam: '',
    getNextPageParam: ({ next }) => next,
    refetchInterval: liveMs,
  });
}
