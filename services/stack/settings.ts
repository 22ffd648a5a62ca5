import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { signingAlgorithms, type SigningAlgorithm } from '../core/tokens/jwk.ts';
import { StackError } from './stack-error.ts';

/** The TCP ports of a stack; 0 = pick a free one. */
export interface Ports {
  session: number;
  webhook: number;
  mqtt: number;
  websocket: number;
  redis: number;
}

/** Where a stack keeps its files, and its ports. */
export interface StackSettings {
  runDir: string;
  ports: Ports;
  /** Absent = as it is, EdDSA in a new stack. */
  signingAlgorithm?: SigningAlgorithm | undefined;
  decisionCache: boolean;
}

/** The project's root folder. */
export const projectDir = fileURLToPath(new URL('../../', import.meta.url));

/** Each port's environment variable and default. */
export const portSettings: Readonly<Record<keyof Ports, { variable: string; fallback: number }>> = {
  session: { variable: 'SESSION_PORT', fallback: 8080 },
  webhook: { variable: 'WEBHOOK_PORT', fallback: 8081 },
  mqtt: { variable: 'MQTT_PORT', fallback: 1883 },
  websocket: { variable: 'MQTT_WS_PORT', fallback: 8083 },
  redis: { variable: 'REDIS_PORT', fallback: 6380 },
};

/** Reads RUN_DIR, the ports and the rest from `environment`; throws a StackError that names every wrong one. */
export function readStackSettings(environment: NodeJS.ProcessEnv): StackSettings {
  const faults: string[] = [];
  const ports: Ports = { session: 0, webhook: 0, mqtt: 0, websocket: 0, redis: 0 };
  const ownerOf = new Map<number, string>();
  for (const name of Object.keys(portSettings) as (keyof Ports)[]) {
    const { variable, fallback } = portSettings[name];
    const port = readPort(environment[variable], fallback);
    const owner = port ? ownerOf.get(port) : undefined;
    if (port === undefined) faults.push(`${variable}=${environment[variable]} is not a port (0 to 65535)`);
    if (owner) faults.push(`${variable} and ${owner} are both ${port}`);
    ports[name] = port ?? 0;
    ownerOf.set(ports[name], variable);
  }
  const algorithm = environment['SIGNING_ALGORITHM'] || undefined;
  const signingAlgorithm = signingAlgorithms.find((name) => name === algorithm);
  if (algorithm && !signingAlgorithm)
    faults.push(`SIGNING_ALGORITHM=${algorithm} is none of ${signingAlgorithms.join(', ')}`);
  const decisionCache = environment['DECISION_CACHE'] || 'off';
  if (!['on', 'off'].includes(decisionCache))
    faults.push(`DECISION_CACHE=${decisionCache} is neither on nor off`);
  if (faults.length > 0) throw new StackError(faults.join('; '));
  const runDir = resolve(environment['RUN_DIR'] || resolve(projectDir, '.run'));
  return { runDir, ports, signingAlgorithm, decisionCache: decisionCache === 'on' };
}

function readPort(text: string | undefined, fallback: number): number | undefined {
  if (!text) return fallback;
  const port = /^[0-9]{1,5}$/.test(text) ? Number(text) : Number.NaN;
  return port <= 65535 ? port : undefined;
}
