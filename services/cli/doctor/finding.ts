import { exitCodes } from '../cli-error.ts';
import { escapeControls, type Answer } from '../output.ts';

/** What one check of `bednet doctor` found, and what to change unless all is well. */
export type Finding =
  | { check: string; severity: 'ok'; found: string }
  | { check: string; severity: 'warn' | 'fault'; found: string; change: string };

/** All is well. */
export function ok(check: string, found: string): Finding {
  return { check, severity: 'ok', found };
}

/** Works, but should be changed. */
export function warn(check: string, found: string, change: string): Finding {
  return { check, severity: 'warn', found, change };
}

/** Breaks a promise of Bednet. */
export function fault(check: string, found: string, change: string): Finding {
  return { check, severity: 'fault', found, change };
}

/** All findings as the answer of the command: exit code 1 if one is a fault, 3 if Redis is out of reach. */
export function toAnswer(findings: readonly Finding[], isRedisReachable: boolean): Answer {
  const count = (severity: Finding['severity']) =>
    findings.filter((finding) => finding.severity === severity).length;
  const [faults, warnings] = [count('fault'), count('warn')];
  const summary = `${count('ok')} in order, ${warnings} to change, ${faults} at fault.`;
  return {
    json: { ok: faults === 0, faults, warnings, findings },
    text: [...findings.flatMap(linesOf), summary].join('\n'),
    exitCode: exitCodeOf(faults, isRedisReachable),
  };
}

function linesOf(finding: Finding): string[] {
  const line = `${finding.severity.padEnd(5)}  ${finding.check}: ${escapeControls(finding.found)}`;
  return finding.severity === 'ok' ? [line] : [line, `       change: ${escapeControls(finding.change)}`];
}

function exitCodeOf(faults: number, isRedisReachable: boolean): number {
  if (!isRedisReachable) return exitCodes.redisUnreachable;
  return faults > 0 ? exitCodes.refused : exitCodes.ok;
}
