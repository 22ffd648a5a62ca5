import t from 'tap';
import { setRoles } from '../../services/core/accounts/set-roles.ts';
import { defaultRulesDocument } from '../../services/core/acl/rules.ts';
import { createRulesSource } from '../../services/core/check/rules-source.ts';
import { explain } from '../../services/core/check/explain.ts';
import { sessionKey } from '../../services/core/redis/keys.ts';
import { replaceRules } from '../../services/core/rules/replace-rules.ts';
import { startWebhookStage, type SignedIn } from '../support/webhook-service.ts';

const stage = await startWebhookStage(t);
const { store, signIn, askAcl, askUser } = stage;

const { roles } = defaultRulesDocument;
const demanding = { ...roles.user!, secondFactor: 'required' } as const;
await replaceRules(store, { version: '0', roles: { ...roles, demanding } }, { actor: 'test' });

const write = ({ username, clientId }: SignedIn) =>
  askAcl({ username, clientid: clientId, topic: `users/${username}/x`, acc: 2 });
const read = ({ username, clientId }: SignedIn) =>
  askAcl({ username, clientid: clientId, topic: `users/${username}/x`, acc: 1 });
const connect = ({ username, clientId, token }: SignedIn) =>
  askUser({ username, password: token, clientid: clientId });
const demand = ({ uid }: SignedIn) => setRoles(store, { uid, roles: ['demanding'], actor: 'test' });

t.test(
  'a session without the second factor that a role demands is denied from the next check on',
  async (t) => {
    const alice = await signIn();
    t.equal((await connect(alice)).status, 200);
    t.equal((await write(alice)).status, 200);

    await demand(alice);

    for (const answer of [await write(alice), await read(alice), await connect(alice)]) {
      t.equal(answer.status, 403);
      t.equal(answer.reason, 'second-factor-missing');
    }
    const bearer = await stage.ask('/user', { bearer: alice.token, body: 'null' });
    t.equal(bearer.reason, 'second-factor-missing', 'with the token as username');
  },
);

t.test('explain tells why', async (t) => {
  const alice = await signIn();
  await demand(alice);
  const topic = `users/${alice.username}/x`;

  const told = await explain(
    { store, rules: createRulesSource(store) },
    { username: alice.username, clientId: alice.clientId, topic, access: 'write' },
  );

  t.match(told, { granted: false, reason: 'second-factor-missing' });
  t.match(told.sentences.join(' '), /sign in again/);
});

t.test('a session of which nobody knows how it was opened counts as one without', async (t) => {
  const alice = await signIn();
  await store.redis.hdel(sessionKey(alice.sid), 'amr');
  t.equal((await write(alice)).status, 200, 'as long as nothing is demanded');

  await demand(alice);

  t.equal((await write(alice)).reason, 'second-factor-missing');
});

t.test('a session that was opened with a second factor is granted what its roles allow', async (t) => {
  for (const amr of ['pwd,otp,mfa', 'pwd,mca']) {
    const alice = await signIn();
    await store.redis.hset(sessionKey(alice.sid), 'amr', amr);
    await demand(alice);

    t.equal((await connect(alice)).status, 200, amr);
    t.equal((await write(alice)).status, 200, amr);
  }
});
