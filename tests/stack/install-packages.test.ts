import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import t, { type Test } from 'tap';
import { makeTestFolder } from '../support/stack.ts';

const script = resolve(import.meta.dirname, '../../services/stack/install-packages');
const isRoot = process.getuid?.() === 0;

t.test('nothing is called when every package is there', async (t) => {
  const machine = machineWith(t, { installed: ['mosquitto', 'libcjson-dev:amd64'], uid: 1000 });

  const result = machine.install('mosquitto', 'libcjson-dev');

  t.match(result, { status: 0, stdout: '', stderr: '' });
  t.same(machine.calls(), []);
});

t.test('an ordinary user is told in one line what to install', async (t) => {
  const machine = machineWith(t, { installed: ['gcc'], uid: 1000 });

  const result = machine.install('gcc', 'mosquitto', 'redis-server');

  t.equal(result.status, 1);
  t.equal(
    result.stderr,
    'bednet: Debian packages are missing: sudo apt-get install mosquitto redis-server\n',
  );
  t.same(machine.calls(), []);
});

t.test('root gets the missing ones only', { skip: isRoot ? false : 'needs root' }, async (t) => {
  const machine = machineWith(t, { installed: ['gcc', 'redis-tools'], uid: 0 });

  const result = machine.install('gcc', 'mosquitto', 'redis');

  t.equal(result.status, 0, result.stderr);
  t.same(machine.calls(), ['update -qq', 'install -y -qq --no-install-recommends mosquitto redis']);
});

t.test('on a machine without dpkg nothing is checked', async (t) => {
  const machine = machineWith(t, { uid: 1000 });

  t.match(machine.install('mosquitto'), { status: 0, stdout: '', stderr: '' });
});

/** A folder with stand-ins for Debian's tools as the whole PATH, beside what the script itself needs. */
function machineWith(t: Test, { installed, uid }: { installed?: string[]; uid: number }) {
  const folder = makeTestFolder(t);
  const log = join(folder, 'calls');
  const tools: Record<string, string> = {
    id: `echo ${uid}`,
    'apt-get': `echo "$@" >> ${log}`,
    systemctl: 'true',
    grep: 'exec /bin/grep "$@"',
    rm: 'exec /bin/rm "$@"',
    chmod: 'exec /bin/chmod "$@"',
  };
  if (installed) tools['dpkg-query'] = `printf 'installed %s\\n' ${installed.join(' ')}; exit 1`;
  for (const [name, body] of Object.entries(tools)) {
    writeFileSync(join(folder, name), `#!/bin/bash\n${body}\n`, { mode: 0o755 });
  }
  return {
    install: (...packages: string[]) =>
      spawnSync('/bin/bash', [script, ...packages], { env: { PATH: folder }, encoding: 'utf8' }),
    calls: () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []),
  };
}
