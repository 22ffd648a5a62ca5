import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { SettingsError } from '../../services/core/settings/read-settings.ts';
import { StackError } from '../../services/stack/stack-error.ts';
import { readConfig } from '../../services/webhook/config.ts';
import { offsets } from '../../services/webhook/decision-cache/layout.ts';
import { metricOf, startHolder, startHolders, untilHolding, writeCheck } from '../support/holder-stage.ts';
import { makeTestFolder } from '../support/stack.ts';
import { until } from '../support/until.ts';
import type { WebhookStage } from '../support/webhook-service.ts';

const folder = mkdtempSync('/dev/shm/bednet-test-');
t.teardown(() => rmSync(folder, { recursive: true }));
const counterFile = join(folder, 'counters');
/** Long enough for a busy machine, as nobody has to prolong it in time. */
const leases = { LEASE_MS: '3000' };
const stage = await startHolders(t, 1, { ...leases, COUNTER_FILE: counterFile });
const holder = stage.holders[0] as WebhookStage;

function faultsOf(settings: Record<string, string>): string[] {
  try {
    readConfig(settings);
    return [];
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return error.faults.filter(({ name }) => name === 'COUNTER_FILE').map(({ fault }) => fault);
  }
}

/** Why a service with this counter file does not start. */
async function refusalOf(path: string): Promise<string> {
  const error = await startHolder(t, stage, { COUNTER_FILE: path }).then(
    () => new Error('it started'),
    (error: Error) => error,
  );
  return error instanceof StackError ? `${error.message}\n${error.logTail}` : error.message;
}

const epochIn = (path: string) => readFileSync(path).toString('hex', offsets.epoch, offsets.epoch + 8);

t.test('a counter file needs the near cache, an absolute path and a folder on tmpfs', async (t) => {
  const onDisk = makeTestFolder(t);
  const rows: [settings: Record<string, string>, faults: RegExp[]][] = [
    [{ COUNTER_FILE: counterFile, NEAR_CACHE: 'on' }, []],
    [{ COUNTER_FILE: counterFile }, [/^needs NEAR_CACHE=on$/]],
    [{ COUNTER_FILE: 'counters', NEAR_CACHE: 'on' }, [/^is no absolute path$/]],
    [{ COUNTER_FILE: join(folder, 'none', 'counters'), NEAR_CACHE: 'on' }, [/^can't be used: ENOENT/]],
    [{ COUNTER_FILE: join(onDisk, 'counters') }, [/^needs NEAR_CACHE=on$/, /^is not on tmpfs/]],
  ];
  for (const [settings, faults] of rows) t.match(faultsOf(settings), faults, JSON.stringify(settings));
  for (const [settings, faults] of rows) t.equal(faultsOf(settings).length, faults.length);
});

t.test('a second service with the same counter file does not start, and the first one goes on', async (t) => {
  const epoch = epochIn(counterFile);
  t.match(await refusalOf(counterFile), /COUNTER_FILE can't be used: another service writes it/);

  t.equal(epochIn(counterFile), epoch);
  t.type((await holder.askAcl(writeCheck(await stage.signIn()))).offer, 'string');
});

t.test('what is there and is no counter file is left alone', async (t) => {
  const [text, link, directory] = [join(folder, 'text'), join(folder, 'link'), join(folder, 'directory')];
  writeFileSync(text, 'something dear');
  symlinkSync(counterFile, link);
  mkdirSync(directory);

  t.match(await refusalOf(text), /COUNTER_FILE can't be used: another file is there/);
  t.match(await refusalOf(link), /COUNTER_FILE can't be used: ELOOP/);
  t.match(await refusalOf(directory), /COUNTER_FILE can't be used: EISDIR/);
  t.equal(readFileSync(text, 'utf8'), 'something dear');
  t.same(
    readdirSync(folder).filter((name) => name.includes('counters.')),
    [],
    'no draft is left',
  );
});

t.test(
  'a service that is killed and started again has a new epoch, and no deadline before its lease',
  async (t) => {
    const epoch = epochIn(counterFile);
    const webhook = holder.stack.part('webhook');

    await webhook.kill();
    await webhook.start();

    await untilHolding(holder);
    t.not(epochIn(counterFile), epoch);
    t.match((await holder.askAcl(writeCheck(await stage.signIn()))).offer, /^1 /);
  },
);

t.test('a frozen service whose file another one has taken over offers nothing any more', async (t) => {
  const path = join(folder, 'taken');
  const first = await startHolder(t, stage, { ...leases, COUNTER_FILE: path });
  const check = writeCheck(await stage.signIn());
  await untilHolding(first);
  t.match((await first.askAcl(check)).offer, /^1 /);

  first.stack.part('webhook').pause();
  const second = await startHolder(t, stage, { ...leases, COUNTER_FILE: path });
  first.stack.part('webhook').resume();

  await until(() => readFileSync(first.stack.part('webhook').logFile, 'utf8').includes('counter-file-lost'));
  await untilHolding(first);
  t.match(await first.askAcl(check), { status: 200, offer: undefined });
  await untilHolding(second);
  t.match(await second.askAcl(check), { status: 200, offer: /^1 / });
  t.ok((await metricOf(first, 'bednet_decision_cache_offers_total{outcome="off"}')) > 0);
});
