import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import t from 'tap';

const ROOT = resolve(import.meta.dirname, '../..');

/** vectors.h of the authors' reference implementation, SipHash-2-4 with 128 bits: by length of the input. */
const published: [length: number, digest: string][] = [
  [0, 'a3817f04ba25a8e66df67214c7550293'],
  [1, 'da87c1d86b99af44347659119b22fc45'],
  [2, '8177228da4a45dc7fca38bdef60affe4'],
  [7, 'a1f1ebbed8dbc153c0b84aa61ff08239'],
  [8, '3b62a9ba6258f5610f83e264f31497b4'],
  [15, '5493e99933b0a8117e08ec0f97cfc3d9'],
  [16, '6ee2a4ca67b054bbfd3315bf85230577'],
  [31, '2939b0183223fafc1723de4f52c43d35'],
  [63, '5150d1772f50834a503e069a973fbd7c'],
];

t.test('keys are SipHash-2-4-128, however the input is cut', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'bednet-siphash-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const program = join(folder, 'siphash');
  const plugin = join(ROOT, 'mosquitto-conf/plugin');
  const sources = [join(ROOT, 'tests/support/siphash-program.c'), join(plugin, 'siphash.c')];
  execFileSync('gcc', ['-std=c11', '-D_GNU_SOURCE', '-O2', `-I${plugin}`, '-o', program, ...sources]);

  const lines = execFileSync(program, { encoding: 'utf8' }).trim().split('\n');

  const digests = new Map<string, Set<string>>();
  for (const line of lines) {
    const [length = '', digest = ''] = line.split(' ');
    digests.set(length, (digests.get(length) ?? new Set()).add(digest));
  }
  t.equal(digests.size, 64);
  for (const found of digests.values()) t.equal(found.size, 1, 'the same for each cut');
  for (const [length, digest] of published) t.strictSame(digests.get(String(length)), new Set([digest]));
});
