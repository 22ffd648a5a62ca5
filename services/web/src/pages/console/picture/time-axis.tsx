import { useTranslation } from 'react-i18next';
import { axisTop, left, rowHeight, rows, type Frame } from './frame.ts';
import { useFormat } from './use-format.ts';
import type { Metrics } from './use-metrics.ts';

const minuteMs = 60_000;
/** A time of day with some room around it, in pixels. */
const tickWidth = 80;

/** The times of day below the rows, and where they are in each. */
export function TimeAxis({ nowMs, windowMs, xAt }: { nowMs: number; windowMs: number; xAt: Frame['xAt'] }) {
  const { minute } = useFormat();
  const perMinute = xAt(minuteMs) - xAt(0);
  const every = ([1, 3, 5, 15].find((minutes) => minutes * perMinute >= tickWidth) ?? 15) * minuteMs;
  const first = Math.ceil((nowMs - windowMs) / every) * every;
  const times = Array.from({ length: Math.ceil(windowMs / every) }, (_, index) => first + index * every);
  return times
    .filter((atMs) => atMs <= nowMs)
    .map((atMs) => (
      <g key={atMs}>
        <path d={rows.map((top) => `M${xAt(atMs)} ${top}v${rowHeight}`).join('')} className="picture-time" />
        <text x={xAt(atMs)} y={axisTop + 16} textAnchor={anchorAt(xAt(atMs))} className="picture-tick">
          {minute(atMs)}
        </text>
      </g>
    ));

  /** A time at an edge stays inside the picture. */
  function anchorAt(x: number): 'start' | 'middle' | 'end' {
    if (x < left + tickWidth / 3) return 'start';
    return xAt(nowMs) - x < tickWidth / 3 ? 'end' : 'middle';
  }
}

/** Where nothing was counted because nobody watched, the picture says so. */
export function Beginning({
  points,
  nowMs,
  windowMs,
  frame,
}: Pick<Metrics, 'points' | 'nowMs'> & { windowMs: number; frame: Frame }) {
  const { t } = useTranslation('console');
  const first = points[0]?.at ?? nowMs;
  if (nowMs - first > windowMs / 2) return null;
  return (
    <text x={frame.left + 8} y={frame.top + frame.height / 2 + 16} className="picture-tick">
      {t('picture.beginning')}
    </text>
  );
}
