import { Group, Text } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useId, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useReasonText } from '../parts/use-reason-text.ts';
import { Id } from '../parts/visible-text.tsx';
import { BarsRow, ClosedRow, LatencyRow } from './rows.tsx';
import { percentileMs, rank, sumOf, totalOf } from './series.ts';
import { useFormat } from './use-format.ts';
import type { Metrics } from './use-metrics.ts';

const rowHeight = 96;
const rowStep = 136;
const titleHeight = 24;
const height = 4 * rowStep + 28;
const left = 52;
const right = 8;
const mostReasons = 5;

/** Where a row of the picture is drawn, and the time that it shows. */
export interface Frame {
  left: number;
  width: number;
  top: number;
  height: number;
  /** Where a time is, in pixels from the left. */
  xAt: (atMs: number) => number;
  /** The width of one reading. */
  step: number;
}

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
    top: row * rowStep + titleHeight,
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
            <TimeAxis nowMs={nowMs} windowMs={windowMs} xAt={xAt} />
          </svg>
        )}
      </div>
      <figcaption>
        <Reasons metrics={metrics} colorOf={colorOf} />
      </figcaption>
    </figure>
  );
}

/** A colour for each of the first reasons that came up; it keeps it as long as the page is open. */
function useReasonColors({ points }: Metrics): ReadonlyMap<string, string> {
  const colors = useRef(new Map<string, string>());
  for (const [reason] of rank(sumOf(points).denied)) {
    const { size } = colors.current;
    if (size < mostReasons && !colors.current.has(reason)) {
      colors.current.set(reason, `var(--picture-${size + 1})`);
    }
  }
  return colors.current;
}

function othersIn(denied: Readonly<Record<string, number>>, colorOf: ReadonlyMap<string, string>): number {
  return totalOf(Object.fromEntries(Object.entries(denied).filter(([reason]) => !colorOf.has(reason))));
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

const minuteMs = 60_000;

function TimeAxis({ nowMs, windowMs, xAt }: { nowMs: number; windowMs: number; xAt: Frame['xAt'] }) {
  const { minute } = useFormat();
  const every = 3 * minuteMs;
  const first = Math.ceil((nowMs - windowMs) / every) * every;
  const times = Array.from({ length: Math.ceil(windowMs / every) }, (_, index) => first + index * every);
  return times
    .filter((atMs) => atMs <= nowMs)
    .map((atMs) => (
      <g key={atMs}>
        <line
          x1={xAt(atMs)}
          x2={xAt(atMs)}
          y1={titleHeight}
          y2={4 * rowStep}
          className="picture-grid"
          strokeDasharray="2 4"
        />
        <text
          x={xAt(atMs)}
          y={4 * rowStep + 16}
          textAnchor={xAt(atMs) < left + 20 ? 'start' : nowMs - atMs < minuteMs / 2 ? 'end' : 'middle'}
          className="picture-tick"
        >
          {minute(atMs)}
        </text>
      </g>
    ));
}

/** The reasons with their colours and how often they came up. */
function Reasons({ metrics, colorOf }: { metrics: Metrics; colorOf: ReadonlyMap<string, string> }) {
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
