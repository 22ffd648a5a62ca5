import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RedisHost } from '../../core/redis/redis-url.ts';
import type { RunDir } from '../../stack/run-dir.ts';
import { projectDir } from '../../stack/settings.ts';
import { askServer } from './ask-server.ts';
import { fault, ok, warn, type Finding } from './finding.ts';

/** Whether Redis answers somebody who gives no password. */
export async function checkDefaultUser(place: RedisHost, hasTls: boolean): Promise<Finding> {
  const check = 'redis-default-user';
  const refusal = await pingWithoutPassword(place, hasTls);
  if (/^(NOAUTH|DENIED)\b/.test(refusal ?? '')) return ok(check, 'Redis refuses whoever gives no password.');
  if (refusal !== undefined)
    return warn(check, `A PING without password ended with ${refusal}.`, 'It should get NOAUTH: look again.');
  return fault(
    check,
    'Redis answers without a password: everybody who reaches it can do everything.',
    'Write `user default off resetpass ~* &* +@all` in users.acl, as redis/users.acl has it, and start Redis anew.',
  );
}

/** Whether the rights that the stack's Redis was started with are those of this version's users.acl, for nobody else. */
export function checkUserRights({ redis }: RunDir): Finding[] {
  const check = 'redis-users';
  const file = join(redis, 'users.acl');
  const given = readUsers(file);
  const wanted = readUsers(join(projectDir, 'redis', 'users.acl'));
  if (!given || !wanted) return []; // A Redis that `make up` did not start: its users are out of sight.
  const changed = [...wanted.keys()].filter((user) => given.get(user) !== wanted.get(user));
  if (changed.length > 0) {
    const found = `The rights of ${changed.join(', ')} in ${file} are not those of redis/users.acl.`;
    return [fault(check, found, 'make down and make up: the file is made anew from redis/users.acl.')];
  }
  const others = [...given.keys()].filter((user) => !wanted.has(user));
  if (others.length > 0) {
    const found = `${file} has users that are not in redis/users.acl: ${others.join(', ')}.`;
    return [warn(check, found, 'Remove them unless you know what they are for.')];
  }
  return [ok(check, 'Each service has the rights of redis/users.acl, and nobody else has any.')];
}

/** The error that refuses it, or undefined if it is answered. */
async function pingWithoutPassword(place: RedisHost, hasTls: boolean): Promise<string | undefined> {
  return askServer(place, { hasTls }, (redis) => redis.ping()).then(
    () => undefined,
    (error: Error) => error.message,
  );
}

/** Each user's line, without the password; undefined if there is no such file. */
function readUsers(file: string): Map<string, string> | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined; // Nothing to compare.
  }
  const lines = text.split('\n').filter((line) => line.startsWith('user '));
  return new Map(lines.map((line) => [line.split(' ')[1] ?? '', line.replaceAll(/ #\S+/g, ' #')]));
}
