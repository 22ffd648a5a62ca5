import type { BrowserContext, Page, Request, Route } from 'playwright-core';
import t from 'tap';
import { loginKey, sessionIndexKey, sessionKey } from '../../services/core/redis/keys.ts';
import { toMs } from '../../services/core/redis/time.ts';
import { giveRoles } from '../support/admins.ts';
import { startBrowserStage } from '../support/browser.ts';
import { openLivePage, publishAs, signInAt, subscribeToOwn, untilConnected } from '../support/live-page.ts';
import { putPagesToSleep } from '../support/renderers.ts';
import type { Person } from '../support/session-service.ts';
import { until } from '../support/until.ts';

const accessTtlSeconds = 5;
const stage = await startBrowserStage(t, {
  settings: { session: { ACCESS_TTL_SECONDS: String(accessTtlSeconds) } },
});
const refresh = '**/api/auth/refresh';
const messages = 'ol[aria-labelledby="messages-title"] > li';
const isRenewal = (request: Request) => new URL(request.url()).pathname === '/api/auth/refresh';

t.test('two tabs that renew at the same moment with one cookie both stay signed in', async (t) => {
  // Without the ways in which tabs speak to each other, so that only the server makes them meet.
  const alone = (profile: BrowserContext) =>
    profile.addInitScript(() => {
      Object.defineProperty(globalThis, 'BroadcastChannel', { value: undefined });
      Object.defineProperty(Navigator.prototype, 'locks', { value: undefined });
    });
  const { person, profile, page } = await openLivePage(stage, {}, alone);
  const other = await stage.openTab(profile, '/live');
  await untilConnected(other);
  await subscribeToOwn(other);
  const statuses: number[] = [];

  const waiting: (() => void)[] = [];
  for (const tab of [page, other]) {
    tab.on(
      'response',
      (response) => void (isRenewal(response.request()) && statuses.push(response.status())),
    );
    await tab.route(refresh, async (route) => {
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        if (waiting.length === 2) for (const go of waiting.splice(0)) go();
      });
      await route.continue();
    });
  }
  await until(async () => statuses.length >= 4);

  t.strictSame([...new Set(statuses)], [200]);
  await publishOn(page, 'both are there');
  await other.locator(messages, { hasText: 'both are there' }).waitFor();
  t.equal(await stateOf(person), 'active');
});

t.test('tabs that hear of each other renew about once in a life, not once each', async (t) => {
  const { profile, page } = await openLivePage(stage);
  const tabs = [page, await stage.openTab(profile, '/live'), await stage.openTab(profile, '/live')];
  for (const tab of tabs) await untilConnected(tab);
  let renewals = 0;
  for (const tab of tabs) tab.on('request', (request) => void (isRenewal(request) && renewals++));

  await until(() => renewals >= 1);
  const firstAtMs = performance.now();
  await until(() => renewals >= 4, { timeoutMs: 30_000 });
  const tookMs = performance.now() - firstAtMs;

  t.comment(`3 more renewals of 3 tabs in ${(tookMs / accessTtlSeconds / 1000).toFixed(1)} lives`);
  // Three tabs that renew on their own do so within one life.
  t.ok(tookMs > 1.5 * accessTtlSeconds * 1000);
});

t.test('a renewal whose answer is lost is asked for again, and nobody is signed out', async (t) => {
  const { person, page } = await openLivePage(stage);
  let lost = 0;
  const loseAnswer = async (route: Route) => {
    const { cookie = '', origin = stage.url } = await route.request().allHeaders();
    // The server has rotated the token; the browser learns nothing of it.
    const headers = { cookie, origin, 'x-bednet-request': '1' };
    const answer = await stage.ask('POST', '/api/auth/refresh', { body: {}, headers });
    t.equal(answer.status, 200);
    lost++;
    await route.abort('connectionreset');
  };
  await page.route(refresh, loseAnswer, { times: 1 });

  await page.waitForResponse((response) => lost > 0 && isRenewal(response.request()) && response.ok());

  t.equal(lost, 1);
  await publishOn(page, 'still here');
  t.equal(await stateOf(person), 'active');
});

