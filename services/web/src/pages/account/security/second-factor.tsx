import { Badge, Button, Group, Skeleton, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Static } from 'typebox';
import type { BackupCodesLeft } from '../../../../../contract/native-second-factor.ts';
import { BackupCodes } from '../../../parts/enrolment.tsx';
import { ReadFault } from '../../../parts/read-fault.tsx';
import { Section } from '../parts/account-page.tsx';
import { Done } from '../parts/done.tsx';
import { useAccountRead } from '../parts/use-account-read.ts';
import { EnrolHere } from './enrol-here.tsx';
import { FactorDialog, type FactorAct } from './factor-dialog.tsx';

/** Fewer backup codes than this are said to be few. */
const fewCodes = 4;

/** Whether a second factor is on, and what can be done with it. */
export function SecondFactor() {
  const { t } = useTranslation('account');
  const queries = useQueryClient();
  const { data, error, refetch } = useAccountRead<Static<typeof BackupCodesLeft>>('/2fa/backup-codes', {
    isLive: true,
  });
  const [isEnrolling, setEnrolling] = useState(false);
  const [act, setAct] = useState<FactorAct>();
  const [codes, setCodes] = useState<readonly string[]>();
  const [done, setDone] = useState<string>();
  const finish = async (text: string, fresh?: readonly string[]) => {
    setEnrolling(false);
    setAct(undefined);
    setCodes(fresh);
    setDone(text);
    await queries.invalidateQueries({ queryKey: ['account', '/2fa/backup-codes'] });
  };
  const begin = (what: () => void) => {
    setDone(undefined);
    setCodes(undefined);
    what();
  };
  return (
    <Section title={t('factor.title')} text={t('factor.text')}>
      {error && <ReadFault error={error} retry={() => void refetch()} />}
      {!data && !error && <Skeleton height={96} className="appears-late" />}
      {data && (
        <Group gap="xs">
          <Badge className="plain-badge" variant="light" color={data.enabled ? 'teal' : 'gray'}>
            {t(data.enabled ? 'factor.on' : 'factor.off')}
          </Badge>
          {data.enabled && (
            <Text size="sm" fw={data.remaining < fewCodes ? 600 : 400}>
              {t('factor.left', { count: data.remaining })}
              {data.remaining < fewCodes && ` ${t('factor.few')}`}
            </Text>
          )}
        </Group>
      )}
      <Done text={done} />
      {codes && <BackupCodes codes={codes} />}
      {isEnrolling && (
        <EnrolHere onDone={() => void finish(t('factor.enabled'))} onCancel={() => setEnrolling(false)} />
      )}
      {data && !isEnrolling && (
        <Group gap="xs">
          <Button
            variant={data.enabled ? 'default' : 'filled'}
            onClick={() => begin(() => setEnrolling(true))}
          >
            {t(data.enabled ? 'factor.replace' : 'factor.enable')}
          </Button>
          {data.enabled && (
            <>
              <Button variant="default" onClick={() => begin(() => setAct('regenerate'))}>
                {t('factor.regenerate')}
              </Button>
              <Button variant="light" color="red" onClick={() => begin(() => setAct('disable'))}>
                {t('factor.disable')}
              </Button>
            </>
          )}
        </Group>
      )}
      {act && (
        <FactorDialog
          act={act}
          onClose={() => setAct(undefined)}
          onDone={(fresh) => void finish(t(`factor.${act}Done`), fresh)}
        />
      )}
    </Section>
  );
}
