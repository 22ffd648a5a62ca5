import { globSync, readFileSync } from 'node:fs';
import t from 'tap';
import { errorCodes } from '../../services/contract/error-codes.ts';
import { denialReasons } from '../../services/core/check/reasons.ts';
import { SessionSettings } from '../../services/session/settings.ts';
import { WebhookSettings } from '../../services/webhook/config.ts';

const read = (file: string) => readFileSync(file, 'utf8');

t.test('every setting is documented with its default, and no other is', async (t) => {
  const parts: [string, string, Record<string, object>][] = [
    ['Session service', 'Webhook service', SessionSettings.properties],
    ['Webhook service', 'Command line', WebhookSettings.properties],
  ];

  for (const [title, next, properties] of parts) {
    const rows = rowsBetween(read('docs/settings.md'), `## ${title}`, `## ${next}`);
    t.same(rows.map(([name]) => name).sort(), Object.keys(properties).sort(), title);
    for (const [name, told] of rows) {
      const value = (properties[name] as { default?: unknown } | undefined)?.default;
      if (value === undefined || value === '') continue;
      t.ok(told.startsWith(`\`${String(value)}\``), `${name}: the default is ${String(value)}, not ${told}`);
    }
  }
});

t.test('every error code and every denial reason is documented, and no other is', async (t) => {
  const errors = read('docs/errors.md');
  const told = rowsBetween(errors, '## Error codes', '## Denial reasons');
  t.same(told.map(([name, status]) => [name, Number(status)]).sort(), codesAndStatus(), 'error codes');

  const reasons = rowsBetween(errors, '## Denial reasons', '\n## end');
  t.same(reasons.map(([name]) => name).sort(), Object.keys(denialReasons).sort(), 'denial reasons');
});

t.test('every command that a document shows exists', async (t) => {
  const targets = [...read('Makefile').matchAll(/^([a-z-]+):/gm)].map((match) => match[1]);
  const scripts = Object.keys((JSON.parse(read('package.json')) as { scripts: object }).scripts);

  for (const file of ['README.md', ...globSync('docs/*.md'), ...globSync('mosquitto-conf/**/*.md')]) {
    const text = read(file);
    for (const [, target] of text.matchAll(/(?:^|`)make ([a-z-]+)/gm))
      t.ok(targets.includes(target), `${file}: make ${target}`);
    for (const [, script] of text.matchAll(/npm run (?:-s )?([a-z-]+)/g)) {
      t.ok(scripts.includes(script ?? ''), `${file}: npm run ${script}`);
    }
    for (const [, path] of text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)) {
      t.ok(
        globSync(path ?? '', { cwd: file.split('/').slice(0, -1).join('/') || '.' }).length > 0,
        `${file}: ${path}`,
      );
    }
  }
});

/** The first two columns of the tables between two headings; names without their backquotes. */
function rowsBetween(text: string, from: string, to: string): [string, string][] {
  const start = text.indexOf(from);
  const end = text.indexOf(to, start);
  const section = text.slice(start, end === -1 ? undefined : end);
  return [...section.matchAll(/^\| `([A-Za-z_0-9-]+)` +\| (.*?) +\|/gm)].map((row) => [
    row[1] ?? '',
    row[2] ?? '',
  ]);
}

function codesAndStatus(): [string, number][] {
  return Object.entries(errorCodes)
    .map(([code, { status }]): [string, number] => [code, status])
    .sort();
}
