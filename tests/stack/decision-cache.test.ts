import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import {
  counterFolderOf,
  makeCounterFolder,
  removeCounterFolder,
} from '../../services/stack/counter-folder.ts';
import { runDirAt } from '../../services/stack/run-dir.ts';
import { readStackSettings } from '../../services/stack/settings.ts';
import { stackCommands } from '../support/stack-command.ts';
import { makeTestFolder } from '../support/stack.ts';

t.test('each run folder has a counter folder of its own, for its owner only', async (t) => {
  const memory = mkdtempSync('/dev/shm/bednet-test-');
  t.teardown(() => rmSync(memory, { recursive: true }));
  const folder = counterFolderOf('/srv/one', memory);
  t.not(folder, counterFolderOf('/srv/two', memory));

  makeCounterFolder(folder);
  makeCounterFolder(folder);

  t.equal(statSync(folder).mode & 0o777, 0o700);
  removeCounterFolder(folder);
  removeCounterFolder(folder);
  t.equal(existsSync(folder), false);
});

t.test('no tmpfs, a folder that others may use and a link are refused', async (t) => {
  const memory = mkdtempSync('/dev/shm/bednet-test-');
  t.teardown(() => rmSync(memory, { recursive: true }));
  const folder = counterFolderOf('/srv/one', memory);

  for (const place of [join(memory, 'none'), makeTestFolder(t)])
    t.throws(() => makeCounterFolder(counterFolderOf('/srv/one', place)), { message: /needs a tmpfs at/ });

  mkdirSync(folder);
  chmodSync(folder, 0o777);
  t.throws(() => makeCounterFolder(folder), { message: /others may use it: remove it/ });
  removeCounterFolder(folder);
  symlinkSync(memory, folder);
  t.throws(() => makeCounterFolder(folder), { message: /others may use it: remove it/ });
});

t.test('DECISION_CACHE is on or off', async (t) => {
  t.equal(readStackSettings({}).decisionCache, false);
  t.equal(readStackSettings({ DECISION_CACHE: 'on' }).decisionCache, true);
  t.throws(() => readStackSettings({ DECISION_CACHE: '1' }), {
    message: 'DECISION_CACHE=1 is neither on nor off',
  });
});

t.test(
  'up with DECISION_CACHE=on: the broker has the file of the webhook service, and down removes it',
  async (t) => {
    const stack = stackCommands(t);
    const { counters, mosquitto } = runDirAt(stack.runDir);

    const refused = await stack.run('up', { DECISION_CACHE: 'on', NEAR_CACHE: 'off' });
    t.match(refused, { code: 1, stderr: /COUNTER_FILE needs NEAR_CACHE=on/ });
    t.equal(existsSync(counters), false, 'nothing is left');

    t.match(await stack.run('up', { DECISION_CACHE: 'on' }), { code: 0, stderr: '' });
    const file = join(counters, 'counters-1');
    t.equal(readFileSync(file).toString('latin1', 0, 8), 'BEDNETCF');
    t.match(readFileSync(join(mosquitto, 'mosquitto.conf'), 'utf8'), `\nplugin_opt_cache_file ${file}\n`);
    const log = readFileSync(runDirAt(stack.runDir).logFile('mosquitto'), 'utf8');
    t.match(log, /the counter file \S+ is used/, 'it was there when the broker looked for it');

    t.match(await stack.run('down'), { code: 0 });
    t.equal(existsSync(counters), false);
  },
);
