import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import mqtt, { type MqttClient } from 'mqtt';
import type { Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { startBrowserStage } from '../support/browser.ts';
import { makeTestFolder } from '../support/stack.ts';
import { openLivePage, publishAs, subscribeToOwn, untilConnected } from '../support/live-page.ts';
import type { Person } from '../support/session-service.ts';
import { until } from '../support/until.ts';
import { expectAccessible } from './axe.ts';

const stage = await startBrowserStage(t, { mosquittoTemplate: brokerTaking(1_100_000) });
const messages = 'ol[aria-labelledby="messages-title"] > li';

t.test('somebody subscribes, publishes and sees the message', async (t) => {
  const { page, person } = await openLivePage(stage);
  t.equal(await page.getByLabel('Topic filter').inputValue(), `users/${person.username}/#`);
  await subscribeToOwn(page);

  await page.getByLabel('Message', { exact: true }).fill('hello there');
  await page.getByLabel('Retain').check();
  await page.getByRole('button', { name: 'Publish' }).click();
  await page.getByText('The broker has confirmed the message.').waitFor();

  await page.locator(messages, { hasText: 'hello there' }).waitFor();
  await page.getByText('1 message', { exact: true }).waitFor();
  await page.locator(messages).first().scrollIntoViewIfNeeded();
  await stage.picture(page, 'live-message');
  await expectAccessible(t, page, 'the Live page with a message');
  await page.getByRole('button', { name: 'Clear' }).click();
  await page.getByText('No message yet.').waitFor();
  await page.getByRole('button', { name: /^Unsubscribe/ }).click();
  await page.getByText('There is no subscription yet.').waitFor();
  await subscribeToOwn(page);
  await page.locator(messages, { hasText: 'retained' }).waitFor();
});

t.test('a denied subscription and a denied publish are told with the reason code', async (t) => {
  const { page } = await openLivePage(stage);

  await page.getByLabel('Topic filter').fill('users/somebody-else/#');
  await page.getByRole('button', { name: 'Subscribe', exact: true }).click();
  const subscribeError = page.getByRole('alert').first();
  await subscribeError.waitFor();
  t.match(await subscribeError.textContent(), /no right.*0x87/);
  t.equal(await page.getByLabel('Topic filter').getAttribute('aria-invalid'), 'true');

  await page.getByLabel('Topic', { exact: true }).fill('users/somebody-else/hello');
  await page.getByLabel('Message', { exact: true }).fill('let me in');
  await page.getByRole('button', { name: 'Publish' }).click();
  await until(async () => (await page.getByRole('alert').count()) === 2);
  t.match(await page.getByRole('alert').last().textContent(), /no right.*0x87/);
  await page.getByText('Connected', { exact: true }).waitFor();
  await stage.picture(page, 'live-denied');

  await page.getByLabel('Topic', { exact: true }).fill('a/+/b');
  await page.getByRole('button', { name: 'Publish' }).click();
  await page.getByText('This is no topic').waitFor();
  await page.getByLabel('Topic filter').fill('a/b#');
  await page.getByRole('button', { name: 'Subscribe', exact: true }).click();
  await page.getByText('This is no topic filter').waitFor();
});

t.test('HTML in a message is text, bytes are hexadecimal, an empty message says so', async (t) => {
  const { page, person } = await openLivePage(stage);
  await subscribeToOwn(page);
  const html = '<img src=x onerror="document.title=\'broken in\'"><script>alert(1)</script><b>bold</b>';

  await publishAs(stage, person, 'html', html);
  await publishAs(stage, person, 'bytes', Buffer.from([0, 1, 2, 0xff, 0xfe]));
  await publishAs(stage, person, 'nothing', '');
  await page.locator(messages, { hasText: '(empty)' }).waitFor();

  t.equal(await page.locator(messages, { hasText: '/html' }).locator('.payload').textContent(), html);
  t.equal(await page.locator(`${messages} img, ${messages} script, ${messages} b`).count(), 0);
  t.equal(await page.title(), 'Live · Bednet');
  const bytes = page.locator(messages, { hasText: '/bytes' });
  t.equal(await bytes.locator('.payload').textContent(), '00 01 02 ff fe');
  await bytes.getByText('binary, hexadecimal').waitFor();
  const topics = await page.locator(`${messages} .ltr.wraps`).allTextContents();
  t.strictSame(
    topics.map((topic) => topic.split('/').at(-1)),
    ['nothing', 'bytes', 'html'],
    'newest first',
  );
});

t.test('a message of 1 MB is shown cut with its size, and the page does not freeze', async (t) => {
  const { page, person } = await openLivePage(stage);
  await subscribeToOwn(page);
  const standstillMs = await watchStandstill(t, page);

  const stopWaking = await keepBrokerAwake(person);
  await publishAs(stage, person, 'large', `é${'x'.repeat(1_000_000)}`);
  const large = page.locator(messages, { hasText: 'The beginning of 1 MB' });
  await large.waitFor({ timeout: 60_000 }); // The broker takes its time, see below.
  await stopWaking();

  const shown = (await large.locator('.payload').textContent()) ?? '';
  t.ok(shown.startsWith('éxxx') && shown.length <= 2_000, `${shown.length} characters`);
  const longestMs = await standstillMs();
  t.comment(`the page stood still for ${longestMs} ms at most`);
  t.ok(longestMs < 1_000);
  await large.scrollIntoViewIfNeeded();
  await stage.picture(page, 'live-large');

  await page.getByLabel('Message', { exact: true }).fill('x'.repeat(1_100_000));
  await page.getByRole('button', { name: 'Publish' }).click();
  await page.getByText('The message is larger than the broker takes.').waitFor();
  await page.getByText('Connected', { exact: true }).waitFor();
});

t.test('a flood of messages is bounded, and a pause holds the list still', async (t) => {
  const { page, person } = await openLivePage(stage);
  await subscribeToOwn(page);
  await page.getByRole('button', { name: 'Pause' }).click();
  const client = await connectBesides(person);

  const topic = `users/${person.username}/flood`;
  for (let number = 1; number <= 250; number++) client.publish(topic, `number ${number}.`, { qos: 1 });
  await client.endAsync();
  await page.getByRole('button', { name: 'Go on (250 new)' }).waitFor();
  t.equal(await page.locator(messages).count(), 0);

  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByText('250 messages The newest 200 are shown.').waitFor();
  t.equal(await page.locator(messages).count(), 200);
  t.match(await page.locator(messages).first().textContent(), /number 250\./);
});

t.test('the page works with the keyboard alone', async (t) => {
  const { page, person } = await openLivePage(stage);
  const tab = async (times: number) => {
    for (let press = 0; press < times; press++) await page.keyboard.press('Tab');
  };

  await page.getByLabel('Topic filter').focus();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: /^Unsubscribe/ }).waitFor();
  // Quality, button, unsubscribe, topic, message.
  await tab(5);
  await page.keyboard.type('typed');
  await tab(2);
  await page.keyboard.press('Space');
  t.equal(await page.getByLabel('Retain').isChecked(), true);
  await page.keyboard.press('Enter');

  await page.locator(messages, { hasText: 'typed' }).waitFor();
  t.match(await page.locator(messages).first().textContent(), new RegExp(person.username));
});

