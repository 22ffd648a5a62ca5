import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import fp from 'fastify-plugin';
import type { Store } from '../core/redis/store.ts';
import { reportEveryMs, reportKeys, withdrawKeyReport, type KeyReport } from '../core/tokens/key-reports.ts';

/** What is reported, and what has to change for a report at once. */
export interface KeyReportingOptions {
  store: Store;
  describe(): Omit<KeyReport, 'host' | 'pid'>;
  sources: readonly { onChange(listener: () => void): void }[];
}

/** Tells Redis, as long as the service lives, which keys it has loaded. A report that fails is repeated soon anyway. */
export default fp<KeyReportingOptions>(
  async (app, { store, describe, sources }) => {
    const instance = randomUUID();
    const place = { host: hostname(), pid: process.pid };
    let last: Promise<void> = Promise.resolve();
    const report = () => {
      last = last
        .then(() => reportKeys(store, instance, { ...describe(), ...place }))
        .catch((error: unknown) => app.log.debug({ err: error }, 'the keys were not reported'));
    };
    let timer: NodeJS.Timeout | undefined;
    app.addHook('onListen', async () => {
      report();
      timer = setInterval(report, reportEveryMs).unref();
      for (const source of sources) source.onChange(report);
    });
    app.addHook('preClose', async () => {
      clearInterval(timer);
      await last;
      // Redis may be away; what is not taken back stops counting by itself.
      if (timer) await withdrawKeyReport(store, instance).catch(() => {});
    });
  },
  { name: 'key-reporting' },
);
