import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import t from 'tap';
import { listKeyReports } from '../../services/core/tokens/key-reports.ts';
import { cliFor } from '../cli/run-cli.ts';
import { openTestStore } from '../cli/sign-in.ts';
import { newClient, basicOf } from '../support/oauth-client.ts';
import { somebody } from '../support/session-service.ts';
import { startTestStack } from '../support/stack.ts';
import { until, untilServed } from '../support/until.ts';

/** J13: real services, real commands, traffic all the while. */
const stack = await startTestStack(t, {
  parts: ['redis', 'session', 'webhook'],
  settings: {
    session: {
      ...{ ARGON2_MEMORY_KIB: '64', ARGON2_TIME: '1', SIGN_INS_PER_ACCOUNT: '100000' },
      ...{ REFRESH_REQUESTS_PER_NETWORK: '1000000', INTROSPECTION_REQUESTS_PER_NETWORK: '1000000' },
    },
  },
});
const cli = cliFor(stack.runDir.path);
const store = await openTestStore(t, stack.redisAdminUrl);
const client = await newClient(store);
const { files, brokerKey } = stack.secrets;
const person = somebody();
await until(async () => (await listKeyReports(store)).length === 2, { what: 'both services report' });

interface Pair {
  access_token: string;
  refresh_token: string;
  session_id: string;
}
const post = async (url: string, body: object, headers: Record<string, string> = {}) => {
  const form = body instanceof URLSearchParams;
  const sent = {
    method: 'POST',
    headers: form ? headers : { 'content-type': 'application/json', ...headers },
    body: form ? body : JSON.stringify(body),
  };
  const response = await untilServed(() => fetch(url, sent));
  return { status: response.status, body: (await response.json()) as any };
};
const api = `${stack.urls.session}/api/auth`;
await post(`${api}/register`, person);
const signIn = async () =>
  (await post(`${api}/login`, { username: person.username, password: person.password })).body.data as Pair;
const kidOf = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid as string;

/** What each verifier says of an access token. */
const verdicts = async ({ access_token: token, session_id: clientid }: Pair) => {
  const [me, check, introspection] = await Promise.all([
    untilServed(() => fetch(`${api}/me`, { headers: { authorization: `Bearer ${token}` } })),
    post(
      `${stack.urls.webhook}/user`,
      { username: person.username, password: token, clientid },
      { 'x-bednet-key': brokerKey },
    ),
    post(`${stack.urls.session}/oauth/introspect`, new URLSearchParams({ token }), {
      authorization: basicOf(client.id, client.secret),
    }),
  ]);
  await me.text();
  return { api: me.status === 200, webhook: check.status === 200, introspection: introspection.body.active };
};
const allGood = { api: true, webhook: true, introspection: true };
const allRefused = { api: false, webhook: false, introspection: false };

/** Signs in, renews and verifies new and old tokens until it is stopped; whatever is refused wrongly is kept. */
function startTraffic() {
  const retired = new Set<string>();
  const wrong: object[] = [];
  const pairs: Pair[] = [];
  let rounds = 0;
  let isOver = false;
  const check = async (pair: Pair) => {
    if (retired.has(kidOf(pair.access_token))) return;
    const told = await verdicts(pair);
    const isFine = told.api && told.webhook && told.introspection;
    if (!isFine && !retired.has(kidOf(pair.access_token)))
      wrong.push({ kid: kidOf(pair.access_token), ...told });
  };
  const lane = async () => {
    let own = await signIn();
    while (!isOver) {
      await check(own);
      const renewed = await post(`${api}/refresh`, { refresh_token: own.refresh_token });
      if (renewed.status !== 200) wrong.push({ renewal: renewed.body });
      else own = renewed.body.data as Pair;
      pairs.push(own);
      await check(own);
      await check(pairs[Math.floor(Math.random() * pairs.length)] ?? own);
      rounds += 1;
    }
  };
  const lanes = [lane(), lane(), lane()];
  return {
    wrong,
    pairs,
    retired,
    rounds: () => rounds,
    stop: async () => {
      isOver = true;
      await Promise.all(lanes);
    },
  };
}

const letTokensEnd = (file: string) => {
  const { keys } = JSON.parse(readFileSync(file, 'utf8')) as { keys: Record<string, string>[] };
  const ended = keys.map((key) =>
    key['tokensUntil'] ? { ...key, tokensUntil: '2026-01-01T00:00:00Z' } : key,
  );
  // In one step, as the command does it: half of a file would be a fault to whoever reads it just then.
  writeFileSync(`${file}.new`, JSON.stringify({ keys: ended }), { mode: 0o600 });
  renameSync(`${file}.new`, file);
};

