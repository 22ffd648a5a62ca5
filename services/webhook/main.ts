import { SettingsError } from '../core/settings/read-settings.ts';
import { openStore } from '../core/redis/store.ts';
import reloadOnHangup from '../plugins/reload-on-hangup.ts';
import shutdown from '../plugins/shutdown.ts';
import { buildWebhook } from './app.ts';
import { readConfig, type WebhookConfig } from './config.ts';
import { startKicks } from './kick/start-kicks.ts';
import { listenOnSocket } from './listen-on-socket.ts';

const checkTimeoutMs = 250;

const config = readConfigOrExit();
const store = openStore({ url: config.redisUrl, commandTimeoutMs: checkTimeoutMs });
const { app, metrics } = await buildWebhook(config, { store, logLevel: config.logLevel });
const kicks = startKicks(config, { store, metrics, log: app.log });
app.addHook('preClose', async () => kicks.stop());
await app.register(shutdown);
await app.register(reloadOnHangup);

if (config.socketPath) await listenOnSocket(app, config.socketPath);
await app.listen({ host: config.host, port: config.port });

function readConfigOrExit(): WebhookConfig {
  try {
    return readConfig(process.env);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
