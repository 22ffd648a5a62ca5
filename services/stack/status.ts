import { partNames, type PartName } from './part-names.ts';
import { probePart } from './probes.ts';
import { isRunning } from './process-identity.ts';
import type { RunDir } from './run-dir.ts';
import { readRedisPassword } from './secrets.ts';
import type { Ports } from './settings.ts';
import { readState, type PartRecord, type StackState } from './state-file.ts';

/** One line of the status table. */
interface StatusRow {
  part: PartName;
  health: string;
  pid: string;
  address: string;
  since: string;
}

/** The table that `make status` shows, and whether every part is healthy this moment. */
export async function describeStatus(
  runDir: RunDir,
  nowMs: number,
): Promise<{ text: string; isHealthy: boolean }> {
  const state = readState(runDir);
  if (!state) return { text: `The stack is not up (${runDir.path}).`, isHealthy: false };
  const faults = new Map(await findFaults(runDir, state));
  const rows = state.parts.map((record) => rowOf(record, state.ports, faults.get(record.name), nowMs));
  const lines = [...table(rows), ...[...faults.values()].map((fault) => `! ${fault}`)];
  if (!isRunning(state.supervisor)) lines.push('! the supervisor is gone: make up cleans up and starts anew');
  return { text: lines.join('\n'), isHealthy: faults.size === 0 && isRunning(state.supervisor) };
}

/** Which parts aren't healthy this moment, and why. */
export async function findFaults(runDir: RunDir, state: StackState): Promise<[PartName, string][]> {
  const password = readRedisPassword(runDir.secrets, 'stack');
  const faults = await Promise.all(
    partNames.map(async (name): Promise<[PartName, string] | undefined> => {
      const record = state.parts.find((candidate) => candidate.name === name);
      const fault = await faultOf(name, record, state.ports, password);
      return fault ? [name, fault] : undefined;
    }),
  );
  return faults.filter((fault) => fault !== undefined);
}

async function faultOf(
  name: PartName,
  record: PartRecord | undefined,
  ports: Ports,
  password: string,
): Promise<string | undefined> {
  if (record?.death) return record.death;
  if (!record?.process || !isRunning(record.process)) return `${name} is not running`;
  return probePart(name, ports, password).then(
    () => undefined,
    (error: Error) => `${name} does not answer as it should: ${error.message}`,
  );
}

function rowOf(record: PartRecord, ports: Ports, fault: string | undefined, nowMs: number): StatusRow {
  return {
    part: record.name,
    health: fault ? (record.state === 'healthy' ? 'unhealthy' : record.state) : 'healthy',
    pid: record.process ? String(record.process.pid) : '-',
    address: addressOf(record.name, ports),
    since: `${Math.round((nowMs - record.sinceMs) / 1000)} s`,
  };
}

function addressOf(part: PartName, ports: Ports): string {
  if (part === 'mosquitto') return `127.0.0.1:${ports.mqtt}, WebSocket ${ports.websocket}`;
  return `127.0.0.1:${ports[part]}`;
}

function table(rows: readonly StatusRow[]): string[] {
  const header: StatusRow = {
    part: 'PART' as PartName,
    health: 'HEALTH',
    pid: 'PID',
    address: 'ADDRESS',
    since: 'SINCE',
  };
  return [header, ...rows].map(({ part, health, pid, address, since }) =>
    [part.padEnd(10), health.padEnd(10), pid.padEnd(8), address.padEnd(34), since].join(' ').trimEnd(),
  );
}
