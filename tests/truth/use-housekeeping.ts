import type { Test } from 'tap';
import { takeLease, type Lease } from '../../services/core/housekeeping/lease.ts';
import { newUid, partitionOf } from '../../services/core/ids.ts';
import {
  accountIndexKey,
  accountKey,
  clientsKey,
  emailKey,
  expiryKey,
  loginKey,
  sweepLeaseKey,
  usedGenerationKey,
} from '../../services/core/redis/keys.ts';
import type { Store } from '../../services/core/redis/store.ts';
import { openTestStore } from '../cli/sign-in.ts';
import { startService, type Person } from '../support/session-service.ts';
import type { TestStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

/** Leaves behind whatever housekeeping clears away, and waits until a service has done so. */
export async function useHousekeeping(t: Test, stack: TestStack): Promise<void> {
  const admin = await openTestStore(t, stack.redisAdminUrl);
  const { register, signIn } = await startService(t, stack, { HOUSEKEEPING_EVERY_MS: '50' });
  const person = await register();
  const { user } = await signIn(person);
  const leftOvers = [
    await leaveNames(admin, person, user.id),
    await leaveList(admin, user.id),
    await leaveSession(admin),
    await leaveAccount(admin, await register()),
  ];
  for (const isGone of leftOvers) await until(isGone);
  await useLease(t, stack);
}

/** A name that would lapse, one that has lapsed, and one without an account. */
async function leaveNames({ redis }: Store, { username, email }: Person, uid: string) {
  await redis.expire(loginKey(username), 1000);
  await redis.del(emailKey(email));
  await redis.set(loginKey('nobody'), newUid());
  return async () =>
    (await redis.ttl(loginKey(username))) === -1 &&
    (await redis.get(emailKey(email))) === uid &&
    (await redis.ttl(loginKey('nobody'))) > 0;
}

async function leaveList({ redis }: Store, uid: string) {
  const list = accountIndexKey(partitionOf(uid));
  await redis.zrem(list, uid);
  return async () => (await redis.zscore(list, uid)) !== null;
}

/** What is left of a session that is gone. */
async function leaveSession({ redis }: Store) {
  const sid = newUid();
  await redis.zadd(expiryKey(partitionOf(sid)), 1, sid);
  await redis.multi().hset(clientsKey(sid), sid, 1).expire(clientsKey(sid), 1000).exec();
  const used = usedGenerationKey(sid);
  await redis.multi().zadd(used, 1, 'generation').expire(used, 1000).exec();
  return async () =>
    (await redis.exists(clientsKey(sid), usedGenerationKey(sid))) === 0 &&
    (await redis.zscore(expiryKey(partitionOf(sid)), sid)) === null;
}

async function leaveAccount({ redis }: Store, { username }: Person) {
  const uid = (await redis.get(loginKey(username))) ?? '';
  await redis.hset(accountKey(uid), { state: 'deleted', purgeAtMs: '1' });
  return async () => (await redis.exists(accountKey(uid), loginKey(username))) === 0;
}

/** A sweep that takes long prolongs its lease. */
async function useLease(t: Test, stack: TestStack): Promise<void> {
  const store = await openTestStore(t, stack.redisUrl('session'));
  let lease: Lease | undefined;
  await until(async () => (lease = await takeLease(store, sweepLeaseKey, 5000)) !== undefined);
  await lease?.renew();
  await lease?.release();
}
