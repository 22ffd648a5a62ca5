import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import type { Test } from 'tap';
import { openStore, untilReady, type Store } from '../../services/core/redis/store.ts';
import { newestLinkTo } from './mail-folder.ts';
import {
  cheapHashes,
  exchange,
  expectStatus,
  somebody,
  wideLimits,
  type Answer,
  type Asked,
  type Person,
  type Tokens,
} from './session-service.ts';
import { startTestStack, type TestStack, type TestStackOptions } from './stack.ts';

/** A person's browser at the page of a stack. */
export interface BrowserStage {
  stack: TestStack;
  /** Where the page is; `localhost`, for which browsers keep Secure cookies without TLS. */
  url: string;
  browser: Browser;
  /** Redis as a user with all rights. */
  store: Store;
  /** The API, beside the page. */
  ask(method: string, path: string, asked?: Asked): Promise<Answer>;
  register(person?: Partial<Person>): Promise<Person>;
  signIn(person: Person): Promise<Tokens>;
  /** The path and fragment of the link in the newest mail to an address. */
  newestLinkTo(address: string, count?: number): Promise<string>;
  /** A browser profile of its own: cookies, tabs that share them. */
  openProfile(options?: Parameters<Browser['newContext']>[0]): Promise<BrowserContext>;
  /** Goes to a path of the page in a new tab. */
  openTab(profile: BrowserContext, path: string): Promise<Page>;
  /** Keeps a picture under the run folder, to be looked at. */
  picture(page: Page, name: string): Promise<void>;
}

/** A busy machine paints late; a story that waits longer has gone wrong. */
const longestWaitMs = 15_000;
const pictureFolder = fileURLToPath(new URL('../../.run/pictures/', import.meta.url));

/** Starts all parts and Chromium for `t`; what the page logs as an error fails `t`. */
export async function startBrowserStage(t: Test, options: TestStackOptions = {}): Promise<BrowserStage> {
  const session = { ...cheapHashes, ...wideLimits, ...options.settings?.session };
  const stack = await startTestStack(t, { ...options, settings: { ...options.settings, session } });
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
  t.teardown(() => browser.close());
  const url = `http://localhost:${stack.ports.session}`;
  mkdirSync(pictureFolder, { recursive: true });
  const store = openStore({ url: stack.redisAdminUrl, commandTimeoutMs: 2000 });
  await untilReady(store, 5000);
  t.teardown(() => store.close());
  const ask = (method: string, path: string, asked: Asked = {}) => exchange(url + path, method, asked);
  return {
    stack,
    url,
    browser,
    store,
    ask,
    register: async (given = {}) => {
      const person = { ...somebody(), ...given };
      expectStatus(await ask('POST', '/api/auth/register', { body: person }), 201);
      return person;
    },
    signIn: async ({ username, password }) => {
      const answer = await ask('POST', '/api/auth/login', { body: { username, password } });
      return expectStatus(answer, 200).body.data as Tokens;
    },
    newestLinkTo: (address, count) => newestLinkTo(stack.runDir.mail, address, count),
    openProfile: (profile) =>
      browser.newContext({ baseURL: url, locale: 'en-GB', reducedMotion: 'reduce', ...profile }),
    openTab: async (profile, path) => {
      const page = await profile.newPage();
      page.setDefaultTimeout(longestWaitMs);
      page.on('pageerror', (error) => t.fail(`the page threw: ${error.message}`));
      page.on('console', (message) => {
        if (isFault(message.type(), message.text())) t.fail(`the page logged: ${message.text()}`);
      });
      await page.goto(url + path);
      return page;
    },
    picture: async (page, name) => void (await page.screenshot({ path: join(pictureFolder, `${name}.png`) })),
  };
}

/** Chromium logs each answer of 4xx and each lost connection by itself; those belong to many stories. */
function isFault(type: string, text: string): boolean {
  return type === 'error' && !/Failed to load resource|WebSocket connection to|net::ERR_/.test(text);
}
