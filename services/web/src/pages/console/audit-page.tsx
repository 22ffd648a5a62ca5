import { Button, Group, NativeSelect, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Static } from 'typebox';
import type { AuditPage as Page } from '../../../../contract/admin-audit.ts';
import { useSession } from '../../../../client/react/auth-provider.ts';
import { SessionError } from '../../../../client/session-error.ts';
import { FormError } from '../../parts/form-error.tsx';
import { useSubmit } from '../../parts/use-submit.ts';
import { Actor } from './parts/actor.tsx';
import { ReadFault } from '../../parts/read-fault.tsx';
import { ConsolePage } from './parts/console-page.tsx';
import { DataTable, type Column } from './parts/data-table.tsx';
import { Moment } from '../../parts/moment.tsx';
import { MoreButton } from './parts/more-button.tsx';
import { useFilters } from './parts/use-filters.ts';
import { usePages } from './parts/use-read.ts';
import { Id, visible } from './parts/visible-text.tsx';

type Entry = Static<typeof Page>['entries'][number];

const filterNames = ['event', 'uid'] as const;
const uidPattern = /^[A-Za-z0-9_-]{22}$/;

/** What has happened, newest first, as it happens. */
export function AuditPage() {
  const { t } = useTranslation('console');
  const [{ uid, event }, set] = useFilters(filterNames);
  const isWrong = uid.trim() !== '' && !uidPattern.test(uid.trim());
  const names = Object.entries(t('events', { returnObjects: true }));
  return (
    <ConsolePage title={t('pages.audit')} actions={<ExportButton uid={isWrong ? '' : uid.trim()} />}>
      <Group align="flex-start">
        <NativeSelect
          label={t('audit.event')}
          value={event}
          onChange={(change) => set('event', change.currentTarget.value)}
          data={[
            { value: '', label: t('audit.allEvents') },
            ...names.map(([value, label]) => ({ value, label })),
          ]}
          flex="1 1 240px"
        />
        <TextInput
          label={t('audit.account')}
          value={uid}
          onChange={(change) => set('uid', change.currentTarget.value)}
          error={isWrong ? t('audit.notAnId') : undefined}
          maxLength={22}
          autoComplete="off"
          spellCheck={false}
          dir="ltr"
          flex="1 1 240px"
        />
      </Group>
      <Entries uid={isWrong ? '' : uid.trim()} event={event} />
    </ConsolePage>
  );
}

function Entries({ uid, event }: { uid: string; event: string }) {
  const { t } = useTranslation('console');
  const eventText = useEventText();
  const query = new URLSearchParams({ limit: '50', ...(uid && { uid }), ...(event && { event }) });
  const { pages, items, error, refetch } = usePages<Entry>(`/audit?${query}`, 'entries', { isLive: true });
  const columns: Column<Entry>[] = [
    { name: t('audit.at'), show: ({ at }) => <Moment at={at} isExact /> },
    { name: t('audit.what'), show: (entry) => <What entry={entry} text={eventText(entry.event)} /> },
    { name: t('audit.actor'), show: ({ actor }) => <Actor actor={actor} /> },
    { name: t('audit.about'), show: (entry) => <About entry={entry} /> },
    { name: t('sessions.ip'), show: ({ ip }) => (ip === undefined ? '–' : <Id>{ip}</Id>) },
  ];
  if (error && !items) return <ReadFault error={error} retry={() => void refetch()} />;
  return (
    <Stack>
      <DataTable
        label={t('pages.audit')}
        columns={columns}
        rows={items}
        keyOf={({ id }) => id}
        empty={t('audit.none')}
      />
      <MoreButton pages={pages} />
    </Stack>
  );
}

function What({ entry, text }: { entry: Entry; text: string }) {
  const { t } = useTranslation('console');
  return (
    <>
      {text}
      {entry.outcome === 'failure' && <span className="audit-failure"> · {t('audit.failed')}</span>}
      {entry.reason !== undefined && (
        <div className="audit-reason wrap-anywhere">{visible(entry.reason)}</div>
      )}
    </>
  );
}

function About({ entry: { uid, device } }: { entry: Entry }) {
  if (device !== undefined) return <Id>{device}</Id>;
  return uid === undefined ? '–' : <Actor actor={uid} />;
}

/** Says an event in the language of the page; its name where there are no words for it. */
function useEventText(): (event: string) => string {
  const { t, i18n } = useTranslation('console');
  return (event) => {
    const key = `events.${event}`;
    return i18n.exists(key, { ns: 'console' }) ? t(key as 'events.sign-in') : event;
  };
}

/** Saves the audit log as a file. Not by a plain link: the access token goes in a header. */
function ExportButton({ uid }: { uid: string }) {
  const { t } = useTranslation('console');
  const { session } = useSession();
  const [isDone, setDone] = useState(false);
  const { isBusy, errors, submit } = useSubmit(async () => {
    const url = URL.createObjectURL(await readExport(uid));
    const link = Object.assign(document.createElement('a'), { href: url, download: 'audit.jsonl' });
    link.click();
    URL.revokeObjectURL(url);
    setDone(true);
  });
  const readExport = async (account: string): Promise<Blob> => {
    const path = `/api/admin/audit/export${account && `?uid=${account}`}`;
    const answer = await session.fetch(path).catch((cause: unknown) => {
      throw cause instanceof SessionError ? cause : new SessionError('OFFLINE', 'no answer', { cause });
    });
    if (answer.ok) return answer.blob();
    throw new SessionError('BAD_ANSWER', 'not the audit log', { status: answer.status });
  };
  if (!session.hasPermission('audit.export')) return null;
  return (
    <Stack gap={4} align="flex-end">
      <Button variant="default" loading={isBusy} onClick={() => submit()}>
        {t('audit.export')}
      </Button>
      <FormError text={errors['form']} />
      <span role="status" className="audit-reason">
        {isDone && t('audit.exported')}
      </span>
    </Stack>
  );
}
