import type { Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { startBrowserStage } from '../support/browser.ts';
import { expectAccessible } from './axe.ts';
import { confirm, openAs, type Operator } from './console-hands.ts';
import { until } from '../support/until.ts';

const stage = await startBrowserStage(t);

const editor = (page: Page) => page.getByLabel('Rules, as YAML or JSON');
const rulesOf = async ({ ask }: Pick<Operator, 'ask'>) => (await ask('GET', '/rules')).body.data.document;

/** Adds a rule for everybody to the text in the editor. */
async function addRule(page: Page, filter: string): Promise<void> {
  const text = await editor(page).inputValue();
  const rule = `      - allow: [write]\n        filter: ${filter}\n`;
  await editor(page).fill(text.replace('    rules:\n', `    rules:\n${rule}`));
}

t.test('rules are checked, the difference is shown, and they are put in force', async (t) => {
  const operator = await openAs(stage, ['user', 'admin'], '/console/rules');
  const { page } = operator;
  await editor(page).waitFor();
  t.ok(await page.getByRole('button', { name: 'Put in force' }).isDisabled(), 'not before a check');

  await addRule(page, 'plant/%u/door');
  await page.getByRole('button', { name: 'Check' }).click();
  await page.getByText('+ allow write on plant/%u/door').waitFor();
  t.notMatch(JSON.stringify(await rulesOf(operator)), /plant/, 'a check changes nothing');
  await stage.picture(page, 'console-rules-difference');
  await page.getByRole('button', { name: 'Put in force' }).click();

  await page.getByText('The rules are in force; they count at the next check.').waitFor();
  t.match(JSON.stringify(await rulesOf(operator)), /plant\/%u\/door/);
  t.match(await editor(page).inputValue(), /plant\/%u\/door/);
  await page.getByRole('button', { name: /^Bring back: 0$/ }).click();
  await confirm(page, 'Bring back');
  await page.getByText('The earlier rules are in force again.').waitFor();
  t.notMatch(JSON.stringify(await rulesOf(operator)), /plant/);
});

t.test('faults are told with their lines, of the text and of the rules', async (t) => {
  const { page } = await openAs(stage, ['user', 'admin'], '/console/rules');
  await editor(page).waitFor();

  await editor(page).fill('roles:\n  user: [\n  admin: {');
  await page.getByRole('button', { name: 'Check' }).click();
  await page.getByText(/The rules have \d fault/).waitFor();
  await editor(page).fill(
    'roles:\n  user:\n    rules:\n      - allow: [read]\n        filter: a/#/b\n      - allow: [fly]\n        filter: a\n  admin:\n    permissions: ["*"]\n',
  );
  await page.getByRole('button', { name: 'Check' }).click();
  await page.getByText('roles.user.rules[0].filter').waitFor();
  await stage.picture(page, 'console-rules-faults');
  await page.getByRole('button', { name: 'Line 5' }).click();

  const marked = await editor(page).evaluate((area: HTMLTextAreaElement) =>
    area.value.slice(area.selectionStart, area.selectionEnd),
  );
  t.equal(marked.trim(), 'filter: a/#/b');
  t.ok(await editor(page).evaluate((area) => area === document.activeElement));
  t.ok(await page.getByRole('button', { name: 'Put in force' }).isDisabled());
});

t.test('of two operators who edit at once the second one is told, and nothing is lost', async (t) => {
  const ann = await openAs(stage, ['user', 'admin'], '/console/rules');
  const bob = await openAs(stage, ['user', 'admin'], '/console/rules');
  for (const [{ page }, topic] of [
    [ann, 'plant/of-ann'],
    [bob, 'plant/of-bob'],
  ] as const) {
    await editor(page).waitFor();
    await addRule(page, topic);
    await page.getByRole('button', { name: 'Check' }).click();
    await page.getByText(`+ allow write on ${topic}`).waitFor();
  }

  await ann.page.getByRole('button', { name: 'Put in force' }).click();
  await ann.page.getByText('The rules are in force').waitFor();
  await bob.page.getByRole('button', { name: 'Put in force' }).click();

  await bob.page.getByText('Somebody else has changed the rules meanwhile').waitFor();
  t.match(await editor(bob.page).inputValue(), /of-bob/, 'what was written is still there');
  const rules = JSON.stringify(await rulesOf(bob));
  t.match(rules, /of-ann/);
  t.notMatch(rules, /of-bob/);
  await stage.picture(bob.page, 'console-rules-changed');
  await bob.page.getByRole('button', { name: 'Read the rules again' }).click();
  await bob.page.getByText('Somebody else').waitFor({ state: 'detached' });
  t.match(await editor(bob.page).inputValue(), /of-ann/);
});

t.test('the editor works with the keyboard alone', async (t) => {
  const operator = await openAs(stage, ['user', 'admin'], '/console/rules');
  const { page } = operator;
  await editor(page).focus();

  await page.keyboard.press('Control+A');
  await page.keyboard.type('roles:\n  user:\n    rules: []\n  admin:\n    permissions: ["*"]\n');
  await page.keyboard.press('Tab');
  t.equal(await page.locator(':focus').textContent(), 'Check', 'Tab leaves the text');
  await page.keyboard.press('Enter');
  await page.getByText('This would change:').waitFor();
  await page.keyboard.press('Tab');
  t.equal(await page.locator(':focus').textContent(), 'Put in force');
  await page.keyboard.press('Enter');

  await page.getByText('The rules are in force').waitFor();
  t.same((await rulesOf(operator)).roles.user.rules, []);
  const { version } = await rulesOf(operator);
  await operator.ask('POST', '/rules/rollback', { body: { to: '0', version } });
});

t.test('hostile names are text in rules, difference and history', async (t) => {
  const { page } = await openAs(stage, ['user', 'admin'], '/console/rules');
  await editor(page).waitFor();

  await addRule(page, '"<img src=x onerror=alert(1)>/\u202eevil"');
  await page.getByRole('button', { name: 'Check' }).click();
  await page.getByText('<img src=x onerror=alert(1)>/\\u202eevil').waitFor();
  await page.getByRole('button', { name: 'Put in force' }).click();
  await page.getByText('The rules are in force').waitFor();

  t.equal(await page.locator('main img').count(), 0);
  const isSeen = async () => /\\u202Eevil/i.test(await editor(page).inputValue());
  await until(isSeen, { what: 'the rules as they are kept, written so that each sign is seen' });
  t.notMatch(await page.locator('main').innerText(), /\u202e/);
});

t.test('who may only read the rules can check, and not change them', async (t) => {
  const admin = await openAs(stage, ['user', 'admin'], '/console/rules');
  const document = await rulesOf(admin);
  const reader = { permissions: ['rules.read'], rules: [] };
  await admin.ask('PUT', '/rules', { body: { ...document, roles: { ...document.roles, reader } } });
  const { page, ask } = await openAs(stage, ['user', 'reader'], '/console');

  await editor(page).waitFor();
  await addRule(page, 'plant/x');
  await page.getByRole('button', { name: 'Check' }).click();
  await page.getByText('+ allow write on plant/x').waitFor();

  t.equal(await page.getByRole('button', { name: 'Put in force' }).count(), 0);
  t.equal(await page.getByRole('button', { name: /^Bring back/ }).count(), 0);
  t.equal((await ask('PUT', '/rules', { body: document })).status, 403);
});

t.test('explain tells the decision, its rule or its reason, as the broker would get it', async (t) => {
  const person = await stage.register();
  const { session_id: sid, access_token: token } = await stage.signIn(person);
  const { page } = await openAs(stage, ['user', 'admin'], '/console/explain');
  const ask = async (topic: string) => {
    await page.getByLabel('MQTT username').fill(` ${person.username} `);
    await page.getByLabel('Client id').fill(sid);
    await page.getByLabel('Topic').fill(topic);
    await page.getByRole('button', { name: 'Explain' }).click();
    await page.locator('main').getByRole('status').getByText(topic, { exact: true }).waitFor();
  };

  await ask(`users/${person.username}/lamp`);
  await page.getByText('Granted', { exact: true }).waitFor();
  await page.getByText('users/%u/#', { exact: true }).waitFor();
  await stage.picture(page, 'console-explain');
  await ask('plant/<b>door</b>');
  await page.getByText('Denied', { exact: true }).waitFor();
  await page.getByText('No rule allows this.').waitFor();
  t.equal(await page.locator('main b').count(), 0);
  await stage.ask('POST', '/api/auth/logout', { token, body: {} });
  await ask(`users/${person.username}/again`);
  await page.getByText('The session was ended.').waitFor();
});

const looks = [
  { name: 'en-light', locale: 'en-GB', colorScheme: 'light', width: 1280 },
  { name: 'ar-dark', locale: 'ar-EG', colorScheme: 'dark', width: 1280 },
  { name: 'fr-narrow', locale: 'fr-FR', colorScheme: 'light', width: 360 },
] as const;

for (const { name, locale, colorScheme, width } of looks) {
  t.test(`every page of the console is accessible and fits: ${name}`, async (t) => {
    const look = { locale, colorScheme, viewport: { width, height: 900 } };
    const { page, ask, uid } = await openAs(stage, ['user', 'admin'], '/console', look);
    const id = `lamp-${name}`;
    await ask('POST', '/devices', { body: { id, label: 'Hall', owner: uid } });
    await ask('POST', '/invitations', { body: { email: `${name}@example.org` } });
    const pages = ['picture', 'accounts', `accounts/${uid}`, 'invitations', 'clients', 'devices'];
    for (const path of [...pages, `devices/${id}`, 'rules', 'explain', 'audit']) {
      await page.goto(`${stage.url}/console/${path}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.locator('main [aria-busy=true]').first().waitFor({ state: 'detached' });
      await expectAccessible(t, page, `${path} ${name}`);
      await expectNoSidewaysScroll(t, page, path);
      const file = path.replace(uid, 'account').replace(id, 'device').replaceAll('/', '-');
      await stage.picture(page, `console-${file}-${name}`);
    }
  });
}

async function expectNoSidewaysScroll(t: Test, page: Page, path: string): Promise<void> {
  const excess = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return scrollWidth - clientWidth;
  });
  t.ok(excess <= 0, `${path} does not scroll sideways`);
}
