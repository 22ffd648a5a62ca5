import { join } from 'node:path';
import { probePart } from '../probes.ts';
import { getProgram } from '../programs.ts';
import type { PartPlan } from '../part-plan.ts';
import { sha256Hex } from '../secrets.ts';
import { projectDir } from '../settings.ts';
import type { PlanContext } from '../stack-options.ts';
import { renderFile } from '../template.ts';

/** Redis with redis/redis.conf, its port and folders on the command line, and the passwords' hashes in its ACL. */
export function planRedis(context: PlanContext): PartPlan {
  const { runDir, ports, secrets, options } = context;
  const aclFile = join(runDir.redis, 'users.acl');
  const { session, webhook, cli, stack } = secrets.redisPasswords;
  const values = {
    SESSION_PASSWORD_SHA256: sha256Hex(session),
    WEBHOOK_PASSWORD_SHA256: sha256Hex(webhook),
    CLI_PASSWORD_SHA256: sha256Hex(cli),
    STACK_PASSWORD_SHA256: sha256Hex(stack),
  };
  return {
    name: 'redis',
    command: getProgram('redis-server', 'redis-server'),
    args: [
      join(projectDir, 'redis', 'redis.conf'),
      ...['--port', String(ports.redis)],
      ...['--dir', runDir.redis],
      ...['--aclfile', aclFile],
    ],
    environment: context.environment,
    logFile: runDir.logFile('redis'),
    prepare: () =>
      renderFile(join(projectDir, 'redis', 'users.acl'), aclFile, values, options.extraRedisUsers ?? []),
    probe: () => probePart('redis', ports, stack),
  };
}
