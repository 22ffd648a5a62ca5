import { accountKey, adminsKey } from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';
import { walkAccounts } from './walk-accounts.ts';

/*
 * The last active admin keeps the role. Accounts live in partitions that no script can see at once, so taking it from A
 * goes in three steps: read A's count of holds; find another active admin and raise *its* count, which is to hold it;
 * take the role from A if A's own count is still the one that was read. Two admins who take it from one another hold
 * one another, so that neither change goes through before it is decided again. Of several such changes the last one
 * to go through held somebody who, being held, could only have gone by a later one. Nothing to clean up, no lock, no clock.
 */

/** The role that somebody always has. */
export const adminRole = 'admin';

const accountsPerLot = 1000;

/** Notes that an account got the role, so that it is found without looking through all accounts. */
export async function noteAdmin(store: Store, uid: string): Promise<void> {
  await store.redis.sadd(adminsKey, uid);
}

/**
 * Finds an active admin other than `uid` and holds it. False if there is none; to be sure of that it looks through all
 * accounts, which takes seconds for 100,000.
 */
export async function holdOtherAdmin(store: Store, uid: string): Promise<boolean> {
  for (const noted of await store.redis.smembers(adminsKey)) {
    if (noted === uid) continue;
    if (await hold(store, noted)) return true;
    await store.redis.srem(adminsKey, noted);
  }
  for await (const found of lookThroughAccounts(store)) {
    if (found === uid || !(await hold(store, found))) continue;
    await noteAdmin(store, found);
    return true;
  }
  return false;
}

async function hold(store: Store, uid: string): Promise<boolean> {
  const [outcome] = await store.run('account-hold-admin', [accountKey(uid)], [adminRole]);
  return outcome === 'held';
}

async function* lookThroughAccounts(store: Store): AsyncGenerator<string> {
  for await (const uids of walkAccounts(store, '', accountsPerLot)) {
    const pipeline = store.redis.pipeline();
    for (const uid of uids) pipeline.hget(accountKey(uid), 'roles');
    for (const [index, [error, roles]] of ((await pipeline.exec()) ?? []).entries()) {
      if (error) throw error;
      if (String(roles).split(',').includes(adminRole)) yield uids[index] ?? '';
    }
  }
}
