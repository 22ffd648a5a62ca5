import {
  chmodSync,
  chownSync,
  closeSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  statfsSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import t from 'tap';
import { startBroker, startRefusedBroker, waitUntil } from '../support/broker-process.ts';
import { grantWithOffer, openCacheStage } from '../support/cache-stage.ts';
import { createCounterFile, keepRenewing, makeMemoryFolder } from '../support/counter-file.ts';
import { publish, signIn } from '../support/mqtt-outcomes.ts';
import { openPluginStage, pluginOptions } from '../support/plugin-stage.ts';

const HEADER_BYTES = 128;
const TMPFS = 0x01021994;
const NOBODY = 65_534;
const IS_ROOT = process.getuid?.() === 0;

interface Attack {
  name: string;
  /** What is done to a file of 1024 slots; `aside` is a free path beside it. */
  act: (path: string, aside: string) => void;
  fault: RegExp;
}

/** In place and at once: a broker that looks meanwhile finds the file before or after it. */
const patch = (offset: number, bytes: Buffer) => (path: string) => {
  const file = openSync(path, 'r+');
  writeSync(file, bytes, 0, bytes.length, offset);
  closeSync(file);
};

const word = (value: bigint) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
};

/** Puts something else in the file's place. */
const replace = (make: (aside: string, path: string) => void) => (path: string, aside: string) => {
  make(aside, path);
  unlinkSync(path);
  renameSync(aside, path);
};

const slotFault = /its slot count is no power of two from 1024 to 4194304$/;
const sizeFault = /its size is not that of its slots$/;

const attacks: Attack[] = [
  { name: 'truncated to nothing', act: (path) => truncateSync(path, 0), fault: /it is no counter file$/ },
  { name: 'truncated within its header', act: (path) => truncateSync(path, 40), fault: /no counter file$/ },
  { name: 'truncated to its header', act: (path) => truncateSync(path, HEADER_BYTES), fault: sizeFault },
  { name: 'truncated to half', act: (path) => truncateSync(path, 4096), fault: sizeFault },
  {
    name: 'one byte short',
    act: (path) => truncateSync(path, HEADER_BYTES + 8 * 1024 - 1),
    fault: sizeFault,
  },
  { name: 'grown by a slot', act: (path) => truncateSync(path, HEADER_BYTES + 8 * 1025), fault: sizeFault },
  { name: 'truncated and filled with zeros', act: (path) => zeros(path), fault: /it is no counter file$/ },
  { name: 'another magic', act: patch(0, Buffer.from('BEDNETCG')), fault: /it is no counter file$/ },
  { name: 'layout version 2', act: patch(8, Buffer.from([2])), fault: /its layout version is not 1$/ },
  { name: 'a longer header', act: patch(12, Buffer.from([136])), fault: /its layout version is not 1$/ },
  { name: 'epoch 0', act: patch(16, word(0n)), fault: /its epoch is 0$/ },
  { name: 'no slots', act: patch(24, word(0n)), fault: slotFault },
  { name: 'too few slots', act: patch(24, word(512n)), fault: slotFault },
  { name: '1000 slots', act: patch(24, word(1000n)), fault: slotFault },
  { name: 'too many slots', act: patch(24, word(8_388_608n)), fault: slotFault },
  { name: 'slots that overflow the size', act: patch(24, word(1n << 61n)), fault: slotFault },
  { name: 'more slots than bytes', act: patch(24, word(2048n)), fault: sizeFault },
  { name: 'no lease', act: patch(32, word(0n)), fault: /its lease is not within 10 s$/ },
  {
    name: 'a lease over 10 s',
    act: patch(32, word(10_000_000_001n)),
    fault: /its lease is not within 10 s$/,
  },
  {
    name: 'a deadline beyond the lease',
    act: patch(64, word(1n << 62n)),
    fault: /its deadline lies further ahead than its lease: does the webhook run by another clock\?$/,
  },
  { name: 'writable by all', act: (path) => chmodSync(path, 0o646), fault: /others .* may write to it$/ },
  { name: 'writable by its group', act: (path) => chmodSync(path, 0o664), fault: /may write to it$/ },
  { name: 'of another user', act: (path) => chownSync(path, NOBODY, NOBODY), fault: /it belongs neither/ },
  {
    name: 'a symbolic link',
    act: replace((aside, path) => (copyFileSync(path, `${path}.real`), symlinkSync(`${path}.real`, aside))),
    fault: /it is a symbolic link$/,
  },
  {
    name: 'a FIFO',
    act: replace((aside) => execFileSync('mkfifo', [aside])),
    fault: /it is no regular file$/,
  },
  {
    name: 'a folder',
    act: replace((aside) => mkdirSync(aside)),
    fault: /it is no regular file$/,
  },
  { name: 'an empty file', act: replace((aside) => writeFileSync(aside, '')), fault: /no counter file$/ },
];

