import { Alert, Button, Group, Stack, Text, Textarea } from '@mantine/core';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Static } from 'typebox';
import type { RulesChecked } from '../../../../../contract/admin-rules.ts';
import { useSession } from '../../../../../client/react/auth-provider.ts';
import { SessionError } from '../../../../../client/session-error.ts';
import { FormError } from '../../../parts/form-error.tsx';
import { useStepUp } from '../../../parts/use-step-up.tsx';
import { useSubmit } from '../../../parts/use-submit.ts';
import { useNotice } from '../parts/notice.tsx';
import { Difference, type Changes } from './difference.tsx';
import type { RulesInForce } from './rules-page.tsx';
import { readRules, type TextFault } from './rules-text.ts';

type Finding = { faults: TextFault[] } | { difference: Changes; document: object };

/** The rules as a text: to change, to check, and, once it is seen what would change, to put in force. */
export function RulesEditor({
  inForce,
  readAgain,
}: {
  inForce: RulesInForce;
  readAgain: () => Promise<void>;
}) {
  const { t } = useTranslation('console');
  const { session } = useSession();
  const stepUp = useStepUp();
  const tell = useNotice();
  const area = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(inForce.text);
  const [finding, setFinding] = useState<Finding>();
  const [isStale, setStale] = useState(false);

  const check = useSubmit(async () => setFinding(await find()));
  const apply = useSubmit(async () => {
    if (!finding || !('document' in finding)) return;
    try {
      await stepUp(() => session.call('PUT', '/api/admin/rules', finding.document));
    } catch (error) {
      if (!(error instanceof SessionError) || error.code !== 'RES_RULES_CHANGED') throw error;
      setStale(true);
      return;
    }
    tell(t('rules.applied'));
    await readAgain();
  });

  /** What the server says of the text, which changes nothing. */
  async function find(): Promise<Finding> {
    const read = await readRules(text);
    if ('faults' in read) return read;
    const document = { ...read.value, version: inForce.version };
    const checked = await session.call<Static<typeof RulesChecked>>(
      'POST',
      '/api/admin/rules/check',
      document,
    );
    if (checked.ok) return { difference: checked.difference, document };
    return { faults: checked.faults.map((fault) => ({ line: read.lineOf(fault), text: fault })) };
  }

  const change = (value: string) => {
    setText(value);
    setFinding(undefined);
    check.clear();
    apply.clear();
  };
  const mayWrite = session.hasPermission('rules.write');
  const faults = finding && 'faults' in finding ? finding.faults : undefined;
  const difference = finding && 'difference' in finding ? finding.difference : undefined;
  return (
    <Stack>
      {isStale && (
        <Alert color="yellow" role="alert" title={t('rules.changedTitle')}>
          <Stack gap="xs" align="flex-start">
            {t('rules.changedText')}
            <Button variant="default" size="compact-sm" onClick={() => void readAgain()}>
              {t('rules.readAgain')}
            </Button>
          </Stack>
        </Alert>
      )}
      <Textarea
        ref={area}
        className="rules-text"
        label={t('rules.label')}
        description={mayWrite ? t('rules.hint') : t('rules.readOnly')}
        value={text}
        onChange={(event) => change(event.currentTarget.value)}
        rows={22}
        resize="vertical"
        spellCheck={false}
        autoCapitalize="none"
        autoComplete="off"
        lang="en"
        dir="ltr"
        aria-invalid={faults !== undefined}
        aria-describedby={faults ? 'rules-faults' : undefined}
      />
      <Group>
        <Button variant="default" loading={check.isBusy} onClick={() => check.submit()}>
          {t('rules.check')}
        </Button>
        {mayWrite && (
          <Button
            color="red"
            loading={apply.isBusy}
            disabled={!difference || difference.length === 0 || isStale}
            onClick={() => apply.submit()}
          >
            {t('rules.apply')}
          </Button>
        )}
        <Button variant="subtle" disabled={text === inForce.text} onClick={() => change(inForce.text)}>
          {t('rules.undo')}
        </Button>
      </Group>
      <FormError text={check.errors['form'] ?? apply.errors['form']} />
      <div role="status" id="rules-faults">
        {faults && <Faults faults={faults} goTo={(line) => goToLine(area.current, line)} />}
        {difference && <Difference changes={difference} mayApply={mayWrite} />}
      </div>
    </Stack>
  );
}

function Faults({ faults, goTo }: { faults: readonly TextFault[]; goTo: (line: number) => void }) {
  const { t } = useTranslation('console');
  return (
    <Alert color="red" title={t('rules.faults', { count: faults.length })}>
      <Stack gap={4} align="flex-start">
        {faults.map(({ line, text }, index) => (
          <Group key={index} gap="xs" wrap="nowrap" align="baseline">
            <Button variant="default" size="compact-sm" onClick={() => goTo(line)}>
              {t('rules.line', { line })}
            </Button>
            <Text size="sm" className="ltr wrap-anywhere" lang="en">
              {text}
            </Text>
          </Group>
        ))}
      </Stack>
    </Alert>
  );
}

/** Puts the cursor on a line of the text, and the keyboard with it. */
function goToLine(area: HTMLTextAreaElement | null, line: number): void {
  if (!area) return;
  const lines = area.value.split('\n');
  const start = lines.slice(0, line - 1).reduce((sum, { length }) => sum + length + 1, 0);
  area.focus();
  area.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
  area.scrollTop = Math.max(0, (area.scrollHeight / lines.length) * (line - 4));
}
