import mqtt from 'mqtt';
import type { BrowserContext, Page } from 'playwright-core';
import type { BrowserStage } from './browser.ts';
import { somebody, type Person, type Tokens } from './session-service.ts';

/** Somebody on the Live page of a stage. */
export interface Onlooker {
  person: Person;
  profile: BrowserContext;
  page: Page;
}

/** Opens the Live page as a new person, and returns when it is connected. */
export async function openLivePage(
  stage: BrowserStage,
  options?: Parameters<BrowserStage['openProfile']>[0],
  prepare: (profile: BrowserContext) => Promise<unknown> = async () => {},
): Promise<Onlooker> {
  const person = await stage.register(somebody());
  const profile = await stage.openProfile(options);
  await prepare(profile);
  const page = await stage.openTab(profile, '/live');
  await signInAt(page, person);
  await untilConnected(page);
  return { person, profile, page };
}

/** Fills in the sign-in that the page shows, whatever its language. */
export async function signInAt(page: Page, { username, password }: Person): Promise<void> {
  await page.locator('input[autocomplete=username]').fill(username);
  await page.locator('input[autocomplete=current-password]').fill(password);
  await page.locator('button[type=submit]').click();
}

/** Resolves once the Live page says that it is connected. */
export async function untilConnected(page: Page): Promise<void> {
  await page.getByText(/^(Connected|متصل|Connecté)$/).waitFor();
}

/** Subscribes on the page to what it suggests: all topics of the person. */
export async function subscribeToOwn(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^(Subscribe|اشترك|S’abonner)$/ }).click();
  await page.getByRole('button', { name: /^(Unsubscribe|إلغاء الاشتراك|Se désabonner)/ }).waitFor();
}

/** Publishes at QoS 1 to a topic of the person, beside the page. */
export async function publishAs(
  stage: BrowserStage,
  person: Person,
  level: string,
  payload: string | Buffer,
): Promise<void> {
  const { access_token: password, session_id: clientId }: Tokens = await stage.signIn(person);
  const options = { username: person.username, password, clientId, protocolVersion: 5 } as const;
  const client = await mqtt.connectAsync(stage.stack.urls.mqtt, options);
  await client.publishAsync(`users/${person.username}/${level}`, payload, { qos: 1 });
  await client.endAsync();
}