function zeros(path: string): void {
  truncateSync(path, 0);
  truncateSync(path, HEADER_BYTES + 8 * 1024);
}

t.jobs = 6; // most of their time the tests wait for the broker's next look at its files, once a second

for (const { name, act, fault } of attacks) {
  const skip = name === 'of another user' && !IS_ROOT && 'needs root';

  t.test(`at start, ${name}: the broker does not start`, { skip }, async (t) => {
    const folder = makeMemoryFolder(t);
    const file = createCounterFile(t, { path: `${folder}/counters` });
    act(file.path, `${folder}/aside`);

    const { code, pluginLines } = await startRefusedBroker({
      plugin: pluginOptions(8081, { cache_file: file.path }),
    });

    t.ok(code > 0);
    t.match(pluginLines.at(-1), fault);
    t.match(pluginLines.at(-1), `the counter file ${file.path} is not used: `);
  });

  t.test(
    `while the broker runs, ${name}: it lives, asks, and takes a right file again`,
    { skip },
    async (t) => {
      const { broker, file, folder, webhook, countAsked, stopRenewing, ...stage } = await openCacheStage(t);
      const client = await stage.signIn();
      await publish(client, 'a/b', 1);
      t.equal(await countAsked(() => publish(client, 'a/b', 1)), 0);
      stopRenewing();

      act(file.path, `${folder}/aside`);
      await waitUntilAsked();
      await broker.waitForLog(/bednet: the counter file \S+ is not used: (?!it is missing)/);
      for (let i = 0; i < 3; i++) t.equal(await countAsked(() => publish(client, 'a/b', 1)), 1);
      const told = broker
        .pluginLines()
        .filter((line) => line.includes(`${file.path} is not used: `))
        .filter((line) => !line.endsWith('it is missing')); // as it is while it is replaced
      t.match(told, [fault]);

      rmSync(file.path, { recursive: true });
      const successor = createCounterFile(t, { path: file.path });
      keepRenewing(t, successor);
      webhook.answerWith((request) => grantWithOffer(successor, request));
      await waitUntilGranted();

      async function waitUntilAsked() {
        while ((await countAsked(() => publishOnce())) === 0);
      }
      async function waitUntilGranted() {
        while ((await countAsked(() => publishOnce())) > 0);
      }
      async function publishOnce() {
        const events = await publish(client, 'a/b', 1);
        if (events[0] !== 'puback 16') throw new Error(`The broker answered ${events.join()}`);
      }
    },
  );
}

t.test('truncating the file never kills the broker, whichever slot is read', async (t) => {
  const { broker, file, countAsked, ...stage } = await openCacheStage(t);
  const client = await stage.signIn();
  await publish(client, 'a/b', 1);
  for (let i = 0; i < 20; i++) {
    truncateSync(file.path, 0);
    truncateSync(file.path, i % 2 ? 0 : HEADER_BYTES + 8 * 1024);
    t.strictSame(await publish(client, 'a/b', 1), ['puback 16']);
  }
  t.ok((await countAsked(() => publish(client, 'a/b', 1))) === 1);
  process.kill(broker.pid, 0);
});

