import { useElementSize } from '@mantine/hooks';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { height, left, right, rowHeight, rows, type Frame } from './frame.ts';
import { othersIn, Reasons, useReasonColors } from './reasons.tsx';
import { BarsRow, ClosedRow, LatencyRow } from './rows.tsx';
import { percentileMs, sumOf, totalOf } from './series.ts';
import { Beginning, TimeAxis } from './time-axis.tsx';
import { useFormat } from './use-format.ts';
import type { Metrics } from './use-metrics.ts';

/**
 * Four rows over one time axis, the newest at the right in every language: grants, denials by reason, time per check,
 * and time from a revocation to the closed connection.
 */
export function Picture({ metrics }: { metrics: Metrics }) {
  const { t } = useTranslation('console');
  const { ref, width } = useElementSize();
  const id = useId();
  const colorOf = useReasonColors(metrics);
  const { points, nowMs, window_ms: windowMs, step_ms: stepMs } = metrics;
  const inner = Math.max(0, width - left - right);
  const xAt = (atMs: number) => left + inner * (1 - (nowMs - atMs) / windowMs);
  const frameOf = (row: number): Frame => ({
    left,
    width: inner,
    top: rows[row] ?? 0,
    height: rowHeight,
    xAt,
    step: Math.max(1.5, (inner * stepMs) / windowMs),
  });
  const reasons = [...colorOf.keys()];
  return (
    <figure className="picture">
      <div ref={ref} className="picture-box" dir="ltr">
        {width > 0 && (
          <svg
            width={width}
            height={height}
            role="img"
            aria-labelledby={`${id}-title`}
            aria-describedby={`${id}-text`}
          >
            <title id={`${id}-title`}>{t('picture.title')}</title>
            <desc id={`${id}-text`}>
              <Summary metrics={metrics} />
            </desc>
            <BarsRow
              frame={frameOf(0)}
              title={t('picture.rows.granted')}
              layers={[
                {
                  color: 'var(--picture-granted)',
                  bars: points.map((point) => ({ ...point, count: point.granted })),
                },
              ]}
            />
            <BarsRow
              frame={frameOf(1)}
              title={t('picture.rows.denied')}
              layers={[...reasons, ''].map((reason) => ({
                color: colorOf.get(reason) ?? 'var(--picture-other)',
                bars: points.map((point) => ({
                  ...point,
                  count: reason === '' ? othersIn(point.denied, colorOf) : (point.denied[reason] ?? 0),
                })),
              }))}
            />
            <LatencyRow
              frame={frameOf(2)}
              title={t('picture.rows.latency')}
              points={points}
              stepMs={stepMs}
            />
            <ClosedRow frame={frameOf(3)} title={t('picture.rows.closed')} points={points} />
            <Beginning points={points} nowMs={nowMs} windowMs={windowMs} frame={frameOf(0)} />
            <TimeAxis nowMs={nowMs} windowMs={windowMs} xAt={xAt} />
          </svg>
        )}
      </div>
      <figcaption>
        <Lines />
        <Reasons metrics={metrics} colorOf={colorOf} />
      </figcaption>
    </figure>
  );
}

/** The same in one sentence. */
function Summary({ metrics: { points } }: { metrics: Metrics }) {
  const { t } = useTranslation('console');
  const { number, duration } = useFormat();
  const sums = sumOf(points);
  return t('picture.summary', {
    granted: number(sums.granted),
    denied: number(totalOf(sums.denied)),
    latency: duration(percentileMs(sums.checks, 0.99)),
    closed: number(totalOf(sums.closed)),
    delay: duration(percentileMs(sums.closed, 0.5)),
  });
}

/** Which line is which. */
function Lines() {
  const { t } = useTranslation('console');
  return (
    <ul className="picture-lines">
      <li>
        <span className="picture-swatch" style={{ background: 'var(--picture-2)' }} aria-hidden="true" />
        {t('picture.p99')}
      </li>
      <li>
        <span
          className="picture-swatch"
          style={{ background: 'var(--picture-granted)' }}
          aria-hidden="true"
        />
        {t('picture.median')}
      </li>
    </ul>
  );
}
