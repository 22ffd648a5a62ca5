import type { Test } from 'tap';
import { startBroker, type Broker, type BrokerOptions } from './broker-process.ts';
import { startScriptedWebhook, type ScriptedWebhook, type WebhookOptions } from './scripted-webhook.ts';

export interface PluginStage {
  broker: Broker;
  webhook: ScriptedWebhook;
}

export interface StageOptions {
  webhook?: WebhookOptions;
  /** Options beside those that every stage needs; undefined leaves one of those out. */
  plugin?: Record<string, string | number | undefined>;
  backend?: 'http' | 'jwt';
  prefix?: BrokerOptions['prefix'];
  lines?: string[];
  environment?: Record<string, string>;
}

/** Starts a scripted webhook and a broker whose plugin asks it; both stop with the test. */
export async function openPluginStage(t: Test, options: StageOptions = {}): Promise<PluginStage> {
  const webhook = await startScriptedWebhook(options.webhook);
  const starting = startBroker({
    plugin: pluginOptions(webhook.port, options.plugin, options.backend),
    ...(options.prefix && { prefix: options.prefix }),
    lines: options.lines ?? [],
    environment: options.environment ?? {},
  });
  t.teardown(async () => {
    try {
      await (await starting).stop();
    } finally {
      await webhook.close();
    }
  });
  const broker = await starting;
  return { broker, webhook };
}

/** The options that the plugin needs to ask a webhook on that port, and more. */
export function pluginOptions(
  port: number,
  more: Record<string, string | number | undefined> = {},
  backend: 'http' | 'jwt' = 'http',
): Record<string, string | number> {
  const needed = {
    backends: backend,
    [`${backend}_host`]: '127.0.0.1',
    [`${backend}_port`]: port,
    [`${backend}_getuser_uri`]: '/user',
    [`${backend}_aclcheck_uri`]: '/acl',
    ...(backend === 'jwt' && { jwt_mode: 'remote' }),
  };
  const all = Object.entries<string | number | undefined>({ ...needed, ...more });
  return Object.fromEntries(
    all.filter((entry): entry is [string, string | number] => entry[1] !== undefined),
  );
}