t.test('a deleted file is given up', async (t) => {
  const { broker, file, countAsked, ...stage } = await openCacheStage(t);
  const client = await stage.signIn();
  await publish(client, 'a/b', 1);

  unlinkSync(file.path);

  await broker.waitForLog(/bednet: the counter file \S+ is not used: it is missing\n/);
  t.equal(await countAsked(() => publish(client, 'a/b', 1)), 1);
});

t.test('a file that is missing at start is taken when it comes', async (t) => {
  const folder = makeMemoryFolder(t);
  const path = `${folder}/later`;
  const { broker, webhook } = await openPluginStage(t, { plugin: { cache_file: path } });
  t.equal(broker.pluginLines().at(-1), `the counter file ${path} is not used: it is missing`);

  const file = createCounterFile(t, { path });
  keepRenewing(t, file);
  await broker.waitForLog(/bednet: the counter file \S+ is used: 1024 slots/);

  webhook.answerWith((request) => grantWithOffer(file, request));
  const client = await signIn({ port: broker.port, clientId: 'c', username: 'u', password: 'p' });
  for (let i = 0; i < 3; i++) await publish(client, 'a/b', 1);
  t.equal(webhook.requests.length, 2);
});

t.test('an offer of an unknown epoch makes a broker without ticks look for the file', async (t) => {
  const folder = makeMemoryFolder(t);
  const path = `${folder}/later`;
  const { broker, webhook } = await openPluginStage(t, {
    plugin: { cache_file: path },
    lines: ['per_listener_settings true'],
  });
  const file = createCounterFile(t, { path });
  keepRenewing(t, file);
  webhook.answerWith((request) => grantWithOffer(file, request));
  const client = await signIn({ port: broker.port, clientId: 'c', username: 'u', password: 'p' });

  for (let asked = -1; asked !== webhook.requests.length;) {
    asked = webhook.requests.length;
    await publish(client, 'a/b', 1);
  }
  await waitUntil(() => broker.log().includes('is used: 1024 slots'));
});

t.test('a copy of a counter file is refused, as nobody writes to it', async (t) => {
  const folder = makeMemoryFolder(t);
  const file = createCounterFile(t, { path: `${folder}/counters` });
  copyFileSync(file.path, `${folder}/copy`);
  linkSync(file.path, `${folder}/link`);
  for (const other of ['copy', 'link']) {
    const { pluginLines } = await startRefusedBroker({
      plugin: pluginOptions(8081, { cache_file: `${file.path},${folder}/${other}` }),
    });

    t.match(pluginLines.at(-1), `the counter file ${folder}/${other} is not used: it is a copy of another`);
  }
});

t.test('a file on a disk is refused', async (t) => {
  const folder = mkdtempSync(resolve(import.meta.dirname, '../../mosquitto-conf/plugin/build/disk-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  if (statfsSync(folder).type === TMPFS) return t.pass('this checkout is on tmpfs');
  const file = createCounterFile(t, { path: `${folder}/counters` });

  const { pluginLines } = await startRefusedBroker({
    plugin: pluginOptions(8081, { cache_file: file.path }),
  });

  t.match(pluginLines.at(-1), /is not used: it is not on tmpfs$/);
});

t.test(
  'cache_file_owner may own the files, by name or number',
  { skip: !IS_ROOT && 'needs root' },
  async (t) => {
    const folder = makeMemoryFolder(t);
    const file = createCounterFile(t, { path: `${folder}/counters` });
    chownSync(file.path, NOBODY, NOBODY);
    for (const owner of ['nobody', NOBODY]) {
      const broker = await startBroker({
        plugin: pluginOptions(8081, { cache_file: file.path, cache_file_owner: owner }),
      });
      t.match(broker.pluginLines().at(-1), /is used: 1024 slots/);
      await broker.stop();
    }
    chownSync(file.path, 1, 1);
    const { pluginLines } = await startRefusedBroker({
      plugin: pluginOptions(8081, { cache_file: file.path, cache_file_owner: 'nobody' }),
    });
    t.match(pluginLines.at(-1), /it belongs neither/);
  },
);
