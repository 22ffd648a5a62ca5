import { useTranslation } from 'react-i18next';
import type { MetricsPoint } from '../../../../../contract/admin-metrics.ts';
import { DataTable, type Column } from '../parts/data-table.tsx';
import { minutesOf, percentileMs, totalOf, type Sums } from './series.ts';
import { useFormat } from './use-format.ts';

type Minute = { atMs: number; sums: Sums };

/** The picture as a table, a minute a row. */
export function MinutesTable({ points }: { points: readonly MetricsPoint[] }) {
  const { t } = useTranslation('console');
  const { number, duration, minute } = useFormat();
  const columns: Column<Minute>[] = [
    { name: t('picture.minute'), show: ({ atMs }) => minute(atMs) },
    { name: t('picture.granted'), show: ({ sums }) => number(sums.granted) },
    { name: t('picture.denied'), show: ({ sums }) => number(totalOf(sums.denied)) },
    { name: t('picture.median'), show: ({ sums }) => duration(percentileMs(sums.checks, 0.5)) },
    { name: t('picture.p99'), show: ({ sums }) => duration(percentileMs(sums.checks, 0.99)) },
    { name: t('picture.closed'), show: ({ sums }) => number(totalOf(sums.closed)) },
    { name: t('picture.closedMedian'), show: ({ sums }) => duration(percentileMs(sums.closed, 0.5)) },
  ];
  return (
    <DataTable
      label={t('picture.title')}
      columns={columns}
      rows={minutesOf(points)}
      keyOf={({ atMs }) => String(atMs)}
      empty={t('picture.noPoints')}
    />
  );
}
