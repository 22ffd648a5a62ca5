import type { BrowserContext, Page } from 'playwright-core';
import { giveRoles } from '../support/admins.ts';
import type { BrowserStage } from '../support/browser.ts';
import { exchange, expectStatus, type Asked, type Person } from '../support/session-service.ts';

/** Somebody who may look at the console, and their browser. */
export interface Operator {
  person: Person;
  uid: string;
  profile: BrowserContext;
  page: Page;
  /** Asks the admin API as the same account. */
  ask(method: string, path: string, asked?: Asked): ReturnType<typeof exchange>;
}

/** Signs in an account with `roles` and opens a path of the page. */
export async function openAs(
  stage: BrowserStage,
  roles: string[],
  path: string,
  options: Parameters<BrowserStage['openProfile']>[0] = {},
): Promise<Operator> {
  const person = await stage.register();
  const tokens = await stage.signIn(person);
  await giveRoles(stage.store, tokens.user.id, roles);
  const profile = await stage.openProfile({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await stage.openTab(profile, path);
  await page.locator('input[autocomplete=username]').fill(person.username);
  await page.locator('input[type=password]').fill(person.password);
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => url.pathname !== '/login');
  const ask = (method: string, adminPath: string, asked: Asked = {}) =>
    exchange(`${stage.url}/api/admin${adminPath}`, method, { token: tokens.access_token, ...asked });
  return { person, uid: tokens.user.id, profile, page, ask };
}

/** Puts roles into the rules in force, each with permissions and no rules. */
export async function addRoles(
  operator: Pick<Operator, 'ask'>,
  roles: Record<string, readonly string[]>,
): Promise<void> {
  const { document } = expectStatus(await operator.ask('GET', '/rules'), 200).body.data;
  const added = Object.fromEntries(
    Object.entries(roles).map(([name, permissions]) => [name, { permissions, rules: [] }]),
  );
  const body = { ...document, roles: { ...document.roles, ...added } };
  expectStatus(await operator.ask('PUT', '/rules', { body }), 200);
}

/** Confirms the dialog that is open. */
export async function confirm(page: Page, label: string): Promise<void> {
  await page.getByRole('dialog').getByRole('button', { name: label, exact: true }).click();
}

/** Makes all sessions of an account older, so that no sign-in is fresh any more. */
export async function letAge({ store }: BrowserStage, uid: string): Promise<void> {
  for (const sid of await store.redis.zrange(`bn:{${uid[0]}}:sessions:${uid}`, '0', '-1')) {
    await store.redis.hincrby(`bn:{${uid[0]}}:session:${sid}`, 'authTimeSeconds', -1000);
  }
}
