import { setTimeout as delay } from 'node:timers/promises';
import { findUidByLogin } from '../../../services/core/accounts/account.ts';
import { disableAccount } from '../../../services/core/accounts/change-account-state.ts';
import { createAccount } from '../../../services/core/accounts/create-account.ts';
import { openStore, untilReady, type Store } from '../../../services/core/redis/store.ts';
import type { BenchContext, Row } from '../bench-context.ts';
import { httpRequest, openHttp, type HttpConnection } from '../load/http-connection.ts';
import { startStopwatch } from '../load/stopwatch.ts';
import { measureInTurns, type Contender } from '../measurement.ts';
import { median } from '../statistics.ts';
import { enrolSecondFactor, newPerson, registerPerson, type BenchPerson } from '../systems/people.ts';

/** 200 tries of each kind, by turns (facts: E2, E4); the pause lets what goes on after an answer come to its end. */
const tries = { rounds: 200, warmUpMs: 10_000, durationMs: 10_000, maxCount: 1 };
const pauseMs = 10;

/** Further apart than this, medians of 200 tries tell who has an account. */
const widestGap = 0.05;

type MakeRequest = () => { path: string; body: object; status: number };

/** Whether the time of an answer tells who has an account: failed sign-ins, registrations and forgotten passwords. */
export const enumerationRow: Row = {
  name: 'enumeration',
  async measure(context) {
    await using open = new AsyncDisposableStack();
    const store = openStore({ url: context.stack.redisUrl('session'), commandTimeoutMs: 2000 });
    open.defer(() => store.close());
    await untilReady(store, 5000);
    const conditions = {
      'failed sign-in, with a pause before': await failedSignIns(store, context.stack.ports.session),
      'registration, with a pause before': await registrations(context.stack.ports.session),
      'forgotten password, with a pause before': await forgottenPasswords(context.stack.ports.session),
    };
    const groups = [];
    for (const [condition, kinds] of Object.entries(conditions)) {
      groups.push(await compare(context, condition, kinds));
    }
    return groups;
  },
};

async function compare(context: BenchContext, condition: string, kinds: Record<string, MakeRequest>) {
  context.say(condition);
  const connection = await openHttp(context.stack.ports.session);
  const results = await measureInTurns(toContenders(connection, kinds), tries);
  connection.close();
  const middle = median(results.map(({ p50Ms }) => p50Ms));
  const gap = Math.max(...results.map(({ p50Ms }) => Math.abs(p50Ms / middle - 1)));
  if (gap > widestGap) {
    context.say(`medians differ by ${(gap * 100).toFixed(1)} %: measure again on a calm machine`);
  }
  const figures = [{ name: 'widest distance of a median from their middle, in %', value: gap * 100 }];
  return { row: 'enumeration', condition, results, figures };
}

async function failedSignIns(store: Store, port: number): Promise<Record<string, MakeRequest>> {
  const known = await registerPerson(port);
  const disabled = await registerPerson(port);
  await disableAccount(store, {
    uid: (await findUidByLogin(store, disabled.username)) ?? '',
    reason: 'bench',
    actor: 'bench',
  });
  const enrolled = await enrolSecondFactor(port, await registerPerson(port));
  const bare = newPerson();
  await createAccount(store, { ...bare, roles: ['user'], passwordHash: '', actor: 'bench' });
  return {
    'wrong password': signInAs(known),
    'unknown name': signInAs(newPerson()),
    'disabled account': signInAs(disabled),
    'no password set': signInAs(bare),
    'second factor is on': signInAs(enrolled),
  };
}

async function registrations(port: number): Promise<Record<string, MakeRequest>> {
  const { email } = await registerPerson(port);
  const registerAs = (change: Partial<BenchPerson>) => () => ({
    path: '/api/auth/register',
    body: { ...newPerson(), full_name: 'Bench', ...change },
    status: 201,
  });
  return { 'unknown address': registerAs({}), 'known address': registerAs({ email }) };
}

/** More people than one: an address gets three mails an hour, and a fourth request is less work for known and unknown. */
async function forgottenPasswords(port: number): Promise<Record<string, MakeRequest>> {
  const emails: string[] = [];
  while (emails.length < 70) emails.push((await registerPerson(port)).email);
  let next = 0;
  const ask = (email: string) => ({ path: '/api/auth/forgot-password', body: { email }, status: 200 });
  return {
    'unknown address': () => ask(newPerson().email),
    'known address': () => ask(emails[next++ % emails.length] as string),
  };
}

function signInAs({ username }: BenchPerson): MakeRequest {
  const body = { username, password: 'not the password of anybody' };
  return () => ({ path: '/api/auth/login', body, status: 401 });
}

function toContenders(connection: HttpConnection, kinds: Record<string, MakeRequest>): Contender[] {
  return Object.entries(kinds).map(([system, make]) => ({
    system,
    measure: async (limits) => {
      const { path, body, status: expected } = make();
      await delay(pauseMs);
      const stopwatch = startStopwatch(limits);
      const startedMs = performance.now();
      const { status, body: text } = await connection.send(httpRequest('POST', path, {}, body));
      if (status === expected) stopwatch.succeeded(startedMs);
      else stopwatch.failed(`${status} ${text}`);
      return { ...stopwatch.stop(), seconds: Number.NaN };
    },
  }));
}
