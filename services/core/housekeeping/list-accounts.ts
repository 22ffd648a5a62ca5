import { partitionOf } from '../ids.ts';
import { accountIndexKey, accountKey } from '../redis/keys.ts';
import { ask, type StepContext } from './step.ts';

/** Lists the accounts that are in no list: those created before there were lists. */
export async function listAccounts(context: StepContext, uids: readonly string[]): Promise<void> {
  const { store, counts } = context;
  const scores = await ask(store, (pipeline) => {
    for (const uid of uids) pipeline.zscore(accountIndexKey(partitionOf(uid)), uid);
  });
  const answers = await Promise.all(
    uids
      .filter((_, index) => scores[index] === null)
      .map((uid) => store.run('account-list', [accountKey(uid), accountIndexKey(partitionOf(uid))], [uid])),
  );
  counts.accountsListed += answers.filter(([outcome]) => outcome === 'listed').length;
}