t.test('a tab that sleeps past the expiry renews when it wakes, and MQTT comes back', async (t) => {
  const { person, page } = await openLivePage(stage);
  await subscribeToOwn(page);

  const wake = putPagesToSleep();
  await until(async () => (await accessMsLeft(person)) < -1_000);
  const renewal = page.waitForResponse((response) => isRenewal(response.request()));
  wake();

  t.equal((await renewal).status(), 200);
  await until(async () => {
    await publishAs(stage, person, 'morning', 'good morning').catch(() => {}); // A life may end meanwhile.
    return (await page.locator(messages, { hasText: 'good morning' }).count()) > 0;
  });
});

t.test('a machine that slept renews at once, though the page’s own clock stood still', async (t) => {
  const { page } = await openLivePage(stage, {}, (profile) =>
    profile.addInitScript(() => {
      const shift = { ms: 0 };
      (globalThis as unknown as { shift: typeof shift }).shift = shift;
      const now = Date.now.bind(Date);
      Date.now = () => now() + shift.ms;
      // The timer of the next renewal, which is due before long, counts for nothing then.
      const begin = globalThis.setTimeout as (work: (...given: unknown[]) => void, ms?: number) => number;
      const setTimer: typeof begin = (work, ms) => begin(() => shift.ms === 0 && work(), ms);
      Object.assign(globalThis, { setTimeout: setTimer });
    }),
  );
  await page.waitForResponse((response) => isRenewal(response.request()) && response.ok());

  // Linux: only the wall clock goes on in a sleep.
  const renewal = page.waitForRequest(isRenewal);
  await page.evaluate(() => {
    (globalThis as unknown as { shift: { ms: number } }).shift.ms = 8 * 3_600_000;
    globalThis.dispatchEvent(new Event('online'));
  });

  await t.resolves(renewal, 'not by the timer of the next one');
});

for (const hours of [1, -1]) {
  t.test(`a clock that is wrong by ${hours} h changes nothing: one renewal in each life`, async (t) => {
    const { page } = await openLivePage(stage, {}, (profile) =>
      profile.addInitScript((shiftMs) => {
        const RealDate = Date;
        globalThis.Date = new Proxy(RealDate, {
          construct: (target, given) =>
            Reflect.construct(target, given.length === 0 ? [target.now() + shiftMs] : given) as Date,
          get: (target, name) =>
            name === 'now' ? () => target.now() + shiftMs : (Reflect.get(target, name) as unknown),
        });
      }, hours * 3_600_000),
    );
    const shift = await page.evaluate(() => Date.now());
    t.ok(Math.abs(shift - Date.now() - hours * 3_600_000) < 60_000, 'the clock is wrong');

    const beganAtMs: number[] = [];
    page.on('response', (response) => {
      if (isRenewal(response.request())) beganAtMs.push(response.request().timing().startTime);
    });
    await until(() => beganAtMs.length >= 3);
    const [first = 0, , third = 0] = beganAtMs;
    const lifeMs = (third - first) / 2;

    t.comment(`a renewal every ${(lifeMs / 1000).toFixed(1)} s of a life of ${accessTtlSeconds} s`);
    t.ok(lifeMs > accessTtlSeconds * 700 && lifeMs < accessTtlSeconds * 1_500);
    await publishOn(page, 'on time');
  });
}

t.test('signing out in one tab ends the MQTT connection of the other', async (t) => {
  const { profile, page } = await openLivePage(stage);
  const other = await profile.newPage();
  const socket = other.waitForEvent('websocket');
  await other.goto(`${stage.url}/live`);
  await untilConnected(other);
  const connection = await socket;

  await page.getByRole('button', { name: 'Sign out' }).click();
  await other.getByRole('heading', { name: 'Sign in' }).waitFor();
  await other.getByText('You are signed out.').waitFor();

  await until(async () => connection.isClosed());
  t.pass('the connection is closed');
});

t.test('who is revoked by an operator on the Live page is told at once, and comes back to it', async (t) => {
  const operator = await registerOperator();
  // The next renewal, which would find out too, never comes by itself.
  const { person, page } = await openLivePage(stage, {}, withoutLongTimers);
  const uid = await uidOf(person);
  let tries = 0;
  page.on('websocket', () => tries++);

  const { access_token: token } = await stage.signIn(operator);
  const path = `/api/admin/accounts/${uid}/end-sessions`;
  const answer = await stage.ask('POST', path, { token, body: {} });
  const revokedAtMs = performance.now();
  t.equal(answer.status, 200);
  await page.getByText(/Your session was ended by an operator\./).waitFor();

  const tookMs = performance.now() - revokedAtMs;
  t.comment(`told ${tookMs.toFixed(0)} ms after the call returned, ${tries} tries to reconnect`);
  t.ok(tries <= 2, 'no storm');
  await stage.picture(page, 'live-ended');
  await signInAt(page, person);
  await untilConnected(page);
  t.equal(new URL(page.url()).pathname, '/live');
});

