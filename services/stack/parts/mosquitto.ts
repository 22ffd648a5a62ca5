import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { PartPlan } from '../part-plan.ts';
import { probePart } from '../probes.ts';
import { getProgram } from '../programs.ts';
import { projectDir } from '../settings.ts';
import { StackError } from '../stack-error.ts';
import type { PlanContext } from '../stack-options.ts';
import { renderFile } from '../template.ts';
import { counterFileOf } from './services.ts';

const plugin = join(projectDir, 'mosquitto-conf', 'plugin', 'build', 'bednet_auth.so');

/** The broker with our plugin, its configuration rendered from mosquitto-conf/mosquitto.conf. */
export function planMosquitto(context: PlanContext): PartPlan {
  const { runDir, ports, secrets, options } = context;
  const configFile = join(runDir.mosquitto, 'mosquitto.conf');
  const values = {
    MQTT_PORT: String(ports.mqtt),
    MQTT_WS_PORT: String(ports.websocket),
    WEBHOOK_PORT: String(ports.webhook),
    BROKER_KEY: secrets.brokerKey,
    PLUGIN: plugin,
    // As root the broker would become another user, who can read neither the plugin in a checkout nor the run folder.
    BROKER_USER: userInfo().username,
    PERSISTENCE_DIR: `${runDir.mosquitto}/`,
    LOG_FILE: runDir.logFile('mosquitto'),
    ...options.settings?.mosquitto,
  };
  return {
    name: 'mosquitto',
    command: getProgram('mosquitto', 'mosquitto'),
    args: ['-c', configFile],
    environment: context.environment,
    logFile: runDir.logFile('mosquitto'),
    prepare: () => {
      if (values.PLUGIN === plugin && !existsSync(plugin))
        throw new StackError('the plugin is not built: make plugin');
      renderFile(
        options.mosquittoTemplate ?? join(projectDir, 'mosquitto-conf', 'mosquitto.conf'),
        configFile,
        values,
        options.decisionCache ? [`plugin_opt_cache_file ${counterFileOf(runDir)}`] : [],
      );
    },
    probe: () => probePart('mosquitto', ports, secrets.redisPasswords.stack),
    // Mosquitto sets "run" only after its log says "running": a SIGTERM that comes before that is lost.
    stopIsRepeated: true,
  };
}
