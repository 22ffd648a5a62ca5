import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Test } from 'tap';
import { reservePort } from './reserve-port.ts';
import { makeTestFolder } from './stack.ts';
import { until } from './until.ts';

/** Debian's; the one on the PATH there changes to another user and to its folders. */
const program = '/usr/lib/rabbitmq/bin/rabbitmq-server';
const startTimeoutMs = 90_000;

/** Whether Debian's rabbitmq-server is here. */
export const isRabbitmqInstalled = (): boolean => existsSync(program);

/**
 * Starts RabbitMQ with MQTT on `port`, whose clients the webhook service at `webhookUrl` decides about, and resolves when it
 * listens. All that it has is in a temporary folder and on loopback; it ends with `t`.
 */
export async function startRabbitmq(
  t: Test,
  options: { port: number; webhookUrl: string; brokerKey: string },
): Promise<void> {
  const folder = makeTestFolder(t);
  const [epmdPort, nodePort] = [await reservePort(t), await reservePort(t)];
  const logFile = join(folder, 'rabbitmq.log');
  const log = openSync(logFile, 'a');
  const stdio = ['ignore', log, log] as const;
  // Otherwise RabbitMQ starts one that outlives it.
  const epmd = spawn('epmd', ['-address', '127.0.0.1', '-port', `${epmdPort}`], { stdio: [...stdio] });
  t.teardown(() => end(epmd));
  const environment = writeConfiguration(folder, { ...options, epmdPort, nodePort });
  const server = spawn(program, { stdio: [...stdio], cwd: folder, env: { ...process.env, ...environment } });
  closeSync(log);
  t.teardown(async () => {
    await end(server);
    if (!t.passing()) console.error(readFileSync(logFile, 'utf8').split('\n').slice(-60).join('\n'));
  });
  await until(() => isEnded(server) || isListening(options.port), {
    timeoutMs: startTimeoutMs,
    what: 'RabbitMQ listens',
  });
  if (isEnded(server)) throw new Error(`RabbitMQ ended:\n${readFileSync(logFile, 'utf8')}`);
}

/** The settings that docs/scale-out.md shows, and those that keep the node to itself. */
function writeConfiguration(
  folder: string,
  {
    port,
    webhookUrl,
    brokerKey,
    epmdPort,
    nodePort,
  }: Record<'port' | 'epmdPort' | 'nodePort', number> & Record<'webhookUrl' | 'brokerKey', string>,
): Record<string, string> {
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const paths = ['user', 'vhost', 'resource', 'topic'].map(
    (what) => `auth_http.${what}_path = ${webhookUrl}/rabbitmq/${what}?key=${brokerKey}`,
  );
  const lines = [
    ...['listeners.tcp = none', `mqtt.listeners.tcp.1 = 127.0.0.1:${port}`, 'mqtt.vhost = /'],
    ...['mqtt.allow_anonymous = false', 'auth_backends.1 = http', 'auth_http.http_method = post'],
    ...['auth_http.request_timeout = 2000', 'log.console = true', 'log.file = false'],
    ...paths,
  ];
  return {
    HOME: folder,
    ERL_EPMD_PORT: `${epmdPort}`,
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_NODENAME: `test${nodePort}@localhost`,
    RABBITMQ_DIST_PORT: `${nodePort}`,
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
    RABBITMQ_CONFIG_FILE: file('rabbitmq.conf', lines.join('\n')),
    RABBITMQ_ADVANCED_CONFIG_FILE: file(
      'advanced.config',
      '[{rabbitmq_mqtt, [{ignore_colons_in_username, true}]}].\n',
    ),
    RABBITMQ_ENABLED_PLUGINS_FILE: file('enabled_plugins', '[rabbitmq_mqtt,rabbitmq_auth_backend_http].\n'),
    RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
  };
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const { promise, resolve } = Promise.withResolvers<boolean>();
  socket.once('connect', () => resolve(true));
  socket.once('error', () => resolve(false));
  return promise.finally(() => socket.destroy());
}

function isEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function end(child: ChildProcess): Promise<void> {
  if (isEnded(child)) return;
  child.kill('SIGTERM');
  await once(child, 'close');
}
