import type { ReactNode } from 'react';
import type { MetricsPoint } from '../../../../../contract/admin-metrics.ts';
import type { Frame } from './frame.ts';
import { logShare, roundUp } from './scale.ts';
import { bucketsOf, percentileMs, totalOf } from './series.ts';
import { useFormat } from './use-format.ts';

interface Tick {
  y: number;
  text: string;
}

/** The title, the lines and the names of values of a row. */
function Row({
  frame,
  title,
  ticks,
  children,
}: {
  frame: Frame;
  title: string;
  ticks: readonly Tick[];
  children: ReactNode;
}) {
  const { left, top, width } = frame;
  return (
    <g>
      <text x={left} y={top - 8} className="picture-title">
        {title}
      </text>
      {ticks.map(({ y, text }) => (
        <g key={text}>
          <line x1={left} x2={left + width} y1={y} y2={y} className="picture-grid" />
          <text x={left - 6} y={y + 4} textAnchor="end" className="picture-tick">
            {text}
          </text>
        </g>
      ))}
      {children}
    </g>
  );
}

interface Bar {
  at: number;
  seconds: number;
  count: number;
}

/** Counts per second, one layer on the other. */
export function BarsRow({
  frame,
  title,
  layers,
}: {
  frame: Frame;
  title: string;
  layers: readonly { color: string; bars: readonly Bar[] }[];
}) {
  const { number } = useFormat();
  const { top, height, xAt, step } = frame;
  const heights = new Map<number, number>();
  const rate = ({ count, seconds }: Bar) => count / seconds;
  for (const { bars } of layers) {
    for (const bar of bars) heights.set(bar.at, (heights.get(bar.at) ?? 0) + rate(bar));
  }
  const most = roundUp(Math.max(0, ...heights.values()));
  const yAt = (value: number) => top + height * (1 - value / most);
  const below = new Map<number, number>();
  const paths = layers.map(({ color, bars }) => {
    const parts = bars.map((bar) => {
      const from = below.get(bar.at) ?? 0;
      const to = from + rate(bar);
      below.set(bar.at, to);
      if (to === from) return '';
      const x = xAt(bar.at) - step;
      return `M${round(x)} ${round(yAt(from))}V${round(yAt(to))}h${round(step)}V${round(yAt(from))}z`;
    });
    return { color, d: parts.join('') };
  });
  return (
    <Row
      frame={frame}
      title={title}
      ticks={[0, most / 2, most].map((value) => ({ y: yAt(value), text: number(value, 1) }))}
    >
      {paths.map(({ color, d }) => (
        <path key={color} d={d} fill={color} shapeRendering="crispEdges" />
      ))}
    </Row>
  );
}

const latencyBounds = [0.1, 1000] as const;

/** The median of the time per check, and what 99 of 100 do not exceed, on a logarithmic scale. */
export function LatencyRow({
  frame,
  title,
  points,
  stepMs,
}: {
  frame: Frame;
  title: string;
  points: readonly MetricsPoint[];
  stepMs: number;
}) {
  const { duration } = useFormat();
  const { top, height, xAt, step } = frame;
  const yAt = (ms: number) => top + height * (1 - logShare(ms, latencyBounds));
  const known = points.filter(({ checks }) => totalOf(checks) > 0);
  const line = (share: number) =>
    known
      .map(({ at, checks }, index) => {
        const y = round(yAt(percentileMs(checks, share) ?? 0));
        const x = xAt(at);
        const before = known[index - 1]?.at ?? 0;
        // A lonely value is a short line of its own.
        return at - before > 3 * stepMs ? `M${round(x - step)} ${y}H${round(x)}` : `L${round(x)} ${y}`;
      })
      .join('');
  return (
    <Row
      frame={frame}
      title={title}
      ticks={[0.1, 1, 10, 100, 1000].map((ms) => ({ y: yAt(ms), text: duration(ms) }))}
    >
      <path d={line(0.99)} className="picture-line" stroke="var(--picture-2)" />
      <path d={line(0.5)} className="picture-line" stroke="var(--picture-granted)" />
    </Row>
  );
}

const closedBounds = [1, 20_000] as const;

/** A dot for each closing, as high as it took long; bigger where there were several. */
export function ClosedRow({
  frame,
  title,
  points,
}: {
  frame: Frame;
  title: string;
  points: readonly MetricsPoint[];
}) {
  const { duration } = useFormat();
  const { top, height, xAt } = frame;
  const yAt = (ms: number) => top + height * (1 - logShare(ms, closedBounds));
  return (
    <Row
      frame={frame}
      title={title}
      ticks={[1, 10, 100, 1000, 10_000].map((ms) => ({ y: yAt(ms), text: duration(ms) }))}
    >
      {points.flatMap(({ at, closed }) =>
        bucketsOf(closed).map(({ boundMs, count }) => (
          <circle
            key={`${at} ${boundMs}`}
            cx={round(xAt(at))}
            cy={round(yAt(boundMs))}
            r={Math.min(9, 3 + Math.sqrt(count))}
            className="picture-dot"
          />
        )),
      )}
    </Row>
  );
}

function round(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}
