import { spawnSync } from 'node:child_process';
import { readFileSync, statfsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, availableParallelism, cpus, release, totalmem } from 'node:os';
import { findProgram } from '../../services/stack/programs.ts';
import { projectDir } from '../../services/stack/settings.ts';

/** What was measured on what: the figures of two machines don't compare, those of two versions on one do. */
export function describeMachine(folder: string): Record<string, string | number> {
  return {
    commit: outputOf('git', ['-C', projectDir, 'describe', '--always', '--dirty']),
    node: process.version,
    fastify: packageVersion('fastify'),
    argon2: packageVersion('argon2'),
    redis: /v=(\S+)/.exec(outputOf('redis-server', ['--version']))?.[1] ?? 'unknown',
    mosquitto: /version (\S+)/.exec(outputOf('mosquitto', ['-h']))?.[1] ?? 'unknown',
    nginx: /nginx\/(\S+)/.exec(outputOf('nginx', ['-v']))?.[1] ?? 'unknown',
    kernel: release(),
    architecture: arch(),
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryMib: Math.round(totalmem() / 2 ** 20),
    /** The type of file system that Redis writes to, as statfs(2) numbers it: 0xef53 ext, 0x1021994 tmpfs. */
    fileSystem: `0x${statfsSync(folder).type.toString(16)}`,
  };
}

/** What a program says about itself, on whichever stream and with whichever exit code. */
function outputOf(program: string, args: string[]): string {
  const path = findProgram(program);
  if (!path) return 'unknown';
  const { stdout, stderr } = spawnSync(path, args, { encoding: 'utf8' });
  return `${stdout}${stderr}`.trim();
}

function packageVersion(name: string): string {
  const file = createRequire(import.meta.url).resolve(`${name}/package.json`);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
