import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import t from 'tap';

/** Which folder of services/ may import from which (itself always). */
const mayImport: Record<string, readonly string[]> = {
  contract: [],
  core: ['contract'],
  plugins: ['contract', 'core'],
  session: ['contract', 'core', 'plugins'],
  webhook: ['contract', 'core', 'plugins'],
  cli: ['contract', 'core', 'stack'],
  stack: ['contract', 'core'],
  client: ['contract'],
  web: ['client', 'contract'],
};

const noFrameworkIn = ['contract', 'core'];
const frameworks = /^(fastify|@fastify\/|commander|prom-client|fastify-metrics)/;

t.test('every import follows the direction that the layout allows', async (t) => {
  const files = globSync('services/**/*.{ts,tsx}', { exclude: ['**/node_modules/**', '**/dist/**'] });
  t.ok(files.length > 20, 'the services are found');

  for (const file of files) {
    for (const target of importsOf(file)) {
      t.equal(faultOf(file, target), undefined, `${file} imports ${target}`);
    }
  }
});

t.test('the browser library takes nothing but types from the contract', async (t) => {
  const files = globSync('services/client/**/*.ts', { exclude: ['**/dist/**'] });
  t.ok(files.length > 10, 'the library is found');

  for (const file of files) {
    const source = readFileSync(file, 'utf8');
    const imports = [...source.matchAll(/^(import|export)\b[^;]*?from\s+'([^']+)'/gm)];
    const fromContract = imports.filter(([, , target = '']) => target.includes('/contract/'));
    for (const [statement] of fromContract) t.match(statement, /^import type /, `${file}: ${statement}`);
  }
});

t.test('nothing of the page but its table of routes knows the console, which it loads late', async (t) => {
  const files = globSync('services/web/src/**/*.{ts,tsx}');
  const others = files.filter((file) => !file.includes('/pages/console/'));
  const knowing = others.filter((file) =>
    importsOf(file).some((target) => /\/console\/routes|pages\/console/.test(target)),
  );

  t.same(knowing, ['services/web/src/app/page-routes.tsx']);
  t.match(
    readFileSync(knowing[0] ?? '', 'utf8'),
    /lazy\(\(\) => import\('\.\.\/pages\/console\/routes\.tsx'\)\)/,
  );
});

t.test('the core and the contract know neither HTTP nor the environment', async (t) => {
  for (const file of globSync(noFrameworkIn.map((folder) => `services/${folder}/**/*.ts`))) {
    const source = readFileSync(file, 'utf8');
    t.notMatch(source, /process\.env|node:https?['"]/, file);
    for (const target of importsOf(file)) t.notMatch(target, frameworks, `${file} imports ${target}`);
  }
});

function importsOf(file: string): string[] {
  const source = readFileSync(file, 'utf8');
  return [...source.matchAll(/(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g)].map((match) => match[1] ?? '');
}

function faultOf(file: string, target: string): string | undefined {
  if (!target.startsWith('.')) return undefined;
  const [top, folder] = normalize(join(dirname(file), target)).split('/');
  const [, own = ''] = file.split('/');
  if (top !== 'services' || folder === undefined) return `reaches outside services: ${top}`;
  if (folder === own || mayImport[own]?.includes(folder)) return undefined;
  return `${own} may not import ${folder}`;
}
