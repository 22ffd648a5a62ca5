import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mock } from 'node:test';
import t, { type Test } from 'tap';
import { readRenewalKeys } from '../../services/core/tokens/key-files.ts';
import { openKeyRing } from '../../services/core/tokens/key-ring.ts';
import { makeTestFolder } from '../support/stack.ts';
import { until } from '../support/until.ts';

const secret = Buffer.alloc(32, 7).toString('base64url');

/** A ring of renewal keys with the kids `a`, and its file. */
function openRing(t: Test) {
  const file = join(makeTestFolder(t), 'keys.json');
  const write = (...kids: string[]) => {
    writeFileSync(`${file}.new`, JSON.stringify({ keys: kids.map((kid) => ({ kid, secret })) }));
    renameSync(`${file}.new`, file);
  };
  write('a');
  const faults: string[] = [];
  const ring = openKeyRing({
    ...{ file, read: readRenewalKeys, keys: readRenewalKeys(file) },
    onFault: (error) => void faults.push((error as Error).message),
  });
  t.teardown(() => ring.close());
  ring.reload();
  const kids = () => ring.keys.map(({ kid }) => kid);
  return { file, write, ring, faults, kids };
}

t.test('a ring follows its file by itself', async (t) => {
  const { write, ring, kids } = openRing(t);
  let changes = 0;
  ring.onChange(() => (changes += 1));

  write('b', 'a');

  await until(() => changes === 1, { what: 'the change' });
  t.same(kids(), ['b', 'a']);
});

t.test('an unknown kid is looked for at once, but not by every stranger', async (t) => {
  const { write, ring } = openRing(t);
  const atMs = performance.now();
  const clock = mock.method(performance, 'now', () => atMs); // However long the next lines take.
  t.equal(ring.find('nobody'), undefined);
  write('a', 'b');

  const looks = Array.from({ length: 1000 }, () => ring.find('b'));

  clock.mock.restore();
  t.equal(looks[0], undefined, 'somebody has just made it look');
  await until(() => ring.find('b') !== undefined, { what: 'the next look' });
  t.equal(ring.find('a')?.kid, 'a');
});

for (const [what, damage] of Object.entries({
  'an empty file': (file: string) => writeFileSync(file, ''),
  'half a file': (file: string) => writeFileSync(file, '{"keys":[{"kid":"b","sec'),
  'a file without keys': (file: string) => writeFileSync(file, '{"keys":[]}'),
  'two keys of one kid': (file: string) =>
    writeFileSync(file, JSON.stringify({ keys: [{ kid: 'b', secret }, { kid: 'b', secret }] })), // prettier-ignore
  'no file': (file: string) => rmSync(file),
})) {
  t.test(`${what} leaves the keys before in force and is told once`, async (t) => {
    const { file, ring, write, faults, kids } = openRing(t);

    damage(file);
    for (let i = 0; i < 3; i += 1) ring.reload();

    t.same(kids(), ['a']);
    t.equal(ring.faults, 1);
    t.match(faults, [/keys\.json/]);
    t.notMatch(faults[0], secret);
    write('c');
    ring.reload();
    t.same(kids(), ['c'], 'and a mended file counts');
  });
}
