import type { Test } from 'tap';
import { examine as examineStack } from '../../services/cli/commands/doctor.ts';
import type { Finding } from '../../services/cli/doctor/finding.ts';
import { startBroker } from '../support/broker-process.ts';
import { startBrokerStage, type BrokerStage } from '../support/broker-stage.ts';
import { pluginOptions } from '../support/plugin-stage.ts';

/** What doctor found. */
export interface Examination {
  code: number | undefined;
  /** Names of the checks that found a fault. */
  faults: string[];
  find(check: string): Finding | undefined;
}

/** A whole stack, and doctor for it. */
export interface DoctorStage extends BrokerStage {
  /** The variables by which doctor finds the stack. */
  environment: Record<string, string>;
  /** Examines the stack; `changed` puts something else in the place of a part. */
  examine(changed?: Record<string, string>): Promise<Examination>;
  /** Another broker, whose plugin asks the webhook at `webhookPort`; `changed` is what makes doctor look at it. */
  openBroker(
    t: Test,
    options: Record<string, string>,
    webhookPort?: number,
  ): Promise<{ port: number; changed: Record<string, string> }>;
  /** All that doctor has answered so far, as JSON and as text. */
  answers: string[];
}

/** Starts a whole stack for `t`. */
export async function startDoctorStage(t: Test): Promise<DoctorStage> {
  const stage = await startBrokerStage(t, { parts: ['redis', 'webhook', 'session', 'mosquitto'] });
  const { stack } = stage;
  const environment = { RUN_DIR: stack.runDir.path, ...portsOf(stack.ports) };
  const answers: string[] = [];
  return {
    ...stage,
    environment,
    answers,
    async examine(changed = {}) {
      const { json, text, exitCode } = await examineStack({ ...environment, ...changed });
      answers.push(JSON.stringify(json), text);
      const { findings } = json as { findings: Finding[] };
      return {
        code: exitCode,
        faults: findings.filter(({ severity }) => severity === 'fault').map(({ check }) => check),
        find: (check) => findings.find((finding) => finding.check === check),
      };
    },
    async openBroker(t, options, webhookPort = stack.ports.webhook) {
      const broker = await startBroker({ plugin: pluginOptions(webhookPort, options) });
      t.teardown(() => broker.stop());
      return { port: broker.port, changed: { MQTT_PORT: String(broker.port) } };
    },
  };
}

/** The environment variables that name the ports of a stack. */
export function portsOf(ports: BrokerStage['stack']['ports']): Record<string, string> {
  return {
    SESSION_PORT: String(ports.session),
    WEBHOOK_PORT: String(ports.webhook),
    MQTT_PORT: String(ports.mqtt),
    MQTT_WS_PORT: String(ports.websocket),
    REDIS_PORT: String(ports.redis),
  };
}
