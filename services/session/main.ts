import { untilReady } from '../core/redis/store.ts';
import { SettingsError } from '../core/settings/read-settings.ts';
import reloadOnHangup from '../plugins/reload-on-hangup.ts';
import shutdown from '../plugins/shutdown.ts';
import { buildApp } from './app.ts';
import { readConfig, type SessionConfig } from './config.ts';
import { openParts } from './open-parts.ts';

const firstConnectionMs = 2000;

const config = readConfigOrExit();
const { store, hasher } = await openParts(config);
const app = await buildApp({ config, store, hasher });
await app.register(shutdown);
await app.register(reloadOnHangup);
await untilReady(store, firstConnectionMs).catch((error: Error) =>
  app.log.error({ err: error }, 'Redis does not answer yet: answers are 503 until it does'),
);
try {
  await app.listen({ host: config.host, port: config.port });
} catch (error) {
  app.log.fatal({ err: error }, `can't listen on ${config.host} port ${config.port}`);
  process.exit(1);
}

/** Names every wrong setting on standard error, one a line, and ends the process. */
function readConfigOrExit(): SessionConfig {
  try {
    return readConfig(process.env);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    for (const { name, fault } of error.faults) process.stderr.write(`setting ${name} ${fault}\n`);
    process.exit(1);
  }
}
