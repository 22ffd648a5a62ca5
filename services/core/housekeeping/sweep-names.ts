import { accountKey, emailKey, loginKey } from '../redis/keys.ts';
import { ask, type StepContext } from './step.ts';

/** An account and the names that it should hold. */
export interface NamedAccount {
  uid: string;
  username: string;
  email: string;
}

const claimSeconds = 86_400;
const noEnd = -1;

/**
 * Gives accounts the names that they should hold: a creation that died after the account was written left claims that
 * would lapse and set the name free for others. A name that lapsed is claimed anew for a day only, for the account may
 * be on its way out; the next sweep makes it permanent.
 */
export async function settleNames(context: StepContext, accounts: readonly NamedAccount[]): Promise<void> {
  const names = accounts.flatMap((account) => namesOf(account).map((key) => ({ key, uid: account.uid })));
  const answers = await ask(context.store, (pipeline) => {
    for (const { key } of names) pipeline.get(key).ttl(key);
  });
  const settling = names.map((name, index) => {
    const [holder, ttlSeconds] = answers.slice(index * 2) as [string | null, number];
    return holder === name.uid && ttlSeconds === noEnd ? undefined : settleName(context, name, holder);
  });
  await Promise.all(settling);
}

/**
 * Gives permanent claims without an account an end. Such a claim is what a deletion leaves behind that died half-way; a
 * creation under way is never one, since its claims become permanent last. Until the end, a day later, each sweep that
 * finds an account with that name takes the end back.
 */
export async function doubtClaims(context: StepContext, keys: readonly string[]): Promise<void> {
  const { store, counts } = context;
  const answers = await ask(store, (pipeline) => {
    for (const key of keys) pipeline.get(key).ttl(key);
  });
  const claims = keys.flatMap((key, index) => {
    const [uid, ttlSeconds] = answers.slice(index * 2) as [string | null, number];
    return uid !== null && ttlSeconds === noEnd ? [{ key, uid }] : [];
  });
  const doubted = await Promise.all(
    (await withoutAccount(context, claims)).map(({ key, uid }) =>
      store.run('claim-settle', [key], [uid, claimSeconds]),
    ),
  );
  counts.claimsDoubted += doubted.filter(([outcome]) => outcome === 'settled').length;
}

interface Claim {
  key: string;
  uid: string;
}

async function withoutAccount({ store }: StepContext, claims: readonly Claim[]): Promise<Claim[]> {
  const answers = await ask(store, (pipeline) => {
    for (const { uid } of claims) pipeline.hmget(accountKey(uid), 'username', 'email');
  });
  return claims.filter(({ key, uid }, index) => {
    const [username, email] = answers[index] as (string | null)[];
    return !username || !namesOf({ uid, username, email: email ?? '' }).includes(key);
  });
}

async function settleName(
  { store, counts }: StepContext,
  { key, uid }: Claim,
  holder: string | null,
): Promise<void> {
  if (holder === uid) {
    const [outcome] = await store.run('claim-settle', [key], [uid, 0]);
    if (outcome === 'settled') counts.namesSettled += 1;
  } else if (holder === null) {
    const outcome = await store.redis.set(key, uid, 'EX', claimSeconds, 'NX');
    if (outcome === 'OK') counts.namesReclaimed += 1;
  } else {
    counts.namesInConflict += 1;
  }
}

function namesOf({ username, email }: NamedAccount): string[] {
  return email === '' ? [loginKey(username)] : [loginKey(username), emailKey(email)];
}
