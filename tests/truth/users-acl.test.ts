import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateSync } from 'otplib';
import t, { type Test } from 'tap';
import { clientsKey, credentialKey } from '../../services/core/redis/keys.ts';
import { openTestStore } from '../cli/sign-in.ts';
import { portsOf } from '../cli/doctor-stage.ts';
import { cliFor, goodPassword, type Cli } from '../cli/run-cli.ts';
import { openClient } from '../support/mqtt-outcomes.ts';
import { makeTestFolder, startTestStack, type TestStack } from '../support/stack.ts';
import { until } from '../support/until.ts';
import { useAccountChanges } from './use-account-changes.ts';
import { useAdmin } from './use-admin.ts';
import { useClients } from './use-clients.ts';
import { useOwnAccount } from './use-own-account.ts';
import { useHousekeeping } from './use-housekeeping.ts';
import { useMail } from './use-mail.ts';
import { usePeople } from './use-people.ts';
import { useNearCache } from './use-near-cache.ts';
import { useOauth } from './use-oauth.ts';
import { useTowerControl } from './use-tower-control.ts';
import { watchCommands, type UserRecord } from './command-watch.ts';
import { watchKeyLives } from './key-lives.ts';

interface Pair {
  access_token: string;
  refresh_token: string;
  session_id: string;
  user: { id: string };
}

/**
 * Granted though no scenario needs it: what the connection itself sends, what waits for replicas, and what blocks a
 * network with GUESS_PRESET=tower-control (multi, exec).
 */
const notInTheScenario: Record<string, readonly string[]> = {
  stack: ['info'],
  session: ['ping', 'info', 'wait', 'eval', 'multi', 'exec'],
  webhook: ['ping', 'info', 'wait'],
  cli: ['ping', 'wait', 'eval', 'evalsha'],
};

t.test('users.acl grants each service the commands and keys that it uses, and nothing else', async (t) => {
  const stack = await startTestStack(t, {
    settings: {
      session: { ARGON2_MEMORY_KIB: '1024', ARGON2_TIME: '1', RENEWAL_GRACE_SECONDS: '0' },
      webhook: { EXPIRY_SWEEP_MS: '100', NEAR_CACHE: 'on' },
    },
  });
  const store = await openTestStore(t, stack.redisAdminUrl);
  const watch = await watchCommands(t, stack.redisAdminUrl, 'cli');
  const lives = watchKeyLives(store.redis);

  await useEverything(t, stack);
  const records = await watch.stop();
  const { faults, seen } = await lives.stop();

  for (const user of ['session', 'webhook', 'cli']) {
    const record = records.get(user) ?? { commands: new Set(), keys: new Set() };
    const granted = grantsOf(user);
    t.same(
      granted.commands.filter((name) => !isUsed(user, name, record)),
      [],
      `${user}: no command is granted idly`,
    );
    t.same(
      granted.patterns.filter(
        (pattern) => !pattern.endsWith(':barrier') && ![...record.keys].some((key) => matches(pattern, key)),
      ),
      [],
      `${user}: no key pattern is granted idly`,
    );
  }
  t.same(await store.redis.acl('LOG'), [], 'nothing that was asked for was refused');
  await t.test('every key that appeared meanwhile had the life that the table of keys tells', async (t) => {
    t.ok(seen > 100, `${seen} keys`);
    t.same(faults, []);
  });
});

