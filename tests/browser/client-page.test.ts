import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import t from 'tap';
import { startBrowserStage } from '../support/browser.ts';
import type { Person } from '../support/session-service.ts';

/** The page of the library's README, on an origin of its own, as whoever pastes it has it. */
const readme = readFileSync('services/client/README.md', 'utf8');
const [, source = ''] = /```html\n([\s\S]*?)```/.exec(readme) ?? [];

let service = '';
const server = createServer((_request, response) => {
  response.setHeader('content-type', 'text/html; charset=utf-8');
  response.end(source.replaceAll('http://localhost:8080', service));
});
await once(server.listen(0, '127.0.0.1'), 'listening');
t.teardown(() => server.close());
const origin = `http://localhost:${(server.address() as AddressInfo).port}`;

const stage = await startBrowserStage(t, { settings: { session: { CORS_ORIGINS: origin } } });
service = stage.url;

t.test('the page of the README signs in, talks MQTT, survives a reload and signs out', async (t) => {
  const person = await stage.register();
  const profile = await stage.openProfile();
  const page = await profile.newPage();
  page.on('pageerror', (error) => t.fail(`the page threw: ${error.message}`));
  await page.goto(`${origin}/page.html`);
  await signIn(page, person);
  await say(page, 'hello from a pasted page', person);

  await page.reload();
  await page.getByText(`Signed in as ${person.username}`).waitFor();
  await say(page, 'and again', person);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByText('signed-out').waitFor();

  await page.reload();
  await page.getByLabel('Username').waitFor();
});

t.test('the page of the README is told when its session is ended elsewhere', async (t) => {
  const person = await stage.register();
  const page = await (await stage.openProfile()).newPage();
  await page.goto(`${origin}/page.html`);
  await signIn(page, person);
  await say(page, 'still here', person);

  const { access_token: token } = await stage.signIn(person);
  await stage.ask('POST', '/api/auth/sessions/terminate-others', { token, body: {} });

  await page.getByText('revoked').waitFor();
  t.pass('it says so');
});

async function signIn(page: Page, { username, password }: Person): Promise<void> {
  await page.getByLabel('Username').fill(username);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText(`Signed in as ${username}`).waitFor();
}

async function say(page: Page, text: string, { username }: Person): Promise<void> {
  await page.getByLabel('Message').fill(text);
  await page.getByRole('button', { name: 'Send' }).click();
  await page.getByText(`users/${username}/chat: ${text}`).waitFor();
}
