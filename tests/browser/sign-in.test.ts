import type { Page } from 'playwright-core';
import t from 'tap';
import { startBrowserStage } from '../support/browser.ts';
import { secondFactorHands } from '../support/second-factor.ts';
import { somebody, type Person } from '../support/session-service.ts';

const stage = await startBrowserStage(t);
const { enrol, codeOf, forgetSteps } = secondFactorHands(stage);

t.test('somebody signs in, stays signed in after a reload, and signs out', async (t) => {
  const person = await stage.register();
  const page = await stage.openTab(await stage.openProfile(), '/');
  await fillIn(page, person);
  await stage.picture(page, 'auth-sign-in');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Sign out' }).waitFor();

  await page.reload();
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
  const kept = await page.evaluate(() =>
    JSON.stringify([{ ...localStorage }, { ...sessionStorage }, location.href]),
  );
  t.notMatch(kept, /eyJ|\.mac|token/i, 'no token in storage or address');
  await page.getByRole('button', { name: 'Sign out' }).click();

  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page.reload();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
});

t.test('a wrong password says so, and only that', async (t) => {
  const person = await stage.register();
  const page = await stage.openTab(await stage.openProfile(), '/login');

  await fillIn(page, { ...person, password: 'not this one at all' });
  await page.getByRole('button', { name: 'Sign in' }).click();

  const alert = page.getByRole('alert');
  await alert.waitFor();
  t.equal(await alert.textContent(), 'The username or the password is not right.');
});

t.test('an e-mail address with blanks and capitals signs in', async () => {
  const person = await stage.register();
  const page = await stage.openTab(await stage.openProfile(), '/login');

  await fillIn(page, { ...person, username: `  ${person.email.toUpperCase()} ` });
  await page.getByRole('button', { name: 'Sign in' }).click();

  await page.getByRole('button', { name: 'Sign out' }).waitFor();
});

t.test('a deep link comes back after signing in, and leads to no other site', async (t) => {
  const person = await stage.register();
  const profile = await stage.openProfile();
  const page = await stage.openTab(profile, '/account/sessions?sort=1');
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();

  await page.evaluate(() =>
    history.replaceState({ ...history.state, usr: { from: '//elsewhere.example/' } }, ''),
  );
  await page.reload();
  await fillIn(page, person);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
  t.equal(new URL(page.url()).origin, stage.url, 'still here');

  const other = await stage.openTab(await stage.openProfile(), '/account/sessions?sort=1');
  await fillIn(other, person);
  await other.getByRole('button', { name: 'Sign in' }).click();
  await other.waitForURL('**/account/sessions?sort=1');
});

t.test('the second factor takes a pasted code with blanks, and sends it by itself', async (t) => {
  const { person, secret, uid } = await enrol();
  const page = await stage.openTab(await stage.openProfile(), '/login');
  await fillIn(page, person);
  await page.getByRole('button', { name: 'Sign in' }).click();
  const boxes = page.getByRole('group', { name: 'Code' }).getByRole('textbox');
  await boxes.first().waitFor();
  await stage.picture(page, 'auth-second-factor');

  await paste(page, '123 456');
  const wrong = page.getByRole('alert');
  await wrong.waitFor();
  t.match(await wrong.textContent(), /code is not right/);
  await forgetSteps(uid);
  const code = await codeOf(secret);
  await boxes.first().click();
  await paste(page, ` ${code.slice(0, 3)} ${code.slice(3)} `);

  await page.getByRole('button', { name: 'Sign out' }).waitFor();
});

t.test('a backup code completes a sign-in', async () => {
  const { person, backupCodes } = await enrol();
  const page = await stage.openTab(await stage.openProfile(), '/login');
  await fillIn(page, person);
  await page.getByRole('button', { name: 'Sign in' }).click();

  await page.getByRole('button', { name: 'Use a backup code' }).click();
  await page.getByLabel('Backup code').fill(` ${backupCodes[0]?.toLowerCase()} `);
  await page.getByRole('button', { name: 'Continue' }).click();

  await page.getByRole('button', { name: 'Sign out' }).waitFor();
});

t.test('somebody registers, and a taken name is said at its field', async (t) => {
  const taken = await stage.register();
  const person = somebody();
  const page = await stage.openTab(await stage.openProfile(), '/login');
  await page.getByRole('link', { name: 'Create an account' }).click();
  await page.getByRole('heading', { name: 'Create an account' }).waitFor(); // The sign-in has fields of such names, too.
  await page.getByLabel('Username').fill(taken.username);
  await page.getByLabel('Full name').fill(person.full_name);
  await page.getByLabel('E-mail address').fill(person.email);
  await page.getByLabel('Password', { exact: true }).fill('too short');
  await page.getByRole('button', { name: 'Create the account' }).click();
  await page.getByText('The password is too short.').waitFor();
  await page.getByLabel('Password', { exact: true }).fill(person.password);
  await page.getByRole('button', { name: 'Create the account' }).click();
  await page.getByText('This username is taken. Choose another one.').waitFor();
  await stage.picture(page, 'auth-register');
  t.equal(await page.getByLabel('Username').getAttribute('aria-invalid'), 'true');

  await page.getByLabel('Username').fill(person.username);
  await page.getByRole('button', { name: 'Create the account' }).click();
  await page.getByRole('heading', { name: 'Almost there' }).waitFor();

  await stage.signIn(person);
});

t.test('a forgotten password is set anew by mail; the link works once', async (t) => {
  const person = await stage.register();
  const profile = await stage.openProfile();
  const page = await stage.openTab(profile, '/login');
  await page.getByRole('link', { name: 'Forgot your password?' }).click();
  await page.getByRole('heading', { name: 'Forgot your password?' }).waitFor();
  await page.getByLabel('E-mail address').fill(` ${person.email} `);
  await stage.picture(page, 'auth-forgot');
  await page.getByRole('button', { name: 'Send the link' }).click();
  await page.getByText('a mail is on its way').waitFor();

  const link = await stage.newestLinkTo(person.email);
  await page.goto(link);
  const password = 'another long enough password';
  await page.getByLabel('New password').fill(password);
  t.notMatch(page.url(), /token/, 'the token is out of the address');
  await stage.picture(page, 'auth-reset');
  await page.getByRole('button', { name: 'Save the password' }).click();
  await page.getByText('The password is changed').waitFor();
  await stage.signIn({ ...person, password });

  const again = await stage.openTab(profile, link);
  await again.getByLabel('New password').fill('a third long enough password');
  await again.getByRole('button', { name: 'Save the password' }).click();
  await again.getByText('This link or sign-in is not valid any more.').waitFor();
  await again.getByRole('link', { name: 'Ask for a new link' }).waitFor();
});

t.test('a mangled reset link says what to do', async () => {
  const page = await stage.openTab(await stage.openProfile(), '/reset-password');

  await page.getByText('This link is not complete.').waitFor();
});

async function fillIn(page: Page, { username, password }: Person): Promise<void> {
  await page.getByLabel('Username or e-mail address').fill(username);
  await page.getByLabel('Password', { exact: true }).fill(password);
}

async function paste(page: Page, text: string): Promise<void> {
  await page.evaluate((pasted) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', pasted);
    const event = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true });
    document.activeElement?.dispatchEvent(event);
  }, text);
}
