import { setTimeout as delay } from 'node:timers/promises';
import type { Store } from '../../core/redis/store.ts';
import { listKeyReports, type KeyReport } from '../../core/tokens/key-reports.ts';
import { CliError } from '../cli-error.ts';
import type { KeyFamily } from './key-family.ts';

const patienceMs = 20_000;
const askEveryMs = 200;

/** The reports of the living instances that use the keys of a family. */
export async function reportsOf(store: Store, family: KeyFamily): Promise<KeyReport[]> {
  return (await listKeyReports(store)).filter((report) => family.concerns(report));
}

/** Waits until every living instance has loaded a key; returns how many those are. Throws a CliError that names the others. */
export function untilLoaded(store: Store, family: KeyFamily, kid: string): Promise<number> {
  return untilAll(store, family, `not loaded ${kid}`, (report) => family.knownTo(report).includes(kid));
}

/** Waits until every living instance that makes tokens makes them with this key; else as untilLoaded. */
export function untilActive(store: Store, family: KeyFamily, kid: string): Promise<number> {
  const isActive = (report: KeyReport) => [undefined, kid].includes(family.activeAt(report));
  return untilAll(store, family, `not begun to use ${kid}`, isActive);
}

async function untilAll(
  store: Store,
  family: KeyFamily,
  missing: string,
  isThere: (report: KeyReport) => boolean,
): Promise<number> {
  const deadlineMs = performance.now() + patienceMs;
  for (;;) {
    const reports = await reportsOf(store, family);
    const late = reports.filter((report) => !isThere(report));
    if (late.length === 0) return reports.length;
    if (performance.now() > deadlineMs)
      throw new CliError(`${namesOf(late)} have ${missing}: see their logs`);
    await delay(askEveryMs);
  }
}

/** Instances for people: service, host and process. */
export function namesOf(reports: readonly KeyReport[]): string {
  return reports.map(({ service, host, pid }) => `${service} on ${host} (process ${pid})`).join(', ');
}
