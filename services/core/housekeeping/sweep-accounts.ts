import { accountKey } from '../redis/keys.ts';
import { listAccounts } from './list-accounts.ts';
import { purgeIfDue } from './purge-account.ts';
import { ask, type StepContext } from './step.ts';
import { settleNames, type NamedAccount } from './sweep-names.ts';

/** Purges the accounts that are due and sees to the names and the listing of the others, also of those in purgatory. */
export async function sweepAccounts(context: StepContext, uids: readonly string[]): Promise<void> {
  const answers = await ask(context.store, (pipeline) => {
    for (const uid of uids) {
      pipeline.hmget(accountKey(uid), 'username', 'email', 'state', 'pendingUntilMs');
    }
  });
  const read = uids.map((uid, index) => toSwept(uid, answers[index] as (string | null)[]));
  const accounts = read.filter((account) => account !== undefined);
  const purged = await Promise.all(accounts.map(({ uid, mayBeDue }) => mayBeDue && purgeIfDue(context, uid)));
  const kept = accounts.filter((_, index) => !purged[index]);
  await settleNames(context, kept);
  await listAccounts(
    context,
    kept.map(({ uid }) => uid),
  );
}

interface SweptAccount extends NamedAccount {
  /** Worth a closer look; the script that purges decides. */
  mayBeDue: boolean;
}

function toSwept(uid: string, stored: (string | null)[]): SweptAccount | undefined {
  const [username, email, state, pendingUntilMs] = stored;
  if (!username) return undefined;
  return {
    ...{ uid, username, email: email ?? '' },
    mayBeDue: state === 'deleted' || Boolean(pendingUntilMs),
  };
}