/** Every use of Redis that the services and the command line have. */
async function useEverything(t: Test, stack: TestStack): Promise<void> {
  const cli = cliFor(stack.runDir.path);
  await useNearCache(t, stack);
  const api = `${stack.urls.session}/api/auth`;
  const credentials = { username: 'ana', email: 'ana@example.org', password: goodPassword, full_name: 'Ana' };
  await ask('POST', `${api}/register`, credentials);
  await ask('POST', `${api}/register`, { ...credentials, username: 'ann' });
  const first = await signIn(api);
  const second = await signIn(api);
  const third = await signIn(api);
  await ask('POST', `${api}/refresh`, { refresh_token: first.refresh_token });
  await ask('GET', `${api}/me`, undefined, first.access_token);
  await ask('GET', `${api}/sessions`, undefined, first.access_token);
  await ask('GET', `${api}/activity`, undefined, first.access_token);
  await connectOften(t, stack, first);
  await ask('DELETE', `${api}/sessions/${third.session_id}`, undefined, first.access_token);
  const passwords = { current_password: goodPassword, new_password: `${goodPassword}!` };
  await ask('POST', `${api}/change-password`, passwords, first.access_token);
  await ask('POST', `${api}/logout`, {}, second.access_token);
  await ask('POST', `${api}/sessions/terminate-others`, {}, first.access_token);
  await useReuse(stack, api);
  await useSecondFactor(t, stack, api);
  await useMail(t, stack);
  await useAccountChanges(t, stack, cli);
  await useTowerControl(t, stack);
  await usePeople(t, stack, { cli, email: credentials.email, password: passwords.new_password });
  await useCommandLine(t, stack, cli);
  await useDevices(t, stack, cli);
  const admin = await signIn(api, `${goodPassword}!`);
  await useClients(t, stack, {
    ...{ sid: admin.session_id, username: 'ana', token: admin.access_token },
  });
  await useOauth(t, stack, cli, await signIn(api, `${goodPassword}!`));
  await useAdmin(t, stack, { uid: admin.user.id, token: admin.access_token });
  await useHousekeeping(t, stack);
}

/** More client ids than a session keeps, then a kick. */
async function connectOften(t: Test, stack: TestStack, pair: Pair): Promise<void> {
  for (let i = 0; i < 66; i += 1) {
    const clientId = `${pair.session_id}-${i}`;
    const client = openClient({
      port: stack.ports.mqtt,
      clientId,
      username: 'ana',
      password: pair.access_token,
    });
    t.match(await client.next(), /^connack/i, clientId);
    await client.drop();
  }
}

async function useReuse(stack: TestStack, api: string): Promise<void> {
  const pair = await signIn(api, `${goodPassword}!`);
  const renew = async ({ refresh_token }: Pair) =>
    (await ask('POST', `${api}/refresh`, { refresh_token })).data as unknown as Pair;
  const second = await renew(pair);
  await renew(pair);
  const newest = await renew(second);
  const client = openClient({
    ...{ port: stack.ports.mqtt, clientId: pair.session_id },
    ...{ username: 'ana', password: newest.access_token },
  });
  await client.next();
  await ask('POST', `${api}/refresh`, { refresh_token: pair.refresh_token });
  while ((await client.next()) !== 'closed');
}

async function useCommandLine(t: Test, stack: TestStack, cli: Cli): Promise<void> {
  const admin = await openTestStore(t, stack.redisAdminUrl);
  const run = async (...args: string[]) =>
    t.match((await cli(args, { input: `${goodPassword}\n` })).code, /0/, args.join(' '));
  await run('account', 'create', 'ben', '--email', 'ben@example.org');
  const api = `${stack.urls.session}/api/auth`;
  const pair = await signIn(api, goodPassword, 'ben');
  const client = openClient({
    ...{ port: stack.ports.mqtt, clientId: pair.session_id },
    ...{ username: 'ben', password: pair.access_token },
  });
  await client.next();
  await Promise.all([
    run('account', 'list'),
    run('account', 'show', 'ben'),
    run('session', 'list', 'ben'),
    run('explain', 'ben', pair.session_id, 'write', 'users/ben/x'),
  ]);
  t.match(await cli(['doctor'], { environment: portsOf(stack.ports) }), { code: 0 }, 'doctor');
  await useRules(t, cli);
  await useRoles(t, cli);
  await run('session', 'revoke', pair.session_id, '--yes');
  while ((await client.next()) !== 'closed');
  await until(async () => (await admin.redis.exists(clientsKey(pair.session_id))) === 0, {
    what: 'the client is forgotten',
  });
  await run('session', 'revoke', '--all', 'ben', '--yes');
  await run('account', 'disable', 'ben', '--yes');
  await run('account', 'enable', 'ben');
  await run('account', 'delete', 'ben', '--yes');
}

async function useRules(t: Test, cli: Cli): Promise<void> {
  const file = join(makeTestFolder(t), 'rules.yaml');
  writeFileSync(file, 'roles: { user: [], admin: { permissions: ["*"] } }');
  for (const args of [['apply', file], ['history'], ['rollback', '0']]) {
    t.match(await cli(['rules', ...args]), { code: 0 }, args.join(' '));
  }
}

