import { availableParallelism } from 'node:os';
import t from 'tap';
import { expectStatus, startSessionStage, type Person, type Tokens } from '../support/session-service.ts';
import { untilServed } from '../support/until.ts';

const realHashes = { ARGON2_MEMORY_KIB: '19456', ARGON2_TIME: '2' };
const hashMib = 19;
/** For 500 requests and their answers, on both sides, in this one process. */
const baseMib = 250;
const { ask, register, signIn, renew } = await startSessionStage(t, {
  ...realHashes,
  GUESS_FAILURES_PER_NETWORK: '100000',
  GUESS_FREE_FAILURES: '1000',
});

const loginOf = ({ username, password }: Person) => ({ username, password });

t.test('of 500 sign-ins at once some are told to come back, and renewals and requests go on', async (t) => {
  const people = await Promise.all(Array.from({ length: 5 }, () => register()));
  const own = await signIn(await register()); // An account's oldest session goes when it has too many.
  const memory = watchMemory();
  let open = 500;
  const statuses = new Map<number, number>();
  const signIns = Array.from({ length: open }, async (_, i) => {
    const answer = await ask('POST', '/api/auth/login', { body: loginOf(people[i % people.length]!) });
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    if (answer.status === 503) t.ok(answer.headers.get('retry-after'));
    open -= 1;
  });

  const renewed = expectStatus(await untilServed(() => renew(own.refresh_token)), 200);
  const { access_token: token } = renewed.body.data as Tokens;
  const me = await untilServed(() => ask('GET', '/api/auth/me', { token }));
  const openThen = open;
  await Promise.all(signIns);
  const grownMib = memory.stop();

  t.equal(me.status, 200);
  t.ok(openThen > 0, `${openThen} sign-ins were still open`);
  t.ok((statuses.get(200) ?? 0) > 0, 'some got in');
  t.ok((statuses.get(503) ?? 0) > 0, 'some did not');
  t.same([...statuses.keys()].sort(), [200, 503], JSON.stringify([...statuses]));
  t.equal((await ask('POST', '/api/auth/login', { body: loginOf(people[1]!) })).status, 200, 'now');
  t.ok(
    grownMib < availableParallelism() * hashMib + baseMib,
    `it took ${Math.round(grownMib)} MiB more at most`,
  );
});

/** Tells at its end by how many MiB this process was larger at most. */
function watchMemory(): { stop(): number } {
  const before = process.memoryUsage.rss();
  let most = before;
  const timer = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 10);
  return {
    stop() {
      clearInterval(timer);
      return (most - before) / 2 ** 20;
    },
  };
}