t.test('rotations, of the algorithm too, refuse no valid token anywhere', async (t) => {
  const traffic = startTraffic();

  for (const algorithm of ['EdDSA', 'ES256', 'HS256', 'RS256', 'EdDSA']) {
    const before = await signIn();
    const beginning = traffic.rounds();
    const { kid } = await cli.json<{ kid: string }>(['keys', 'rotate', '--algorithm', algorithm]);
    await until(() => traffic.rounds() > beginning + 3, { what: 'traffic under both keys' });
    const fresh = await signIn();

    t.equal(kidOf(fresh.access_token), kid, `${algorithm}: the new key signs`);
    t.same(await verdicts(fresh), allGood);
    t.same(await verdicts(before), allGood, 'the key before still verifies');

    traffic.retired.add(kidOf(before.access_token));
    letTokensEnd(files.signingKeys);
    await cli.json(['keys', 'retire']);
    await until(async () => !(await verdicts(before)).webhook, { what: 'the webhook refuses the old key' });
    await until(async () => !(await verdicts(before)).api, { what: 'the API refuses the old key' });
    t.same(await verdicts(before), allRefused, 'retired: refused everywhere');
    t.same(await verdicts(fresh), allGood);
  }

  await traffic.stop();
  t.same(traffic.wrong, [], 'nothing was refused that was valid');
  const kids = new Set(traffic.pairs.map((pair) => kidOf(pair.access_token)));
  t.ok(kids.size >= 5, `${traffic.rounds()} rounds under ${kids.size} keys`);
});

t.test('renewal keys rotate under traffic, too', async (t) => {
  const old = await signIn();
  const traffic = startTraffic();

  const { kid } = await cli.json<{ kid: string }>(['keys', 'rotate', '--renewal']);
  await until(() => traffic.rounds() > 5, { what: 'traffic' });
  await traffic.stop();

  t.same(traffic.wrong, []);
  const renewed = await post(`${api}/refresh`, { refresh_token: old.refresh_token });
  t.equal(renewed.status, 200, 'a token of the key before renews');
  t.equal(renewed.body.data.refresh_token.split('.')[2], kid);
  const other = await signIn();
  letTokensEnd(files.renewalKeys);
  await cli.json(['keys', 'rotate', '--renewal']);
  t.equal(
    (await post(`${api}/refresh`, { refresh_token: other.refresh_token })).status,
    200,
    'one rotation old',
  );
});

t.test('a damaged key file changes nothing but the log and a metric', async (t) => {
  const pair = await signIn();
  const whole = readFileSync(files.signingKeys, 'utf8');
  const wholePublic = readFileSync(files.verificationKeys, 'utf8');
  const faultsOf = async (url: string) =>
    Number(/^bednet_key_file_faults_total (\d+)/m.exec(await (await fetch(`${url}/metrics`)).text())?.[1]);
  const both = () => Promise.all([faultsOf(stack.urls.session), faultsOf(stack.urls.webhook)]);
  t.same(await both(), [0, 0]);

  writeFileSync(files.signingKeys, whole.slice(0, 50));
  writeFileSync(files.verificationKeys, '');
  await until(async () => (await both()).every((count) => count >= 1), { what: 'both notice' });

  t.same(await verdicts(pair), allGood);
  t.same(await verdicts(await signIn()), allGood, 'the keys before go on signing');
  for (const name of ['session', 'webhook'] as const)
    t.match(readFileSync(stack.runDir.logFile(name), 'utf8'), /"event":"keys-not-read"/, name);

  writeFileSync(files.signingKeys, whole);
  writeFileSync(files.verificationKeys, wholePublic);
  t.match(await cli(['keys', 'rotate']), { code: 0 }, 'mended: a rotation goes through');
  t.same(await verdicts(await signIn()), allGood);
});

t.test('SIGHUP ends no service; it reads the keys', async (t) => {
  for (const name of ['session', 'webhook'] as const) process.kill(stack.part(name).pid ?? 0, 'SIGHUP');

  t.same(await verdicts(await signIn()), allGood);
  t.same(stack.deaths, []);
});

t.test('a service that stops takes its report back', async (t) => {
  t.equal((await listKeyReports(store)).length, 2);

  await stack.part('webhook').stop();

  t.match(await listKeyReports(store), [{ service: 'session' }]);
});
