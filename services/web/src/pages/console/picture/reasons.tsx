import { Group, Text } from '@mantine/core';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useReasonText } from '../parts/use-reason-text.ts';
import { Id } from '../parts/visible-text.tsx';
import { rank, sumOf, totalOf } from './series.ts';
import { useFormat } from './use-format.ts';
import type { Metrics } from './use-metrics.ts';

const mostReasons = 5;

/** A colour for each of the first reasons that came up; it keeps it as long as the page is open. */
export function useReasonColors({ points }: Metrics): ReadonlyMap<string, string> {
  const colors = useRef(new Map<string, string>());
  for (const [reason] of rank(sumOf(points).denied)) {
    const { size } = colors.current;
    if (size < mostReasons && !colors.current.has(reason)) {
      colors.current.set(reason, `var(--picture-${size + 1})`);
    }
  }
  return colors.current;
}

/** How many denials have a reason without a colour of its own. */
export function othersIn(
  denied: Readonly<Record<string, number>>,
  colorOf: ReadonlyMap<string, string>,
): number {
  return totalOf(Object.fromEntries(Object.entries(denied).filter(([reason]) => !colorOf.has(reason))));
}

/** The reasons with their colours and how often they came up. */
export function Reasons({ metrics, colorOf }: { metrics: Metrics; colorOf: ReadonlyMap<string, string> }) {
  const { t } = useTranslation('console');
  const { number } = useFormat();
  const reasonText = useReasonText();
  const ranked = rank(sumOf(metrics.points).denied);
  return (
    <>
      <Text size="sm" fw={600} mb={4}>
        {t('picture.reasons')}
      </Text>
      {ranked.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('picture.noReasons')}
        </Text>
      )}
      <ul className="picture-reasons">
        {ranked.map(([reason, count]) => (
          <li key={reason}>
            <span
              className="picture-swatch"
              style={{ background: colorOf.get(reason) ?? 'var(--picture-other)' }}
              aria-hidden="true"
            />
            <span className="tile-value">{number(count)}</span>
            <Group gap={6} wrap="wrap">
              <span>{reasonText(reason)}</span>
              <Id>{reason}</Id>
            </Group>
          </li>
        ))}
      </ul>
    </>
  );
}
