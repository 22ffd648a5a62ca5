import { Alert, Text } from '@mantine/core';
import type { Static } from 'typebox';
import { useTranslation } from 'react-i18next';
import type { RulesChecked } from '../../../../../contract/admin-rules.ts';
import { visible } from '../parts/visible-text.tsx';

export type Changes = Static<typeof RulesChecked>['difference'];

/** What new rules would change, holder by holder. */
export function Difference({ changes, mayApply }: { changes: Changes; mayApply: boolean }) {
  const { t } = useTranslation('console');
  if (changes.length === 0) return <Alert color="gray">{t('rules.noChange')}</Alert>;
  return (
    <Alert color="blue" title={t('rules.wouldChange')}>
      <ul className="difference ltr" lang="en">
        {changes.map(({ sign, text, lines }) => (
          <li key={text} data-sign={sign}>
            <Line sign={sign} text={text} />
            <ul>
              {lines.map((line) => (
                <li key={line.sign + line.text} data-sign={line.sign}>
                  <Line {...line} />
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
      {mayApply && (
        <Text size="sm" mt="xs">
          {t('rules.nowApply')}
        </Text>
      )}
    </Alert>
  );
}

function Line({ sign, text }: { sign: string; text: string }) {
  return (
    <span className="wrap-anywhere">
      {sign} {visible(text)}
    </span>
  );
}
