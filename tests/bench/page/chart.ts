import { isNumber } from '../figures.ts';

/** Values by series in rows, drawn as marks on one logarithmic axis. */
export interface Chart {
  title: string;
  /** What the axis shows, with its unit. */
  axis: string;
  series: readonly Series[];
  rows: readonly { label: string; values: readonly (number | null | undefined)[] }[];
  /** A value that is drawn as a line, such as that of the base. */
  line?: { value: number; label: string };
}

/** What the marks of one colour and shape stand for. */
export interface Series {
  name: string;
  /** Which colour and shape, from 0 to 6: the same for the same system in every chart. */
  style: number;
}

const width = 860;
const labelWidth = 250;
const rightMargin = 30;
const rowHeight = 34;
const titleHeight = 34;
const legendLineHeight = 22;
const legendColumns = 3;
const axisHeight = 46;
const markSize = 5.5;

/** Of the palette of Okabe and Ito, which people with any colour vision tell apart; shapes differ as well. */
const colours = ['#888888', '#E69F00', '#009E73', '#56B4E9', '#CC79A7', '#0072B2', '#D55E00'];

/** The picture brings its own background, so that it is right on a light and on a dark page. */
const style = `
.back{fill:#ffffff}.text{fill:#24292f}.soft{fill:#57606a}.grid{stroke:#d0d7de}.line{stroke:#57606a}
@media (prefers-color-scheme:dark){.back{fill:#0d1117}.text{fill:#e6edf3}.soft{fill:#9198a1}.grid{stroke:#30363d}.line{stroke:#9198a1}}
text{font:13px system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif}.title{font-weight:600;font-size:15px}`;

/** The chart as an SVG document. A value that is missing, or not above 0, has no mark. */
export function renderChart(chart: Chart): string {
  const legendHeight = Math.ceil(chart.series.length / legendColumns) * legendLineHeight + 8;
  const top = titleHeight + legendHeight;
  const bottom = top + chart.rows.length * rowHeight;
  const height = bottom + axisHeight;
  const toX = scaleOf(chart);
  const parts = [
    `<rect class="back" width="${width}" height="${height}" rx="6"/>`,
    text(16, 24, chart.title, 'text title'),
    ...chart.series.flatMap((series, index) => legendEntry(series, index)),
    ...ticksOf(chart).flatMap((tick) => tickLine(toX(tick), { tick, top, bottom })),
    ...(chart.line ? baseLine(toX(chart.line.value), top, bottom) : []),
    ...chart.rows.flatMap(({ label, values }, index) => {
      const y = top + (index + 0.5) * rowHeight;
      return [text(labelWidth - 14, y + 4, label, 'text', 'end'), ...marksOf(chart, values, { y, toX })];
    }),
    text(
      labelWidth,
      height - 8,
      chart.line ? `${chart.axis}; line: ${chart.line.label}` : chart.axis,
      'soft',
    ),
  ];
  const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escape(chart.title)}">`;
  return `${head}\n<style>${style}</style>\n${parts.join('\n')}\n</svg>\n`;
}

/** From a value to its place on the axis, in pixels. */
function scaleOf(chart: Chart): (value: number) => number {
  const [low, high] = rangeOf(chart);
  const span = Math.log10(high) - Math.log10(low);
  const usable = width - labelWidth - rightMargin;
  return (value) => Math.round(labelWidth + ((Math.log10(value) - Math.log10(low)) / span) * usable);
}

/** Whole steps of 1, 2, 5, 10 … around all values. */
function rangeOf({ rows, line }: Chart): [low: number, high: number] {
  const values = [...rows.flatMap((row) => row.values), line?.value]
    .filter(isNumber)
    .filter((value) => value > 0);
  const low = Math.min(...values, Infinity);
  const high = Math.max(...values, 0);
  if (values.length === 0) return [0.1, 10];
  const steps = stepsBetween(low / 10, high * 10);
  const from = steps.findLast((step) => step <= low) ?? low;
  const to = steps.find((step) => step >= high) ?? high;
  return from === to ? [from / 2, to * 2] : [from, to];
}

function ticksOf(chart: Chart): number[] {
  const [low, high] = rangeOf(chart);
  const steps = stepsBetween(low, high);
  return steps.length <= 10 ? steps : steps.filter((step) => Math.abs(Math.log10(step) % 1) < 1e-9);
}

function stepsBetween(low: number, high: number): number[] {
  const steps: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    for (const factor of [1, 2, 5]) steps.push(Number(`${factor}e${power}`));
  }
  return steps.filter((step) => step >= low * 0.999 && step <= high * 1.001);
}

function legendEntry({ name, style }: Series, index: number): string[] {
  const x = 22 + (index % legendColumns) * ((width - 32) / legendColumns);
  const y = titleHeight + 10 + Math.floor(index / legendColumns) * legendLineHeight;
  return [mark(x, y, style), text(x + 14, y + 4, name, 'text')];
}

function tickLine(x: number, { tick, top, bottom }: { tick: number; top: number; bottom: number }): string[] {
  return [
    `<line class="grid" x1="${x}" x2="${x}" y1="${top}" y2="${bottom}"/>`,
    text(x, bottom + 18, tick.toLocaleString('en', { maximumFractionDigits: 6 }), 'soft', 'middle'),
  ];
}

function baseLine(x: number, top: number, bottom: number): string[] {
  return [`<line class="line" stroke-dasharray="4 3" x1="${x}" x2="${x}" y1="${top}" y2="${bottom}"/>`];
}

function marksOf(
  { series }: Chart,
  values: Chart['rows'][number]['values'],
  { y, toX }: { y: number; toX: (value: number) => number },
): string[] {
  return series.flatMap(({ style }, index) => {
    const value = values[index];
    return isNumber(value) && value > 0 ? [mark(toX(value), y, style)] : [];
  });
}

/** Circle, square, diamond, triangle and again, each style in its colour. */
function mark(x: number, y: number, style: number): string {
  const fill = `fill="${colours[style % colours.length]}"`;
  const size = markSize;
  if (style % 4 === 0) return `<circle cx="${x}" cy="${y}" r="${size}" ${fill}/>`;
  if (style % 4 === 1)
    return `<rect x="${x - size}" y="${y - size}" width="${size * 2}" height="${size * 2}" ${fill}/>`;
  if (style % 4 === 2)
    return `<path d="M${x} ${y - size - 1.5}l${size + 1.5} ${size + 1.5}l${-size - 1.5} ${size + 1.5}l${-size - 1.5} ${-size - 1.5}z" ${fill}/>`;
  return `<path d="M${x} ${y - size - 1}l${size + 1} ${size * 2}h${-2 * size - 2}z" ${fill}/>`;
}

function text(x: number, y: number, words: string, classes: string, anchor = 'start'): string {
  return `<text class="${classes}" x="${x}" y="${y}" text-anchor="${anchor}">${escape(words)}</text>`;
}

function escape(words: string): string {
  return words.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
