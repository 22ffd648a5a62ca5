import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import t from 'tap';

/** They change nothing that a check depends on, though they append an event. */
const changeNoCheck = ['account-create', 'account-purge', 'audit-append'];

const read = (file: string) => readFileSync(file, 'utf8');
const sources = globSync('services/**/*.ts', { exclude: ['**/node_modules/**', '**/dist/**'] }).map(
  (file) => ({
    file,
    source: read(file),
  }),
);

t.test('whoever changes what checks depend on waits until no memory of before is left', async (t) => {
  const scripts = globSync('redis/scripts/*.lua')
    .filter((file) => read(file).includes("'XADD'"))
    .map((file) => basename(file, '.lua'));
  t.ok(scripts.length >= 12, 'the scripts are found');

  for (const script of scripts.filter((name) => !changeNoCheck.includes(name))) {
    const callers = sources.filter(({ source }) => source.includes(`'${script}'`));
    t.ok(callers.length > 0, `${script} is called`);
    for (const { file, source } of callers)
      t.match(source, 'confirmEnded(store', `${file} waits after ${script}`);
  }
});

t.test('no script ends a session or a device without an event', async (t) => {
  for (const file of globSync('redis/scripts/*.lua')) {
    const body = read(file);
    if (!/'HSET'[^)]*'state', (?:'revoked'|ARGV)/.test(body)) continue;
    t.match(body, "'XADD'", file);
  }
});
