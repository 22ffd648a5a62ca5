import { readFileSync } from 'node:fs';
import type { BrowserContext, Page } from 'playwright-core';
import t from 'tap';
import { createDevice, disableDevice } from '../../services/core/devices/change-device.ts';
import { hashDeviceKey } from '../../services/core/devices/device-key.ts';
import { findDevice } from '../../services/core/devices/device.ts';
import { deviceKey } from '../../services/core/redis/keys.ts';
import { startBrowserStage } from '../support/browser.ts';
import { signIn as connect } from '../support/mqtt-outcomes.ts';
import { secondFactorHands } from '../support/second-factor.ts';
import { somebody, type Person } from '../support/session-service.ts';
import { expectAccessible } from './axe.ts';

const stage = await startBrowserStage(t);
const { codeOf, forgetSteps, login, age } = secondFactorHands(stage);

const looks = [
  { name: 'en-light', locale: 'en-GB', colorScheme: 'light', width: 1280 },
  { name: 'ar-dark', locale: 'ar-EG', colorScheme: 'dark', width: 1280 },
  { name: 'fr-narrow', locale: 'fr-FR', colorScheme: 'light', width: 360 },
] as const;

for (const look of looks) {
  t.test(`each page of the account is accessible and fits: ${look.name}`, async (t) => {
    const { locale, colorScheme, width } = look;
    const person = await stage.register();
    const { uid } = await uidAndSid(person);
    // Something in the activity that is no success.
    await stage.ask('POST', '/api/auth/login', { body: { username: person.username, password: 'wrong' } });
    await addDevice(uid, 'Garden gate');
    await disableDevice(stage.store, { id: await addDevice(uid, ''), reason: 'lost', actor: 'operator' });
    const profile = await stage.openProfile({ locale, colorScheme, viewport: { width, height: 900 } });
    const page = await signInAt(profile, person, '/account');
    for (const path of ['', '/security', '/sessions', '/activity', '/devices']) {
      await page.goto(`${stage.url}/account${path}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.locator('[aria-busy=true]').waitFor({ state: 'detached' });
      await page.locator('main').getByRole('listitem').or(page.locator('main form')).first().waitFor();
      await expectAccessible(t, page, `/account${path} ${look.name}`);
      const excess = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      t.ok(excess <= 0, `/account${path} does not scroll sideways`);
      await stage.picture(page, `account-${look.name}${path.replaceAll('/', '-')}`);
    }
  });
}

t.test('name and language of mails are saved, and stay', async (t) => {
  const person = await stage.register();
  const page = await signInAt(await stage.openProfile(), person, '/account');

  t.equal(await page.getByLabel('Username').inputValue(), person.username);
  await page.getByLabel('Full name').fill('  Ada Lovelace ');
  await page.getByLabel('Language of mails').selectOption('fr');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved.').waitFor();
  await page.reload();
  await page.getByLabel('Full name').waitFor();

  t.equal(await page.getByLabel('Full name').inputValue(), 'Ada Lovelace');
  t.equal(await page.getByLabel('Language of mails').inputValue(), 'fr');
});

t.test('another e-mail address counts once the mailed link was used', async (t) => {
  const person = await stage.register();
  const profile = await stage.openProfile();
  const page = await signInAt(profile, person, '/account');
  const email = somebody().email;

  await page.getByLabel('New e-mail address').fill('nobody@nowhere');
  await page.getByRole('button', { name: 'Send the link' }).click();
  await page.getByText('This has a wrong form or length.').waitFor();
  t.equal(await page.getByLabel('New e-mail address').getAttribute('aria-invalid'), 'true');
  await page.getByLabel('New e-mail address').fill(` ${email} `);
  await page.getByRole('button', { name: 'Send the link' }).click();
  await page.getByText(`A mail is on its way to ${email}.`).waitFor();

  const other = await stage.openTab(profile, await stage.newestLinkTo(email));
  await other.getByRole('button', { name: 'Confirm' }).click();
  await other.getByText('The address is confirmed.').waitFor();
  await page.reload();
  await page.getByText(email, { exact: true }).waitFor();
});

t.test('a new password ends the session elsewhere, which is told why', async (t) => {
  const person = await stage.register();
  const elsewhere = await signInAt(await stage.openProfile(), person, '/account/sessions');
  const page = await signInAt(await stage.openProfile(), person, '/account/security');
  const change = page.getByRole('button', { name: 'Change the password' });
  const current = page.getByLabel('Current password', { exact: true });
  const wished = page.getByLabel('New password', { exact: true });

  await current.fill('not this one at all');
  await wished.fill('another long enough password');
  await change.click();
  await page.getByText('The password is not right.').waitFor();
  t.equal(await current.getAttribute('aria-invalid'), 'true');
  await current.fill(person.password);
  await wished.fill('passwordpassword');
  await change.click();
  await page.getByText('Many people use this password. Choose another one.').waitFor();
  t.equal(await wished.getAttribute('aria-invalid'), 'true');
  await stage.picture(page, 'account-password-fault');
  await wished.fill('another long enough password');
  await change.click();

  await page.getByText('The password is changed, and all your other sessions are ended.').waitFor();
  await elsewhere.getByText('Your session was ended because your password was changed.').waitFor();
  await page.reload();
  await page.getByRole('heading', { name: 'Password', exact: true }).waitFor();
  t.equal((await login({ ...person, password: 'another long enough password' })).status, 200);
});

t.test('a session that is ended elsewhere says by whom', async (t) => {
  const person = await stage.register();
  const elsewhere = await signInAt(await stage.openProfile(), person, '/account/sessions');
  const page = await signInAt(await stage.openProfile(), person, '/account/sessions');
  const cards = page.getByRole('list', { name: 'Sessions' }).getByRole('listitem');
  await cards.nth(1).waitFor();
  t.match(await cards.nth(0).textContent(), /This one.*Address.*127\.0\.0\.1.*Signed in.*Last seen/);
  t.equal(await cards.nth(0).getByRole('button').count(), 0, 'this one is ended by signing out');

  const end = cards.nth(1).getByRole('button');
  await end.click();
  const dialog = page.getByRole('dialog', { name: 'End' });
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await dialog.waitFor({ state: 'detached' });
  t.equal(await page.evaluate(() => document.activeElement?.textContent), 'End', 'the focus goes back');
  await page.keyboard.press('Enter');
  await dialog.waitFor();
  await expectAccessible(t, page, 'the dialog');
  await dialog.getByRole('button', { name: 'End', exact: true }).click();

  await page.getByText('The session is ended.').waitFor();
  await elsewhere.getByText('Your session was ended by you, from another place.').waitFor();
  await stage.picture(elsewhere, 'account-ended-elsewhere');
  await cards.nth(1).waitFor({ state: 'detached' });
  t.equal(await cards.count(), 1);
});

t.test('all other sessions are ended at once, and come and go by themselves', async (t) => {
  const person = await stage.register();
  const page = await signInAt(await stage.openProfile(), person, '/account/sessions');
  const cards = page.getByRole('list', { name: 'Sessions' }).getByRole('listitem');
  await cards.first().waitFor();
  t.equal(await page.getByRole('button', { name: 'End all other sessions' }).count(), 0);
  await stage.signIn(person);
  await stage.signIn(person);

  await cards.nth(2).waitFor();
  await page.getByRole('button', { name: 'End all other sessions' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'End all other sessions' }).click();

  await page.getByText('All other sessions are ended.').waitFor();
  await cards.nth(1).waitFor({ state: 'detached' });
});

t.test('a second factor is turned on, asked for, renewed and turned off', async (t) => {
  const person = await stage.register();
  const { uid } = await uidAndSid(person);
  const page = await signInAt(await stage.openProfile(), person, '/account/security');

  await page.getByRole('button', { name: 'Turn on' }).click();
  await page.getByRole('img', { name: 'QR code for your authenticator app' }).waitFor();
  await stage.picture(page, 'account-enrolment');
  await expectAccessible(t, page, 'the enrolment');
  const codes = await downloadCodes(page);
  t.equal(new Set(codes).size, 10);
  const secret = (await page.locator('code').first().textContent()) ?? '';
  await typeCode(page, '000000');
  await page.getByText('The code is not right, or it was used before.').waitFor();
  await typeCode(page, await codeOf(secret));
  await page.getByText('The second factor is on').waitFor();
  await page.getByText('Backup codes left: 10.').waitFor();
  await stage.picture(page, 'account-factor-on');

  const other = await stage.openTab(await stage.openProfile(), '/account/security');
  await fillIn(other, person);
  await other.getByRole('button', { name: 'Use a backup code' }).click();
  await other.getByLabel('Backup code').fill(codes[0] ?? '');
  await other.getByRole('button', { name: 'Continue' }).click();
  await other.getByText('Backup codes left: 9.').waitFor();

  await forgetSteps(uid);
  await other.getByRole('button', { name: 'Make new backup codes' }).click();
  await proveWith(other, { password: 'not this one', code: codes[1] ?? '' }, 'Make new backup codes');
  await other.getByText('The password is not right.').waitFor();
  await proveWith(other, { password: person.password, code: '000000' }, 'Make new backup codes');
  await other.getByText('The code is not right, or it was used before.').waitFor();
  await expectAccessible(t, other, 'the proof');
  await stage.picture(other, 'account-factor-proof');
  const proof = { password: person.password, code: await codeOf(secret) };
  await proveWith(other, proof, 'Make new backup codes');
  await other.getByText('These are your new backup codes.').waitFor();
  const fresh = await downloadCodes(other);
  t.notOk(fresh.some((code) => codes.includes(code)));
  await page.getByText('Your session was ended because your second factor was changed.').waitFor();

  await other.getByRole('button', { name: 'Turn off' }).click();
  await proveWith(other, { password: person.password, code: fresh[3] ?? '' }, 'Turn off');
  await other.getByText('The second factor is off').waitFor();
  await other.getByRole('button', { name: 'Turn on' }).waitFor();
});

t.test('recent activity is told in words, in the language of the page', async () => {
  const person = await stage.register();
  const profile = await stage.openProfile();
  const page = await signInAt(profile, person, '/account/activity');
  const entries = page.getByRole('list', { name: 'Recent activity' }).getByRole('listitem');
  await entries.filter({ hasText: 'Signed in' }).filter({ hasText: '127.0.0.1' }).first().waitFor();

  await page.getByRole('combobox').selectOption('ar');

  await page.getByRole('listitem').filter({ hasText: 'تسجيل دخول' }).first().waitFor();
});

t.test('the owner of a device sees it connect, gives it a new key and disables it', async (t) => {
  const person = await stage.register();
  const { uid } = await uidAndSid(person);
  const id = `gate-${uid.slice(0, 6)}`;
  const key = await createDevice(stage.store, {
    ...{ id, label: 'Garden gate', owner: uid, roles: ['device'], actor: 'test' },
  });
  const profile = await stage.openProfile();
  const page = await signInAt(profile, person, '/account/devices');
  const card = page.getByRole('listitem', { name: 'Garden gate' });
  await card.getByText('Connected').waitFor();
  t.match(await card.textContent(), /ConnectedNo/);
  const port = stage.stack.ports.mqtt;
  await connect({ port, clientId: id, username: `d:${id}`, password: key ?? '' });
  await card.getByText('Yes').waitFor();

  await ageAll(person);
  await card.getByRole('button', { name: 'New key: Garden gate' }).click();
  await page.getByRole('button', { name: 'Make a new key' }).click();
  const proof = page.getByRole('dialog', { name: 'Is it you?' });
  await proof.getByLabel('Your password', { exact: true }).fill('not this one at all');
  await proof.getByRole('button', { name: 'Go on' }).click();
  await proof.getByText('The password is not right.').waitFor();
  await expectAccessible(t, page, 'the step-up dialog');
  await stage.picture(page, 'account-step-up');
  await proof.getByLabel('Your password', { exact: true }).fill(person.password);
  await proof.getByRole('button', { name: 'Go on' }).click();
  await page.getByText('It is not shown again.').waitFor();
  const shown = (await page.getByRole('dialog').locator('code').textContent()) ?? '';
  t.equal(await stage.store.redis.hget(deviceKey(id), 'keyHash'), hashDeviceKey(shown));
  await stage.picture(page, 'account-new-key');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'I have kept it' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  t.notMatch(await page.content(), shown, 'it is gone from the page');
  await card.getByText('No', { exact: true }).waitFor();

  await card.getByRole('button', { name: 'Disable: Garden gate' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Disable', exact: true }).click();
  await page.getByText('Garden gate is disabled.').waitFor();
  t.equal((await findDevice(stage.store, id))?.state, 'disabled');
  await card.getByRole('button', { name: 'Enable: Garden gate' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Enable', exact: true }).click();
  await card.getByText('Active').waitFor();
});

t.test('the account is deleted once that is confirmed and proved', async (t) => {
  const person = await stage.register();
  const page = await signInAt(await stage.openProfile(), person, '/account');
  await ageAll(person);
  const open = () => page.getByRole('button', { name: 'Delete my account' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete my account' });
  const proof = page.getByRole('dialog', { name: 'Is it you?' });

  await open();
  await dialog.getByText(`delete the account ${person.username}?`).waitFor();
  await dialog.getByRole('button', { name: 'Delete my account' }).click();
  await proof.getByRole('button', { name: 'Cancel' }).last().click();
  await proof.waitFor({ state: 'detached' });
  t.equal((await login(person)).status, 200, 'nothing was done');
  await dialog.getByRole('button', { name: 'Delete my account' }).click();
  await proof.getByLabel('Your password', { exact: true }).fill(person.password);
  await page.keyboard.press('Enter');

  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  t.equal((await login(person)).status, 401);
});

async function signInAt(profile: BrowserContext, person: Person, path: string): Promise<Page> {
  const page = await stage.openTab(profile, path);
  await fillIn(page, person);
  await page.waitForURL(`**${path}`);
  return page;
}

/** In any language. */
async function fillIn(page: Page, { username, password }: Person): Promise<void> {
  await page.locator('input[autocomplete~=username]').fill(username);
  await page.locator('input[type=password]').fill(password);
  await page.keyboard.press('Enter');
}

async function uidAndSid(person: Person): Promise<{ uid: string; sid: string }> {
  const { user, session_id: sid } = await stage.signIn(person);
  return { uid: user.id, sid };
}

/** As if all sessions of somebody had signed in ten minutes ago. */
async function ageAll(person: Person): Promise<void> {
  const { access_token: token } = await stage.signIn(person);
  const { sessions } = (await stage.ask('GET', '/api/auth/sessions', { token })).body.data;
  for (const { id } of sessions as { id: string }[]) await age(id, 600);
}

async function addDevice(owner: string, label: string): Promise<string> {
  const id = `lamp-${Math.random().toString(36).slice(2, 8)}`;
  await createDevice(stage.store, { id, label, owner, roles: ['device'], actor: 'test' });
  return id;
}

async function downloadCodes(page: Page): Promise<string[]> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download the codes' }).or(page.getByText('Download the codes')).click(),
  ]);
  return readFileSync(await download.path(), 'utf8')
    .trim()
    .split('\n');
}

async function typeCode(page: Page, code: string): Promise<void> {
  await page.getByRole('group', { name: 'Code of the app' }).getByRole('textbox').first().click();
  await page.keyboard.type(code);
}

async function proveWith(page: Page, proof: { password: string; code: string }, act: string): Promise<void> {
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Your password', { exact: true }).fill(proof.password);
  await dialog.getByLabel('Code', { exact: true }).fill(proof.code);
  await dialog.getByRole('button', { name: act }).click();
}
