import { SettingsError } from '../core/settings/read-settings.ts';
import { openStore } from '../core/redis/store.ts';
import reloadOnHangup from '../plugins/reload-on-hangup.ts';
import shutdown from '../plugins/shutdown.ts';
import { buildWebhook } from './app.ts';
import { readConfig } from './config.ts';
import { startKicks } from './kick/start-kicks.ts';
import { listenOnSocket } from './listen-on-socket.ts';

const config = await orExit(() => readConfig(process.env));
const store = openStore({ url: config.redisUrl, commandTimeoutMs: config.checkTimeoutMs });
const webhook = await orExit(() => buildWebhook(config, { store, logLevel: config.logLevel }));
const { app, metrics, notes } = webhook;
const kicks = startKicks(config, { store, metrics, notes, log: app.log });
app.addHook('preClose', async () => kicks.stop());
await app.register(shutdown);
await app.register(reloadOnHangup);

if (config.socketPath) await listenOnSocket(webhook, config.socketPath);
await app.listen({ host: config.host, port: config.port });

/** A fault in the settings ends the service with 1. */
async function orExit<Made>(make: () => Made | Promise<Made>): Promise<Made> {
  try {
    return await make();
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
