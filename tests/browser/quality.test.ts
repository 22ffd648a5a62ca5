import type { BrowserContext, Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { startBrowserStage } from '../support/browser.ts';
import { expectAccessible } from './axe.ts';

const stage = await startBrowserStage(t);
const openPaths = ['/login', '/register', '/forgot-password', '/reset-password', '/verify-email', '/403'];

const looks = [
  { name: 'en-light', locale: 'en-GB', colorScheme: 'light', width: 1280 },
  { name: 'ar-dark', locale: 'ar-EG', colorScheme: 'dark', width: 1280 },
  { name: 'fr-narrow', locale: 'fr-FR', colorScheme: 'light', width: 360 },
] as const;

for (const look of looks) {
  t.test(`pages for everybody are accessible and fit: ${look.name}`, async (t) => {
    const profile = await openLook(look);
    for (const path of openPaths) {
      const page = await stage.openTab(profile, path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await expectAccessible(t, page, `${path} ${look.name}`);
      await expectNoSidewaysScroll(t, page, path);
      await stage.picture(page, `quality-${look.name}${path.replaceAll('/', '-')}`);
      await page.close();
    }
  });
}

t.test('the page speaks the language of the browser, and keeps the one that is chosen', async (t) => {
  const profile = await stage.openProfile({ locale: 'ar-EG' });
  const page = await stage.openTab(profile, '/login');
  await page.getByRole('heading', { name: 'تسجيل الدخول' }).waitFor();
  t.equal(await page.locator('html').getAttribute('dir'), 'rtl');

  await page.getByRole('combobox').selectOption('fr');
  await page.getByRole('heading', { name: 'Connexion' }).waitFor();
  t.equal(await page.locator('html').getAttribute('dir'), 'ltr');

  await page.reload();
  await page.getByRole('heading', { name: 'Connexion' }).waitFor();
});

t.test('password fields are of their kind, name their purpose, and take a paste', async (t) => {
  const page = await stage.openTab(await stage.openProfile(), '/login');
  const expected = [
    ['/login', 'current-password'],
    ['/register', 'new-password'],
    ['/reset-password#token=something', 'new-password'],
  ] as const;

  for (const [path, purpose] of expected) {
    await page.goto(path);
    const field = page.locator(`input[autocomplete="${purpose}"]`);
    await field.waitFor();
    t.equal(await field.getAttribute('type'), 'password', path);
    await field.focus();
    await page.keyboard.insertText('as a password manager fills it in');
    t.equal(await field.inputValue(), 'as a password manager fills it in', path);
  }
});

t.test('signing in works with the keyboard alone', async () => {
  const person = await stage.register();
  const page = await stage.openTab(await stage.openProfile(), '/login');
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();

  await page.keyboard.type(person.username);
  await page.keyboard.press('Tab');
  await page.keyboard.type(person.password);
  await page.keyboard.press('Enter');

  await page.getByRole('button', { name: 'Sign out' }).waitFor();
});

t.test('the first load is under 250 KB, and holds nothing of the console', async (t) => {
  const profile = await stage.openProfile();
  const page = await profile.newPage();
  const sizes = new Map<string, number>();
  page.on('response', (response) => {
    const length = Number(response.headers()['content-length'] ?? 0);
    if (response.url().includes('/assets/')) sizes.set(new URL(response.url()).pathname, length);
  });
  await page.goto(`${stage.url}/login`, { waitUntil: 'networkidle' });

  const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  t.comment(`${(total / 1024).toFixed(1)} KB in ${sizes.size} files, compressed`);
  t.ok(total > 50_000 && total < 250 * 1024, `${total} bytes`);
});

async function openLook({ locale, colorScheme, width }: (typeof looks)[number]): Promise<BrowserContext> {
  return stage.openProfile({ locale, colorScheme, viewport: { width, height: 800 } });
}

async function expectNoSidewaysScroll(t: Test, page: Page, path: string): Promise<void> {
  const excess = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return scrollWidth - clientWidth;
  });
  t.ok(excess <= 0, `${path} does not scroll sideways`);
}
