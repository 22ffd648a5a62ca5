import { globSync, readFileSync } from 'node:fs';
import t from 'tap';
import { dialectNames } from '../../services/session/dialect-config.ts';
import { dialectsOf } from '../../services/session/dialects/dialects.ts';

const folder = 'services/session/dialects';
const documents = ['docs/dialects.md', 'README.md'].map((file) => readFileSync(file, 'utf8'));

t.test('a dialect translates: it knows no Redis, no script, and no other dialect', async (t) => {
  for (const name of dialectNames) {
    const files = globSync(`${folder}/${name}/**/*.ts`);
    t.ok(files.length > 0, name);
    for (const file of files) {
      const source = readFileSync(file, 'utf8');
      t.notMatch(source, /core\/redis\/|\.redis\b|ioredis/, file);
      const others = dialectNames.filter((other) => other !== name);
      t.notMatch(source, new RegExp(`from '(\\.\\./)+(dialects/)?(${others.join('|')})/`), file);
    }
  }
});

t.test('no two dialects share an address', async (t) => {
  const all = dialectsOf(dialectNames).flatMap(({ paths }) => paths);

  t.equal(dialectsOf(dialectNames).length, dialectNames.length, 'each name has its dialect');
  for (const path of all) {
    t.same(
      all.filter((other) => `${path}/`.startsWith(`${other}/`)),
      [path],
    );
  }
});

t.test('every dialect is told of, with its addresses, and runs the list of behaviours', async (t) => {
  for (const { name, paths, signIn } of dialectsOf(dialectNames)) {
    t.match(documents[0], `\`${name}\``, name);
    for (const path of paths) t.ok(documents[0]?.includes(`\`${path}`), `${name}: ${path}`);
    if (signIn === undefined) continue;
    t.match(readFileSync(`tests/dialects/${name}.test.ts`, 'utf8'), /runBehaviours\(/, name);
  }
});

t.test('every document is explored by the generator', async (t) => {
  for (const name of ['service', ...dialectNames]) {
    const source = readFileSync(`tests/dialects/generated-${name}.test.ts`, 'utf8');
    t.match(source, `exploreDocument(t, '${name}'`);
  }
});
