import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import t from 'tap';
import { createProgram, type Runner } from '../../services/cli/program.ts';
import { startSessionStage } from '../support/session-service.ts';

const text = readFileSync('docs/admin.md', 'utf8');
const { app } = await startSessionStage(t);

interface Described {
  paths: Record<string, Record<string, { description?: string }>>;
}

t.test('docs/admin.md has every route of the admin API with what it needs, and no other', async (t) => {
  const { paths } = app.documents.get('native')?.() as Described;
  const described = Object.entries(paths)
    .filter(([path]) => path.startsWith('/api/admin/'))
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { description = '' }]) => {
        const [, permission = ''] = /Needs the permission `([^`]+)`/.exec(description) ?? [];
        const fresh = description.includes('and a fresh sign-in') ? 'yes' : '';
        return [`${method.toUpperCase()} ${path.slice('/api/admin'.length)}`, permission, fresh];
      }),
    );

  const told = rowsOf('## Routes').map(([route = '', permission = '', fresh = '']) => [
    route,
    permission,
    fresh,
  ]);
  t.ok(described.length > 30, 'the routes are found');
  t.same(told.sort(), described.sort());
});

t.test('docs/admin.md has every command of the command line, and no other', async (t) => {
  const commands = leavesOf(createProgram('bednet', {} as Runner));

  const told = [
    ...rowsOf('## Routes').flatMap(([, , , command]) => command || []),
    ...rowsOf('## Commands').map(([command = '']) => command),
  ];
  t.same([...new Set(told)].sort(), commands.sort());
});

/** The cells of the table below a heading, without their backquotes. */
function rowsOf(heading: string): string[][] {
  const start = text.indexOf(heading);
  const section = text.slice(start, text.indexOf('\n## ', start + 1));
  return section
    .split('\n')
    .filter((line) => line.startsWith('| `') && !line.startsWith('| `bednet`'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('`', '')),
    );
}

/** The commands that do something, each with the names that lead to it. */
function leavesOf(command: Command, names: readonly string[] = []): string[] {
  if (command.commands.length === 0) return [names.join(' ')];
  return command.commands.flatMap((child) => leavesOf(child, [...names, child.name()]));
}
