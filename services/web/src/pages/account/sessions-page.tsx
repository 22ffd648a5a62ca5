import { Badge, Group, Paper, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SessionItem } from '../../../../contract/native.ts';
import { useSession } from '../../../../client/react/auth-provider.ts';
import { Moment } from '../../parts/moment.tsx';
import { ReadFault } from '../../parts/read-fault.tsx';
import { AccountPage, CardsToCome } from './parts/account-page.tsx';
import { ConfirmButton } from './parts/confirm-button.tsx';
import { Done } from './parts/done.tsx';
import { Fact } from './parts/fact.tsx';
import { useAccountRead } from './parts/use-account-read.ts';

/** Where the account is signed in, as it comes and goes; each other place can be ended. */
export function SessionsPage() {
  const { t } = useTranslation('account');
  const { session } = useSession();
  const queries = useQueryClient();
  const [done, setDone] = useState<string>();
  const { data, error, refetch } = useAccountRead<{ sessions: SessionItem[] }>('/sessions', { isLive: true });
  const sessions = [...(data?.sessions ?? [])].sort((a, b) => Number(b.is_current) - Number(a.is_current));
  const end = async (work: () => Promise<unknown>, text: string) => {
    setDone(undefined);
    await work();
    setDone(text);
    await queries.invalidateQueries({ queryKey: ['account', '/sessions'] });
  };
  return (
    <AccountPage title={t('pages.sessions')} text={t('sessions.text')}>
      {error && <ReadFault error={error} retry={() => void refetch()} />}
      {!data && !error && <CardsToCome count={2} height={140} />}
      <Done text={done} />
      <ul className="account-list" aria-label={t('pages.sessions')}>
        {sessions.map((item) => (
          <SessionCard
            key={item.id}
            item={item}
            onEnd={() =>
              end(() => session.call('DELETE', `/api/auth/sessions/${item.id}`), t('sessions.ended'))
            }
          />
        ))}
      </ul>
      {sessions.length > 1 && (
        <div>
          <ConfirmButton
            label={t('sessions.endOthers')}
            text={t('sessions.endOthersText')}
            size="sm"
            isHarmful
            run={() =>
              end(
                () => session.call('POST', '/api/auth/sessions/terminate-others'),
                t('sessions.othersEnded'),
              )
            }
          />
        </div>
      )}
    </AccountPage>
  );
}

function SessionCard({ item, onEnd }: { item: SessionItem; onEnd: () => Promise<void> }) {
  const { t } = useTranslation('account');
  const name = useDeviceName()(item);
  return (
    <Paper component="li" withBorder p="md" aria-label={name}>
      <Group justify="space-between" align="flex-start" mb="xs">
        <Group gap="xs">
          <Text fw={600} className="wrap-anywhere">
            {name}
          </Text>
          {item.is_current && (
            <Badge className="plain-badge" variant="light">
              {t('sessions.this')}
            </Badge>
          )}
        </Group>
        {!item.is_current && (
          <ConfirmButton
            label={t('sessions.end')}
            target={name}
            text={t('sessions.endText', { name })}
            isHarmful
            run={onEnd}
          />
        )}
      </Group>
      <dl className="account-facts">
        <Fact name={t('sessions.place')}>
          <bdi>{item.ip}</bdi>
        </Fact>
        <Fact name={t('sessions.since')}>
          <Moment at={item.created_at} />
        </Fact>
        <Fact name={t('sessions.lastSeen')}>
          <Moment at={item.last_active} />
        </Fact>
      </dl>
    </Paper>
  );
}

/** Browser and system in the words of the page; the names themselves are nobody's language. */
function useDeviceName(): (item: SessionItem) => string {
  const { t } = useTranslation('account');
  return ({ browser, system }) => {
    if (browser === 'unknown') return t('sessions.unknownDevice');
    return system === 'unknown' ? browser : t('sessions.device', { browser, system });
  };
}
