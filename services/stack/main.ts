import { bringDown } from './down.ts';
import { withLock } from './lock.ts';
import { showLogs } from './logs.ts';
import { runDirAt } from './run-dir.ts';
import { readStackSettings, type Ports } from './settings.ts';
import { StackError } from './stack-error.ts';
import { describeStatus } from './status.ts';
import { supervise } from './supervise.ts';
import { bringUp } from './up.ts';

/** Each returns the exit code. `supervise` is what `up` starts; by hand it runs the stack in the foreground. */
const commands: Record<string, () => Promise<number>> = { up, down, status, logs, supervise: superviseHere };

try {
  const command = commands[process.argv[2] ?? ''];
  if (!command) throw new StackError('usage: node services/stack/main.ts up|down|status|logs|supervise');
  process.exitCode = await command();
} catch (error) {
  if (!(error instanceof StackError)) throw error;
  console.error(`bednet: ${error.message}`);
  process.exitCode = 1;
}

async function up(): Promise<number> {
  const settings = readStackSettings(process.env);
  const { ports, wasUp } = await withLock(settings.runDir, () => bringUp(settings));
  console.log(welcome(ports, settings.runDir, wasUp));
  return 0;
}

async function down(): Promise<number> {
  const { runDir } = readStackSettings(process.env);
  const count = await withLock(runDir, () => bringDown(runDir));
  console.log(count > 0 ? 'Bednet is down.' : 'Bednet was not up: nothing to do.');
  return 0;
}

async function status(): Promise<number> {
  const { runDir } = readStackSettings(process.env);
  const { text, isHealthy } = await describeStatus(runDirAt(runDir), Date.now());
  console.log(text);
  return isHealthy ? 0 : 1;
}

async function logs(): Promise<number> {
  const { runDir } = readStackSettings(process.env);
  const follow = process.stdout.isTTY || process.argv.includes('--follow');
  await showLogs(runDirAt(runDir), { lineCount: 40, follow });
  return 0;
}

async function superviseHere(): Promise<number> {
  await supervise(readStackSettings(process.env), process.env as Record<string, string>);
  return 0;
}

function welcome(ports: Ports, runDir: string, wasUp: boolean): string {
  return `Bednet is ${wasUp ? 'already ' : ''}up.
  page               http://localhost:${ports.session}
  API                http://localhost:${ports.session}/docs
  MQTT               mqtt://localhost:${ports.mqtt}
  MQTT on WebSocket  ws://localhost:${ports.websocket}
  webhook            http://127.0.0.1:${ports.webhook}
  mails              ${whereMailsGo(runDir, process.env)}
  logs               make logs  (${runDir}/log)
Next: open the page and register, or see it work with make demo. An operator of the console:
  npm run -s bednet -- account set-roles <name> user admin`;
}

/** The address of the mail server has a password, so it is not shown. */
function whereMailsGo(runDir: string, { SMTP_URL: server, MAIL_FOLDER: folder }: NodeJS.ProcessEnv): string {
  return server
    ? 'sent by the server of SMTP_URL'
    : `${folder || `${runDir}/mail`}  (set SMTP_URL to send them)`;
}
