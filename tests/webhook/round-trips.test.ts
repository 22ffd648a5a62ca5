import { readFileSync } from 'node:fs';
import t from 'tap';
import { replaceRules } from '../../services/core/rules/replace-rules.ts';
import { commandsOf } from '../support/count-work.ts';
import { openRedisLink } from '../support/redis-link.ts';
import { until } from '../support/until.ts';
import { startWebhookStage } from '../support/webhook-service.ts';

const home = await startWebhookStage(t, { parts: ['redis'] });
const link = await openRedisLink(t, home.stack.ports.redis);
const { stack } = home;
/** A webhook service that reaches the home stage's Redis over the link, and trusts its keys. */
const stage = await startWebhookStage(t, {
  settings: {
    webhook: {
      BROKER_URLS: '',
      REDIS_URL: stack.redisUrl('webhook').replace(`:${stack.ports.redis}`, `:${link.port}`),
      ISSUER: home.issuer,
      VERIFICATION_KEYS_FILE: stack.secrets.files.verificationKeys,
    },
  },
});
const alice = await home.signIn();
const user = { username: alice.username, password: alice.token, clientid: alice.clientId };
const acl = {
  username: alice.username,
  clientid: alice.clientId,
  topic: `users/${alice.username}/x`,
  acc: 2,
};

/** The least of three: every few seconds the service also reports which keys it has. */
async function roundTrips(ask: () => Promise<unknown>): Promise<number> {
  return Math.min(await sendsOf(ask), await sendsOf(ask), await sendsOf(ask));
}

async function sendsOf(ask: () => Promise<unknown>): Promise<number> {
  const before = link.sends();
  await ask();
  return link.sends() - before;
}

t.test('an ACL check is one round trip to Redis, granted or denied', async (t) => {
  for (const acc of [1, 2, 4])
    t.equal(await roundTrips(() => stage.askAcl({ ...acl, acc })), 1, `acc ${acc}`);
  t.equal((await stage.askAcl(acl)).status, 200);
  t.equal(await roundTrips(() => stage.askAcl({ ...acl, topic: 'x' })), 1, 'denied by the rules');
  t.equal(await roundTrips(() => stage.askAcl({ ...acl, clientid: 'A'.repeat(22) })), 1, 'unknown session');
});

t.test('a sign-in by token waits for one round trip; the client is noted in a second one', async (t) => {
  t.ok((await roundTrips(async () => t.equal((await stage.askUser(user)).status, 200))) <= 2);
  await until(async () => (await home.store.redis.hlen(`bn:{${alice.sid[0]}}:clients:${alice.sid}`)) === 1);
  t.ok(
    (await roundTrips(() => stage.ask('/user', { body: 'null', bearer: alice.token }))) <= 1,
    'no client id',
  );
});

t.test('a sign-in that is denied writes nothing', async (t) => {
  const gone = await home.signIn();
  await home.revoke(gone);

  const body = { username: gone.username, password: gone.token, clientid: gone.clientId };
  t.equal(await roundTrips(() => stage.askUser(body)), 1);
  t.equal(await home.store.redis.exists(`bn:{${gone.sid[0]}}:clients:${gone.sid}`), 0);
});

t.test(
  'a revocation is two round trips where nobody answers from memory: the script, then who has to be waited for',
  async (t) => {
    const [first, second] = [await home.signIn(), await home.signIn()];
    await home.revoke(first); // The script is loaded.

    const commands = await commandsOf(home.store, () => home.revoke(second));

    t.same(commands, ['evalsha', 'hgetall', 'xinfo']);
  },
);

t.test('what names alone decide does not ask Redis', async (t) => {
  t.equal(await roundTrips(() => stage.askAcl({ ...acl, clientid: 'x' })), 0);
  t.equal(await roundTrips(() => stage.askAcl({ ...acl, username: 'd:x' })), 0);
  t.equal(await roundTrips(() => stage.askAcl({ ...acl, username: 'k:kick' })), 0);
  t.equal(await roundTrips(() => stage.askUser({ ...user, password: 'wrong' })), 0, 'a wrong password');
});

t.test('a change of rules costs one more round trip, once', async (t) => {
  const rule = { effect: 'allow', access: ['write'], filter: '#' } as const;
  await replaceRules(
    home.store,
    { version: '0', roles: { user: { permissions: [], rules: [rule] } } },
    { actor: 'test' },
  );

  t.ok((await sendsOf(() => stage.askAcl(acl))) >= 2);
  t.equal(await roundTrips(() => stage.askAcl(acl)), 1);
});

t.test('the webhook service neither loads the password hash nor is told of a private key', async (t) => {
  const { pid } = stage.stack.part('webhook');

  t.notMatch(readFileSync(`/proc/${pid}/maps`, 'utf8'), /argon2/);
  t.notMatch(readFileSync(`/proc/${pid}/environ`, 'utf8'), /SIGNING_KEYS_FILE|RENEWAL_KEYS_FILE|PEPPER/);
});
