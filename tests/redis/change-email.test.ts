import { randomBytes } from 'node:crypto';
import t from 'tap';
import { findAccount } from '../../services/core/accounts/account.ts';
import { createAccount } from '../../services/core/accounts/create-account.ts';
import { changeEmail, findEmailChange, issueEmailChange } from '../../services/core/accounts/email-change.ts';
import { disableAccount } from '../../services/core/accounts/change-account-state.ts';
import { readMailedToken } from '../../services/core/accounts/mailed-token.ts';
import { emailChangeKey, emailKey } from '../../services/core/redis/keys.ts';
import type { Store } from '../../services/core/redis/store.ts';
import { startSweepStage } from '../housekeeping/sweep-stage.ts';

const { store, admin, sweep, newAccount } = await startSweepStage(t);
const forGood = -1;
const newAddress = () => `e${randomBytes(6).toString('hex')}@example.org`;

/** An account with a change that waits for its token. */
async function asked(email = newAddress()) {
  const { uid, email: oldEmail } = await newAccount();
  const epoch = (await findAccount(store, uid))?.epoch ?? '';
  const token = readMailedToken(await issueEmailChange(store, { uid, email, oldEmail, epoch }));
  const change = token && (await findEmailChange(store, token));
  if (!change) throw new Error('the change is not found');
  return { uid, email, oldEmail, change };
}

/** A store that dies right after, or instead of, its nth script of this name. */
function dyingAt(script: string, when: 'before' | 'after'): Store {
  return {
    ...store,
    async run(name, keys, args) {
      if (name === script && when === 'before') throw new Error('died');
      const answer = await store.run(name, keys, args);
      if (name === script) throw new Error('died');
      return answer;
    },
  };
}

t.test('wherever a change dies, a repeat finishes it', async (t) => {
  const deaths: [string, 'before' | 'after'][] = [
    ['account-change-email', 'before'],
    ['account-change-email', 'after'],
    ['claim-settle', 'after'],
    ['key-release', 'before'],
    ['key-release', 'after'],
  ];
  for (const [script, when] of deaths) {
    const { uid, email, oldEmail, change } = await asked();
    await t.rejects(changeEmail(dyingAt(script, when), change), /died/);

    t.equal(await changeEmail(store, change), 'changed', `${when} ${script}`);

    t.match(await findAccount(store, uid), { email, emailVerified: true });
    t.equal(await admin.redis.ttl(emailKey(email)), forGood);
    for (const key of [emailKey(oldEmail), emailChangeKey(uid)])
      t.equal(await admin.redis.exists(key), 0, key);
  }
});

t.test('wherever a change dies for good, housekeeping leaves each name with its account', async (t) => {
  const before = await asked();
  const after = await asked();
  await t.rejects(changeEmail(dyingAt('account-change-email', 'before'), before.change), /died/);
  await t.rejects(changeEmail(dyingAt('account-change-email', 'after'), after.change), /died/);

  await sweep();

  t.match(await findAccount(store, before.uid), { email: before.oldEmail });
  t.equal(await admin.redis.ttl(emailKey(before.oldEmail)), forGood);
  t.ok((await admin.redis.ttl(emailKey(before.email))) > 0, 'the claim lapses');
  t.match(await findAccount(store, after.uid), { email: after.email });
  t.equal(await admin.redis.ttl(emailKey(after.email)), forGood);
  t.ok((await admin.redis.ttl(emailKey(after.oldEmail))) > 0, 'the old name lapses');
});

t.test('a change whose durability is not confirmed can be repeated', async (t) => {
  const { uid, email, oldEmail, change } = await asked();
  const failing = { ...store, confirmDurable: () => Promise.reject(new Error('no replica')) };
  await t.rejects(changeEmail(failing, change), /no replica/);
  t.equal(await admin.redis.get(emailKey(oldEmail)), uid, 'nobody gets the old address before');
  t.ok((await admin.redis.ttl(emailKey(email))) > 0, 'nor is the new one taken for good');

  t.equal(await changeEmail(store, change), 'changed');
  t.equal(await changeEmail(store, change), 'void', 'and then it is used up');
  t.match(await findAccount(store, uid), { email });
});

t.test('a change is void once the address or the account has changed', async (t) => {
  const taken = await asked();
  const rival = { username: 'rival', email: taken.email, roles: [], passwordHash: 'none', actor: 'test' };
  await createAccount(admin, rival);
  const disabled = await asked();
  await disableAccount(admin, { uid: disabled.uid, reason: 'test', actor: 'test' });

  for (const { uid, oldEmail, change } of [taken, disabled]) {
    t.equal(await changeEmail(store, change), 'void');
    t.match(await findAccount(store, uid), { email: oldEmail });
    t.equal(await admin.redis.get(emailKey(oldEmail)), uid);
  }
  t.not(await admin.redis.get(emailKey(taken.email)), taken.uid, 'the rival keeps it');
});

t.test('twenty accounts that want one address at once: one gets it, the others keep theirs', async (t) => {
  const email = newAddress();
  const people = await Promise.all(Array.from({ length: 20 }, () => asked(email)));

  const outcomes = await Promise.all(people.map(({ change }) => changeEmail(store, change)));

  t.equal(outcomes.filter((outcome) => outcome === 'changed').length, 1);
  t.equal(outcomes.filter((outcome) => outcome === 'void').length, 19);
  const holder = await admin.redis.get(emailKey(email));
  for (const { uid, oldEmail } of people) {
    const expected = uid === holder ? email : oldEmail;
    t.match(await findAccount(store, uid), { email: expected });
    t.equal(await admin.redis.get(emailKey(expected)), uid);
  }
});

t.test(
  'an account that registers with the address meanwhile, or the change, gets it: never both',
  async (t) => {
    for (let round = 0; round < 10; round += 1) {
      const { uid, email, change } = await asked();
      const newcomer = { username: `new${round}`, email, roles: [], passwordHash: 'none', actor: 'test' };

      const [outcome, creation] = await Promise.all([
        changeEmail(store, change),
        createAccount(admin, newcomer),
      ]);

      t.not(outcome === 'changed', creation.outcome === 'created');
      const holder = await admin.redis.get(emailKey(email));
      t.equal(holder, creation.outcome === 'created' ? creation.uid : uid);
    }
  },
);
