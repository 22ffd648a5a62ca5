import { accountKey } from '../redis/keys.ts';
import { purgeAccount } from './purge-account.ts';
import { ask, type StepContext } from './step.ts';
import { settleNames, type NamedAccount } from './sweep-names.ts';

/** Purges the accounts that are due and sees to the names of the others, but for those whose deletion is under way. */
export async function sweepAccounts(context: StepContext, uids: readonly string[]): Promise<void> {
  const answers = await ask(context.store, (pipeline) => {
    for (const uid of uids) {
      pipeline.hmget(accountKey(uid), 'username', 'email', 'state', 'purgeAtMs', 'pendingUntilMs');
    }
  });
  const read = uids.map((uid, index) => toSwept(uid, answers[index] as (string | null)[]));
  const accounts = read.filter((account) => account !== undefined);
  const purged = await Promise.all(
    accounts.map(({ uid, mayBeDue }) => mayBeDue && purgeAccount(context, uid)),
  );
  const named = accounts.filter(({ isGoing }, index) => !purged[index] && !isGoing);
  await settleNames(context, named);
}

interface SweptAccount extends NamedAccount {
  /** Worth a closer look; the script that purges decides. */
  mayBeDue: boolean;
  /** Its deletion is under way. */
  isGoing: boolean;
}

function toSwept(uid: string, stored: (string | null)[]): SweptAccount | undefined {
  const [username, email, state, purgeAtMs, pendingUntilMs] = stored;
  if (!username) return undefined;
  return {
    ...{ uid, username, email: email ?? '' },
    mayBeDue: state === 'deleted' || Boolean(pendingUntilMs),
    isGoing: state === 'deleted' && !purgeAtMs,
  };
}
