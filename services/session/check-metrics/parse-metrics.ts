/** One value of the Prometheus text format. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const sampleLine = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)(?: -?\d+)?$/;
const label = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/y;
/** As Go's ParseFloat takes them, so in any letter case: prom-client writes `Nan`. */
const number = /^[+-]?(?:\d+(?:\.\d*)?(?:e[+-]?\d+)?|inf|nan)$/i;

/**
 * The samples of the Prometheus text format, version 0.0.4, in their order. Throws a SyntaxError for anything else: an
 * answer that is half understood would be drawn as if it were true.
 */
export function parseMetrics(text: string): Sample[] {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => {
    const [, name = '', labels = '', value = ''] = sampleLine.exec(line) ?? [];
    if (name === '' || !number.test(value)) throw new SyntaxError('a line is not a Prometheus sample');
    return { name, labels: parseLabels(labels), value: Number(value.replace(/inf/i, 'Infinity')) };
  });
}

function parseLabels(text: string): Record<string, string> {
  const labels = new Map<string, string>();
  label.lastIndex = 0;
  while (label.lastIndex < text.length) {
    const [, name, value] = label.exec(text) ?? [];
    if (name === undefined || value === undefined || labels.has(name)) {
      throw new SyntaxError('the labels of a Prometheus sample are malformed');
    }
    labels.set(
      name,
      value.replaceAll(/\\(.)/g, (_all, escaped) => (escaped === 'n' ? '\n' : escaped)),
    );
  }
  return Object.fromEntries(labels);
}
