import type { Page } from 'playwright-core';
import t from 'tap';
import { accountKey, loginKey } from '../../services/core/redis/keys.ts';
import { replaceRules } from '../../services/core/rules/replace-rules.ts';
import { giveRoles } from '../support/admins.ts';
import { startBrowserStage } from '../support/browser.ts';
import { secondFactorHands } from '../support/second-factor.ts';
import { somebody, type Person } from '../support/session-service.ts';
import { expectAccessible } from './axe.ts';

const termsVersion = '2026-11';
const stage = await startBrowserStage(t, {
  settings: { session: { TERMS_VERSION: termsVersion, EMAIL_VERIFICATION: 'required' } },
});
const { codeOf } = secondFactorHands(stage);

t.test('a new account confirms its address and accepts the terms before its first session', async (t) => {
  const person = somebody();
  const page = await stage.openTab(await stage.openProfile(), '/register');
  await page.getByLabel('Username').fill(person.username);
  await page.getByLabel('Full name').fill(person.full_name);
  await page.getByLabel('E-mail address').fill(` ${person.email.toUpperCase()} `);
  await page.getByLabel('Password', { exact: true }).fill(person.password);
  await page.getByRole('button', { name: 'Create the account' }).click();
  await page.getByText('We have sent you a mail.').waitFor();

  await page.getByRole('link', { name: 'To the sign-in' }).click();
  await signIn(page, person);
  await page.getByRole('heading', { name: 'Confirm your address' }).waitFor();
  await expectAccessible(t, page, 'the step of the address');
  await stage.picture(page, 'auth-email-step');
  await page.getByRole('button', { name: 'Send the mail again' }).click();
  await page.getByText('The mail is on its way.').waitFor();
  await page.goto(await stage.newestLinkTo(person.email.toLowerCase(), 2));
  await page.getByRole('button', { name: 'Confirm' }).click();
  await page.getByText('The address is confirmed.').waitFor();

  await page.goto('/login');
  await signIn(page, person);
  await page.getByRole('heading', { name: 'Terms of use' }).waitFor();
  await expectAccessible(t, page, 'the step of the terms');
  await stage.picture(page, 'auth-terms-step');
  await page.getByRole('button', { name: 'I accept the terms' }).click();
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
});

t.test('a password that must be changed is changed before the session begins', async (t) => {
  const person = await registerReady({ mustChangePassword: '1' });
  const page = await stage.openTab(await stage.openProfile(), '/login');
  await signIn(page, person);
  await page.getByRole('heading', { name: 'Choose a new password' }).waitFor();
  await expectAccessible(t, page, 'the step of the password');
  await stage.picture(page, 'auth-password-step');

  await page.getByLabel('New password').fill(person.password);
  await page.getByRole('button', { name: 'Save and go on' }).click();
  await page.getByText('This is the password you already have.').waitFor();
  await page.getByLabel('New password').fill('a better and longer password');
  await page.getByRole('button', { name: 'Save and go on' }).click();

  await page.getByRole('button', { name: 'Sign out' }).waitFor();
});

t.test('an invitation leads to an account whose address counts as confirmed', async (t) => {
  const operator = await registerReady({ roles: 'user,admin' });
  const { access_token: token } = await stage.signIn(operator);
  const person = somebody();
  const body = { email: person.email };
  t.equal((await stage.ask('POST', '/api/admin/invitations', { token, body })).status, 201);
  const page = await stage.openTab(await stage.openProfile(), await stage.newestLinkTo(person.email));
  t.match(page.url(), '/invitation');

  await page.getByLabel('Username').fill(person.username);
  await page.getByLabel('Full name').fill(person.full_name);
  await page.getByLabel('E-mail address').fill(person.email);
  await page.getByLabel('Password', { exact: true }).fill(person.password);
  await page.getByRole('button', { name: 'Create the account' }).click();
  await page.getByRole('status').waitFor(); // The form has such a link, too.
  await page.getByRole('link', { name: 'To the sign-in' }).click();
  await signIn(page, person);

  await page.getByRole('heading', { name: 'Terms of use' }).waitFor();
});

t.test('who needs a second factor and has none sets it up before the session begins', async (t) => {
  const rules = [{ effect: 'allow', access: ['read'], filter: 'users/%u/#' }] as const;
  const roles = {
    user: { permissions: [], rules: [] },
    guarded: { permissions: [], secondFactor: 'required', rules },
  };
  await replaceRules(stage.store, { version: '0', roles } as never, { actor: 'test' });
  const person = await registerReady({});
  await giveRoles(stage.store, await uidOf(person), ['guarded']);
  const page = await stage.openTab(await stage.openProfile(), '/login');
  await signIn(page, person);
  await page.getByRole('heading', { name: 'Set up a second factor' }).waitFor();
  const secret = (await page.getByText(/^[A-Z2-7]{32}$/).textContent()) ?? '';
  await expectAccessible(t, page, 'the step of the enrolment');
  await stage.picture(page, 'auth-set-up-step');

  await page.getByRole('textbox', { name: 'Code of the app 1/6' }).focus();
  await page.keyboard.type(await codeOf(secret));

  await page.getByRole('button', { name: 'Sign out' }).waitFor();
});

t.test('a sign-in with steps left can be given up', async () => {
  const person = await registerReady({ mustChangePassword: '1' });
  const page = await stage.openTab(await stage.openProfile(), '/login');
  await signIn(page, person);
  await page.getByRole('heading', { name: 'Choose a new password' }).waitFor();

  await page.getByRole('button', { name: 'Cancel' }).click();

  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
});

async function signIn(page: Page, { username, password }: Person): Promise<void> {
  await page.getByLabel('Username or e-mail address').fill(username);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** An account with confirmed address and accepted terms, and what else is to be in its hash. */
async function registerReady(more: Record<string, string>): Promise<Person> {
  const person = await stage.register();
  const fields = { email: person.email, unverifiedEmail: '', emailVerified: '1', termsVersion, ...more };
  await stage.store.redis.hset(accountKey(await uidOf(person)), fields);
  return person;
}

async function uidOf({ username }: Person): Promise<string> {
  return (await stage.store.redis.get(loginKey(username))) ?? '';
}
