import { join } from 'node:path';
import { makeCounterFolder } from '../counter-folder.ts';
import type { PartPlan } from '../part-plan.ts';
import { probePart } from '../probes.ts';
import type { RunDir } from '../run-dir.ts';
import { projectDir } from '../settings.ts';
import { redisUrl, type PlanContext } from '../stack-options.ts';

/** The session service. */
export function planSession(context: PlanContext): PartPlan {
  const { files } = context.secrets;
  return planService('session', context, {
    SESSION_PORT: String(context.ports.session),
    SIGNING_KEYS_FILE: files.signingKeys,
    RENEWAL_KEYS_FILE: files.renewalKeys,
    PASSWORD_PEPPER_FILE: files.pepper,
    SECOND_FACTOR_KEY_FILE: files.secondFactorKey,
    ...mailFolderFor(context),
  });
}

/** The webhook service. */
export function planWebhook(context: PlanContext): PartPlan {
  const { options, runDir, secrets } = context;
  const plan = planService('webhook', context, {
    WEBHOOK_PORT: String(context.ports.webhook),
    VERIFICATION_KEYS_FILE: secrets.files.verificationKeys,
    BROKER_KEY_FILE: secrets.files.brokerKey,
    ...(options.decisionCache && { COUNTER_FILE: counterFileOf(runDir) }),
  });
  return { ...plan, prepare: () => options.decisionCache && makeCounterFolder(runDir.counters) };
}

/** The counter file of a stack's webhook service. */
export const counterFileOf = ({ counters }: RunDir): string => join(counters, 'counters-1');

/** Without a mail server, or a folder of the caller's own, mails are kept in the run folder. */
function mailFolderFor({ environment, runDir }: PlanContext): Record<string, string> {
  return environment['SMTP_URL'] || environment['MAIL_FOLDER'] ? {} : { MAIL_FOLDER: runDir.mail };
}

/** What both need, in the order in which the later one counts: defaults, the caller's environment, our own, settings. */
function planService(
  name: 'session' | 'webhook',
  context: PlanContext,
  own: Record<string, string>,
): PartPlan {
  const { ports, secrets, runDir } = context;
  return {
    name,
    command: process.execPath,
    args: [join(projectDir, 'services', name, 'main.ts')],
    environment: {
      ISSUER: `http://localhost:${ports.session}`,
      MQTT_URL: `mqtt://localhost:${ports.mqtt}`,
      MQTT_WEBSOCKET_URL: `ws://localhost:${ports.websocket}`,
      WEBHOOK_METRICS_URLS: `http://127.0.0.1:${ports.webhook}/metrics`,
      ...(context.options.decisionCache && { NEAR_CACHE: 'on' }),
      BROKER_URLS: `mqtt://127.0.0.1:${ports.mqtt}`,
      ...context.environment,
      HOST: '127.0.0.1',
      REDIS_URL: redisUrl(context, name),
      ...own,
      ...context.options.settings?.[name],
    },
    logFile: runDir.logFile(name),
    probe: () => probePart(name, ports, secrets.redisPasswords.stack),
  };
}