t.test('while Redis is away the page says that it is offline, and goes on by itself', async (t) => {
  const { person, page } = await openLivePage(stage);
  await subscribeToOwn(page);
  const banner = page.getByRole('status').filter({ hasText: 'The server can’t be reached' });

  const redis = stage.stack.part('redis');
  await redis.stop();
  await banner.waitFor();
  await stage.picture(page, 'live-offline');
  await redis.start();
  await banner.waitFor({ state: 'detached' });

  await until(async () => {
    await publishAs(stage, person, 'back', 'back again').catch(() => {});
    return (await page.locator(messages, { hasText: 'back again' }).count()) > 0;
  });
  t.equal(await stateOf(person), 'active');
});

t.test('a page that loses the network keeps its session and finds back', async () => {
  const { profile, page } = await openLivePage(stage);
  const banner = page.getByText('The server can’t be reached');

  await profile.setOffline(true);
  await banner.waitFor();
  await profile.setOffline(false);
  await banner.waitFor({ state: 'detached' });

  await untilConnected(page);
  await publishOn(page, 'here again');
});

t.test('a sign-out without the network holds over a reload, and is told to the server later', async (t) => {
  const { profile, page, person } = await openLivePage(stage);
  await page.route('**/api/auth/**', (route) => route.abort());
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  const stored = sessionKey(await sessionOf(person));
  t.equal(await stage.store.redis.hget(stored, 'state'), 'active', 'the server has not heard of it');

  await page.unroute('**/api/auth/**');
  const again = await stage.openTab(profile, '/live');

  await again.getByRole('heading', { name: 'Sign in' }).waitFor();
  await until(async () => (await stage.store.redis.hget(stored, 'state')) === 'revoked');
  await signInAt(again, person);
  await untilConnected(again);
});

/** Publishes until the broker takes it: a renewal that a busy machine holds up comes after the end of the life before. */
async function publishOn(page: Page, text: string): Promise<void> {
  await untilConnected(page);
  await page.getByLabel('Message', { exact: true }).fill(text);
  const confirmed = page.getByText('The broker has confirmed the message.');
  await until(async () => {
    await page.getByRole('button', { name: 'Publish' }).click();
    await confirmed.or(page.getByRole('alert')).first().waitFor();
    return confirmed.isVisible();
  });
}

async function withoutLongTimers(profile: BrowserContext): Promise<void> {
  await profile.addInitScript(() => {
    const begin = globalThis.setTimeout as (work: (...given: unknown[]) => void, ms?: number) => number;
    const setTimer: typeof begin = (work, ms = 0) => begin(ms < 1_000 ? work : () => {}, ms);
    Object.assign(globalThis, { setTimeout: setTimer });
  });
}

async function registerOperator(): Promise<Person> {
  const person = await stage.register();
  await giveRoles(stage.store, await uidOf(person), ['user', 'admin']);
  return person;
}

async function uidOf({ username }: Person): Promise<string> {
  return (await stage.store.redis.get(loginKey(username))) ?? '';
}

/** The session of the page: the oldest of the account. */
async function sessionOf(person: Person): Promise<string> {
  const uid = await uidOf(person);
  const [sid = ''] = await stage.store.redis.zrange(sessionIndexKey(uid), '0', '0');
  return sid;
}

async function stateOf(person: Person): Promise<string | null> {
  return stage.store.redis.hget(sessionKey(await sessionOf(person)), 'state');
}

async function accessMsLeft(person: Person): Promise<number> {
  const untilMs = Number(await stage.store.redis.hget(sessionKey(await sessionOf(person)), 'accessUntilMs'));
  const [seconds = 0, microseconds = 0] = await stage.store.redis.time();
  return untilMs - toMs([seconds, microseconds]);
}