/** Two admins, one of whom goes; the other one then is the last. */
async function useRoles(t: Test, cli: Cli): Promise<void> {
  const rows: [username: string, role: string, code: number][] = [
    ['ana', 'admin', 0],
    ['ben', 'admin', 0],
    ['ben', 'user', 0],
    ['ana', 'user', 1],
  ];
  for (const [username, role, code] of rows) {
    t.match(await cli(['account', 'set-roles', username, role]), { code }, `${username} ${role}`);
  }
}

/** An account that turns a second factor on, signs in by it and turns it off. */
async function useSecondFactor(t: Test, stack: TestStack, api: string): Promise<void> {
  const store = await openTestStore(t, stack.redisAdminUrl);
  const cleo = { username: 'cleo', email: 'cleo@example.org', password: goodPassword, full_name: 'Cleo' };
  await ask('POST', `${api}/register`, cleo);
  const { access_token: token, user } = await signIn(api, goodPassword, 'cleo');
  const { data = {} } = await ask('POST', `${api}/2fa/enable`, {}, token);
  /** The code of now, as if none had been used yet: one of another step might be of none that counts when it comes. */
  const nextCode = async () => {
    await store.redis.hset(credentialKey(user.id), 'totpLastStep', -1);
    return generateSync({ secret: String(data.secret), epoch: Math.floor(Date.now() / 1000) });
  };
  await ask('POST', `${api}/2fa/verify`, { code: await nextCode() }, token);
  const { username, password } = cleo;
  const begun = await ask('POST', `${api}/login`, { username, password });
  await ask('POST', `${api}/2fa/verify`, { code: await nextCode(), temp_token: begun.data?.temp_token });
  const [backupCode] = data.backup_codes as string[];
  await ask('POST', `${api}/step-up`, { password, code: backupCode }, token);
  await ask('POST', `${api}/2fa/disable`, { code: await nextCode(), password }, token);
}

/** A device that connects, gets another key, and is kicked. */
async function useDevices(t: Test, stack: TestStack, cli: Cli): Promise<void> {
  const run = async (...args: string[]) =>
    t.match(await cli(['device', ...args]), { code: 0 }, args.join(' '));
  const { key } = await cli.json<{ key: string }>(['device', 'create', 'lamp', '--owner', 'ana']);
  await Promise.all([run('list'), run('show', 'lamp'), run('rotate-key', 'lamp')]);
  const client = openClient({
    ...{ port: stack.ports.mqtt, clientId: 'lamp' },
    ...{ username: 'd:lamp', password: key },
  });
  t.equal(await client.next(), 'connack 0');
  const { access_token: token } = await signIn(`${stack.urls.session}/api/auth`, `${goodPassword}!`);
  await useOwnAccount(t, stack, token);
  await run('disable', 'lamp', '--yes');
  while ((await client.next()) !== 'closed');
  await run('delete', 'lamp', '--yes');
}

async function signIn(api: string, password = goodPassword, username = 'ana'): Promise<Pair> {
  return (await ask('POST', `${api}/login`, { username, password })).data as unknown as Pair;
}

async function ask(
  method: string,
  url: string,
  body?: object,
  token?: string,
): Promise<{ data?: Record<string, unknown> }> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(body && { 'content-type': 'application/json' }),
      ...(token && { authorization: `Bearer ${token}` }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  return (await response.json()) as { data?: Record<string, unknown> };
}

function grantsOf(user: string): { commands: string[]; patterns: string[] } {
  const line = readFileSync('redis/users.acl', 'utf8')
    .split('\n')
    .find((candidate) => candidate.startsWith(`user ${user} `));
  const words = (line ?? '').split(' ');
  return {
    commands: words.filter((word) => /^\+[a-z]/.test(word)).map((word) => word.slice(1)),
    patterns: words.filter((word) => /^(%RW?)?~/.test(word)).map((word) => word.slice(word.indexOf('~') + 1)),
  };
}

function isUsed(user: string, name: string, { commands }: UserRecord): boolean {
  return commands.has(name) || (notInTheScenario[user] ?? []).includes(name);
}

/** Redis' glob, as far as users.acl uses it: `?` is one character, `*` any number. */
function matches(pattern: string, key: string): boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('?', '.')
    .replaceAll('*', '.*');
  return new RegExp(`^${source}$`).test(key);
}