const looks = [
  { name: 'ar-dark', locale: 'ar-EG', colorScheme: 'dark', viewport: { width: 1280, height: 900 } },
  { name: 'ar-narrow', locale: 'ar-EG', colorScheme: 'light', viewport: { width: 360, height: 800 } },
  { name: 'en-narrow-dark', locale: 'en-GB', colorScheme: 'dark', viewport: { width: 360, height: 800 } },
  { name: 'fr-light', locale: 'fr-FR', colorScheme: 'light', viewport: { width: 1280, height: 900 } },
] as const;

for (const { name, ...look } of looks) {
  t.test(`the Live page is accessible and fits: ${name}`, async (t) => {
    const { page, person } = await openLivePage(stage, look);
    await subscribeToOwn(page);
    await publishAs(stage, person, 'a/rather/long/topic/that/has/to/wrap/somewhere', '{"temperature":21.5}');
    await publishAs(stage, person, 'arabic', 'مرحبا بالعالم');
    await publishAs(stage, person, 'bytes', Buffer.alloc(300, 0xee));
    await page.locator(messages).nth(2).waitFor();

    await expectAccessible(t, page, name);
    const excess = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    t.ok(excess <= 0, 'it does not scroll sideways');
    const directions = await page
      .locator('code, .messages .ltr, input.ltr')
      .evaluateAll((found) => found.map((element) => getComputedStyle(element).direction));
    t.strictSame([...new Set(directions)], ['ltr'], 'topics, filters and bytes read left to right');
    await stage.picture(page, `live-${name}`);
  });
}

t.test('a deep link to the Live page comes back after signing in', async () => {
  const { page } = await openLivePage(stage);
  await page.reload();
  await untilConnected(page);
});

async function connectBesides(person: Person): Promise<MqttClient> {
  const { access_token: password, session_id: clientId } = await stage.signIn(person);
  return mqtt.connectAsync(stage.stack.urls.mqtt, { username: person.username, password, clientId });
}

/** Watches how long the page does nothing at a stretch while this process goes on: a machine that stands still holds up both. */
async function watchStandstill(t: Test, page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    const beats = [Date.now()];
    (globalThis as unknown as { beats: number[] }).beats = beats;
    setInterval(() => beats.push(Date.now()), 10);
  });
  const own: number[] = [];
  const timer = setInterval(() => own.push(Date.now()), 10);
  t.teardown(() => clearInterval(timer));
  return async () => {
    const beats = await page.evaluate(() => (globalThis as unknown as { beats: number[] }).beats);
    const gaps = beats.map((to, index) => [beats[index - 1] ?? to, to] as const);
    const lost = gaps.map(([from, to]) => 10 * own.filter((at) => at > from && at < to).length);
    return Math.max(...lost);
  };
}

/** Over WebSocket, Mosquitto 2.0.11 sends 4 KB in each turn of its loop: 1 MB takes 25 s while nobody else wakes it. */
async function keepBrokerAwake(person: Person): Promise<() => Promise<void>> {
  const client = await connectBesides(person);
  const timer = setInterval(() => client.sendPing(), 1);
  return async () => {
    clearInterval(timer);
    await client.endAsync();
  };
}

/** The broker's configuration with another limit on the size of packets. */
function brokerTaking(mostBytes: number): string {
  const file = join(makeTestFolder(t), 'mosquitto.conf');
  const template = readFileSync('mosquitto-conf/mosquitto.conf', 'utf8');
  writeFileSync(file, template.replace(/^max_packet_size .*$/m, `max_packet_size ${mostBytes}`));
  return file;
}
