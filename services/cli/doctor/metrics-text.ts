/** One line of a Prometheus text: a name, labels, a number. */
interface Sample {
  name: string;
  labels: Readonly<Record<string, string>>;
  value: number;
}

/** The numbers of a service at one moment. */
export interface Numbers {
  /** The sum over all samples of a name whose labels are the given ones; 0 if there is none. */
  sum(name: string, labels?: Readonly<Record<string, string>>): number;
  /** The values of one label over all samples of a name. */
  labelsOf(name: string, label: string): string[];
}

/** Reads Prometheus' text format as prom-client writes it. */
export function parseNumbers(text: string): Numbers {
  const samples = text.split('\n').flatMap(parseLine);
  return {
    sum: (name, labels = {}) =>
      samples
        .filter((sample) => sample.name === name && hasLabels(sample, labels))
        .reduce((total, { value }) => total + value, 0),
    labelsOf: (name, label) =>
      samples.filter((sample) => sample.name === name).map(({ labels }) => labels[label] ?? ''),
  };
}

function parseLine(line: string): Sample[] {
  const [, name, labels = '', value] = /^([a-zA-Z_:]\w*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  if (name === undefined) return [];
  const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)];
  const entries = pairs.map(([, label = '', text = '']) => [label, unescapeLabel(text)]);
  return [{ name, labels: Object.fromEntries(entries), value: Number(value) }];
}

function unescapeLabel(text: string): string {
  return text.replace(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character));
}

function hasLabels({ labels }: Sample, wanted: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(([label, value]) => labels[label] === value);
}
