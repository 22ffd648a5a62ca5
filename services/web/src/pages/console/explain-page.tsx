import { Alert, Button, Group, NativeSelect, Paper, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ExplanationAnswer } from '../../../../contract/admin-rules.ts';
import { useSession } from '../../../../client/react/auth-provider.ts';
import { FormError } from '../../parts/form-error.tsx';
import { useSubmit } from '../../parts/use-submit.ts';
import { ConsolePage } from './parts/console-page.tsx';
import { Facts } from './parts/facts.tsx';
import { Moment } from '../../parts/moment.tsx';
import { useReasonText } from './parts/use-reason-text.ts';
import { Id, Name, visible } from './parts/visible-text.tsx';

const accesses = ['write', 'read', 'subscribe'] as const;
const shown = { fields: ['username', 'client_id', 'topic'] };

interface Question {
  username: string;
  client_id: string;
  topic: string;
  access: (typeof accesses)[number];
}

/** Asks what the broker would be answered now, and why. */
export function ExplainPage() {
  const { t } = useTranslation('console');
  const { session } = useSession();
  const [question, setQuestion] = useState<Question>({
    username: '',
    client_id: '',
    topic: '',
    access: 'write',
  });
  const [answer, setAnswer] = useState<{ asked: Question; said: ExplanationAnswer }>();
  const { isBusy, errors, submit } = useSubmit(async () => {
    const asked = { ...question, username: question.username.trim(), client_id: question.client_id.trim() };
    setAnswer({ asked, said: await session.call('POST', '/api/admin/explain', asked) });
  }, shown);
  const field = (name: 'username' | 'client_id' | 'topic') => ({
    label: t(`explain.${name}`),
    description: t(`explain.${name}Hint`),
    value: question[name],
    onChange: (event: { currentTarget: HTMLInputElement }) =>
      setQuestion({ ...question, [name]: event.currentTarget.value }),
    error: errors[name],
    autoComplete: 'off',
    autoCapitalize: 'none',
    spellCheck: false,
    dir: 'ltr',
    required: true,
    flex: '1 1 240px',
  });
  return (
    <ConsolePage title={t('pages.explain')} text={t('explain.text')}>
      <Paper withBorder p="md">
        <form onSubmit={submit} noValidate>
          <Stack>
            <FormError text={errors['form']} />
            <Group align="flex-end">
              <TextInput {...field('username')} maxLength={256} />
              <TextInput {...field('client_id')} maxLength={256} />
            </Group>
            <Group align="flex-end">
              <NativeSelect
                label={t('explain.access')}
                value={question.access}
                onChange={(event) =>
                  setQuestion({ ...question, access: event.currentTarget.value as Question['access'] })
                }
                data={accesses.map((value) => ({ value, label: t(`explain.accesses.${value}`) }))}
              />
              <TextInput {...field('topic')} maxLength={4096} />
            </Group>
            <Group>
              <Button
                type="submit"
                loading={isBusy}
                disabled={question.username.trim() === '' || question.topic === ''}
              >
                {t('explain.submit')}
              </Button>
            </Group>
          </Stack>
        </form>
      </Paper>
      <div role="status">{answer && <Decision {...answer} />}</div>
    </ConsolePage>
  );
}

function Decision({ asked, said }: { asked: Question; said: ExplanationAnswer }) {
  const { t } = useTranslation('console');
  const reasonText = useReasonText();
  const { granted, reason, rule, rules_version: version, session, device } = said;
  return (
    <Alert
      color={granted ? 'teal' : 'red'}
      title={granted ? t('explain.granted') : t('explain.denied')}
      className="decision"
    >
      <Stack gap="sm">
        <Text>
          <Name>{asked.username}</Name> · {t(`explain.accesses.${asked.access}`)} · <Id>{asked.topic}</Id>
        </Text>
        {reason !== undefined && (
          <Text>
            {reasonText(reason)} <Id>{reason}</Id>
          </Text>
        )}
        <Facts
          facts={[
            ...(rule
              ? [
                  [
                    t('explain.rule'),
                    <>
                      {t(`explain.holders.${rule.holder}`)} <Id>{rule.name}</Id>,{' '}
                      {t('explain.ruleNumber', { number: rule.index + 1 })}: <Id>{rule.filter}</Id>
                    </>,
                  ] as const,
                ]
              : []),
            ...(version === undefined ? [] : [[t('rules.version'), <Id>{version}</Id>] as const]),
            ...(session
              ? ([
                  [t('explain.session'), <Id>{session.id}</Id>],
                  [t('accounts.state'), <Id>{session.state}</Id>],
                  [t('accounts.roles'), session.roles.map((role) => <Id key={role}>{role}</Id>)],
                  [t('explain.accessUntil'), <Moment at={session.access_until} />],
                  ...(session.end_reason
                    ? [[t('explain.endReason'), visible(session.end_reason)] as const]
                    : []),
                ] as const)
              : []),
            ...(device
              ? ([
                  [t('clients.device'), <Id>{device.id}</Id>],
                  [t('accounts.state'), <Id>{device.state}</Id>],
                  [t('accounts.roles'), device.roles.map((role) => <Id key={role}>{role}</Id>)],
                ] as const)
              : []),
          ]}
        />
        <details>
          <summary>{t('explain.steps')}</summary>
          <ol lang="en" dir="ltr">
            {said.sentences.map((sentence) => (
              <li key={sentence} className="wrap-anywhere">
                {visible(sentence)}
              </li>
            ))}
          </ol>
        </details>
      </Stack>
    </Alert>
  );
}
