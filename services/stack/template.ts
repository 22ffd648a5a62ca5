import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { StackError } from './stack-error.ts';

/**
 * Writes `target` (mode 600: it may hold secrets) from the file `template`, each `${NAME}` replaced by its value.
 * Throws a StackError for a name without a value, and for a value that would start a new line of configuration.
 */
export function renderFile(
  template: string,
  target: string,
  values: Readonly<Record<string, string>>,
  appended: readonly string[] = [],
): void {
  const text = readFileSync(template, 'utf8').replace(/\$\{([A-Z0-9_]+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new StackError(`${template}: \${${name}} has no value`);
    if (/[\r\n\0]/.test(value))
      throw new StackError(`${template}: the value of \${${name}} holds a line break`);
    return value;
  });
  const draft = `${target}.new`;
  rmSync(draft, { force: true });
  writeFileSync(draft, [text, ...appended.map((line) => `${line}\n`)].join(''), { mode: 0o600 });
  renameSync(draft, target);
}
