import { connectAsync, type MqttClient } from 'mqtt';
import t from 'tap';
import { startBrowserStage } from '../support/browser.ts';
import type { Person, Tokens } from '../support/session-service.ts';
import { until } from '../support/until.ts';
import { addRoles, confirm, letAge, openAs } from './console-hands.ts';

const stage = await startBrowserStage(t);

/** Somebody with a session; the name is one that tries to be more than text. */
async function somebodySignedIn(): Promise<{ person: Person; tokens: Tokens }> {
  const person = await stage.register({ full_name: 'Zo\u202eeo<b>bold</b>' });
  return { person, tokens: await stage.signIn(person) };
}

async function connect(username: string, password: string, clientId: string): Promise<MqttClient> {
  const options = { username, password, clientId, protocolVersion: 5, reconnectPeriod: 0 } as const;
  const client = await connectAsync(stage.stack.urls.mqtt, options);
  client.on('error', () => {});
  t.teardown(() => client.endAsync(true));
  return client;
}

const untilClosed = (client: MqttClient) =>
  new Promise<void>((resolve) => client.once('close', () => resolve()));

const isLive = async ({ access_token: token }: Tokens) =>
  (await stage.ask('GET', '/api/auth/me', { token })).status === 200;

t.test('an account is found, disabled after a step-up, and enabled', async (t) => {
  const { person, tokens } = await somebodySignedIn();
  const { page, uid, person: self } = await openAs(stage, ['user', 'admin'], '/console/accounts');

  await page.getByLabel('Search').fill(person.username.toUpperCase());
  await page.getByRole('link', { name: person.username }).click();
  await page.getByRole('heading', { name: `Account ${person.username}`, level: 1 }).waitFor();
  await page.getByText('Zo\\u202eeo<b>bold</b>').first().waitFor();
  t.equal(await page.locator('main b').count(), 0, 'a name is text');
  await letAge(stage, uid);
  await page.getByRole('button', { name: 'Disable' }).click();
  await page.getByLabel('Reason (optional)').fill('lost laptop');
  await confirm(page, 'Disable');
  const dialog = page.getByRole('dialog', { name: 'Is it you?' });
  await dialog.getByLabel('Your password').fill('not my password, surely');
  await dialog.getByRole('button', { name: 'Go on' }).click();
  await dialog.getByText('not right').waitFor();
  t.ok(await isLive(tokens), 'nothing has happened yet');
  await stage.picture(page, 'console-step-up');
  await dialog.getByLabel('Your password').fill(self.password);
  await dialog.getByRole('button', { name: 'Go on' }).click();

  await page.getByText(`${person.username} is disabled; all sessions are ended.`).waitFor();
  await page.getByText('Disabled', { exact: true }).waitFor();
  t.notOk(await isLive(tokens));
  await page.getByRole('button', { name: 'Enable' }).click();
  await confirm(page, 'Enable');
  await page.getByText('Active', { exact: true }).waitFor();
});

t.test('a dialog that is closed does nothing, and a step-up that is refused says so', async (t) => {
  const { person, tokens } = await somebodySignedIn();
  const { page, uid } = await openAs(stage, ['user', 'admin'], `/console/accounts/${tokens.user.id}`);
  await letAge(stage, uid);

  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.locator('button:focus', { hasText: 'Delete' }).waitFor();
  await page.getByRole('button', { name: 'Delete' }).click();
  await confirm(page, 'Delete');
  await page
    .getByRole('dialog', { name: 'Is it you?' })
    .getByRole('button', { name: 'Cancel' })
    .last()
    .click();

  await page.getByText('Give your password once more for this.').waitFor();
  t.ok(await isLive(tokens));
  t.ok(person.username);
});

t.test('an account is deleted, restored, and removed for good', async (t) => {
  const { person, tokens } = await somebodySignedIn();
  const { page, ask } = await openAs(stage, ['user', 'admin'], `/console/accounts/${tokens.user.id}`);

  await page.getByRole('button', { name: 'Delete' }).click();
  await confirm(page, 'Delete');
  await page.getByText('Deleted', { exact: true }).waitFor();
  await page.getByRole('link', { name: 'All accounts' }).click();
  await page.getByLabel('State').selectOption('deleted');
  await page.getByRole('columnheader', { name: 'Removed for good' }).waitFor();
  await page.getByRole('link', { name: person.username }).click();
  await page.getByRole('button', { name: 'Restore' }).click();
  await confirm(page, 'Restore');
  await page.getByText('Active', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Delete' }).click();
  await confirm(page, 'Delete');
  await page.getByRole('button', { name: 'Remove for good' }).click();
  await confirm(page, 'Remove for good');

  await page.getByRole('heading', { name: 'Accounts', level: 1 }).waitFor();
  await page.getByText(`${person.username} is removed for good.`).waitFor();
  t.equal((await ask('GET', `/accounts/${tokens.user.id}`)).status, 404);
});

t.test('roles are set, and one that the rules do not know is said at the field', async (t) => {
  const { tokens } = await somebodySignedIn();
  const { page, ask } = await openAs(stage, ['user', 'admin'], `/console/accounts/${tokens.user.id}`);
  const field = page.getByRole('combobox', { name: 'Roles of the account' });

  await field.fill('no-such-role');
  await field.press('Enter');
  await page.getByRole('button', { name: 'Save roles' }).click();
  await page.getByText('The rules know no such role.').waitFor();
  await field.press('Backspace');
  await field.fill('device');
  await field.press('Enter');
  await page.getByRole('button', { name: 'Save roles' }).click();

  await page.getByText('The roles count from now on.').waitFor();
  t.same((await ask('GET', `/accounts/${tokens.user.id}`)).body.data.roles, ['user', 'device']);
});

t.test('a client shows as it connects, and its session can be ended', async (t) => {
  const { person, tokens } = await somebodySignedIn();
  const { page } = await openAs(stage, ['user', 'admin'], '/console/clients');
  await page.getByRole('heading', { name: 'Connected clients' }).waitFor();

  const client = await connect(person.username, tokens.access_token, tokens.session_id);
  const closed = untilClosed(client);
  const row = page.getByRole('row').filter({ hasText: tokens.session_id });
  await row.getByRole('cell', { name: 'Connected', exact: true }).waitFor();
  await row.getByRole('link', { name: person.username }).waitFor();
  await stage.picture(page, 'console-clients');
  await row.getByRole('button', { name: 'End' }).click();
  await confirm(page, 'End');

  await closed;
  await row.waitFor({ state: 'detached' });
  t.notOk(await isLive(tokens));
});

t.test('everybody’s sessions end but the operator’s own', async (t) => {
  const { tokens } = await somebodySignedIn();
  const { page } = await openAs(stage, ['user', 'admin'], '/console/clients');

  await page.getByRole('button', { name: 'End everybody’s sessions' }).click();
  await confirm(page, 'End everybody’s sessions');

  await page.getByText('Everybody’s sessions are ended. Yours goes on.').waitFor();
  t.notOk(await isLive(tokens));
  await page.reload();
  await page.getByRole('heading', { name: 'Connected clients' }).waitFor();
});

t.test('a device is made with a key that is shown once, gets another, and is disabled', async (t) => {
  const { page } = await openAs(stage, ['user', 'admin'], '/console/devices');
  const id = 'lamp-of-the-hall';

  await page.getByRole('button', { name: 'New device' }).click();
  await page.getByLabel('Device id').fill(id);
  await page.getByLabel('Label').fill('<i>Hall</i> \u202e');
  await page.getByRole('button', { name: 'Create the device' }).click();
  const first = (await page.getByLabel('Device key').textContent()) ?? '';
  await page.getByRole('button', { name: 'I have copied it' }).click();
  t.notOk((await page.content()).includes(first), 'the key is gone from the page');
  await page.getByText('<i>Hall</i> \\u202e').first().waitFor();
  await page.getByRole('link', { name: id }).click();
  await connect(`d:${id}`, first, id);
  await page.getByText('Connected', { exact: true }).first().waitFor();

  await page.getByLabel('The old key works on for').selectOption({ label: '1 hour' });
  await page.getByRole('button', { name: 'Give it a new key' }).click();
  const second = (await page.getByLabel('Device key').textContent()) ?? '';
  t.not(first, second);
  const old = await connect(`d:${id}`, first, `${id}.old`);
  await connect(`d:${id}`, second, `${id}.new`);
  const closed = untilClosed(old);
  await page.getByRole('button', { name: 'Disable' }).click();
  await confirm(page, 'Disable');

  await closed;
  await page.getByText(`${id} is disabled.`).waitFor();
  await page.getByRole('button', { name: 'Delete' }).click();
  await confirm(page, 'Delete');
  await page.getByText(`${id} is deleted.`).waitFor();
  await page.getByText('There is no device.').waitFor();
});

t.test('what was done is told on the page that it leads to, however slowly that is shown', async (t) => {
  const { page, ask } = await openAs(stage, ['user', 'admin'], '/console/devices');
  const id = 'soon-gone';
  await ask('POST', '/devices', { body: { id } });
  await page.getByRole('link', { name: id }).click();
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.evaluate(() => {
    const push = history.pushState.bind(history);
    history.pushState = (...given) => {
      push(...given);
      for (const endMs = performance.now() + 1_500; performance.now() < endMs;);
    };
  });
  await confirm(page, 'Delete');

  await page.getByRole('button', { name: 'New device' }).waitFor();
  await page.getByRole('link', { name: id }).waitFor({ state: 'detached' });
  t.ok(await page.getByText(`${id} is deleted.`).isVisible());
});

t.test('somebody is invited, by mail or by a link, and the invitation is taken back', async (t) => {
  const { page } = await openAs(stage, ['user', 'admin'], '/console/invitations');
  const email = 'invited@example.org';

  await page.getByLabel('E-mail address').fill(` ${email} `);
  await page.getByRole('button', { name: 'Invite' }).click();
  await page.getByRole('cell', { name: email, exact: true }).waitFor();
  t.match(await stage.newestLinkTo(email), /token=/);
  await page.getByRole('button', { name: `Take back: ${email}` }).click();
  await confirm(page, 'Take back');
  await page.getByText('No invitation is open.').waitFor();

  await page.getByRole('button', { name: 'Invite' }).click();
  t.match(await page.getByLabel('Link of the invitation').textContent(), /\/invitation#token=/);
  await page.getByRole('cell', { name: 'Whoever has the link' }).waitFor();
});

t.test('the audit log grows as things happen, is filtered, and is saved', async (t) => {
  const { page, uid, ask } = await openAs(stage, ['user', 'admin'], '/console/audit');
  await page.getByRole('table').waitFor();
  await page.getByLabel('Event').selectOption({ label: 'Device created' });
  await page.getByLabel('Account id').fill('too short');
  await page.getByText('An account id has 22 characters.').waitFor();
  await page.getByLabel('Account id').fill('');

  await ask('POST', '/devices', { body: { id: 'seen-by-the-audit' } });
  const row = page.getByRole('row').filter({ hasText: 'seen-by-the-audit' });
  await row.waitFor();
  t.equal(new URL(page.url()).search, '?event=device-created', 'the address keeps what is asked for');
  t.match(await row.textContent(), /Device created/);
  await page.getByRole('cell', { name: 'Signed in' }).first().waitFor({ state: 'detached' });
  await stage.picture(page, 'console-audit');

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save as a file' }).click(),
  ]);
  t.equal(download.suggestedFilename(), 'audit.jsonl');
  const chunks: Buffer[] = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
  const lines = Buffer.concat(chunks).toString().trim().split('\n');
  t.ok(lines.some((line) => (JSON.parse(line) as { device?: string }).device === 'seen-by-the-audit'));
  t.ok(uid);
});

t.test('who lacks a permission sees no page and no button for it, and the server refuses', async (t) => {
  const admin = await openAs(stage, ['user', 'admin'], '/console/rules');
  await addRoles(admin, { reader: ['accounts.read'], auditor: ['audit.read'] });
  const { tokens } = await somebodySignedIn();
  const { page, ask } = await openAs(stage, ['user', 'reader'], '/console');

  await page.getByRole('heading', { name: 'Accounts', level: 1 }).waitFor();
  const menu = page.getByRole('navigation', { name: 'Pages of the console' });
  t.same(await menu.getByRole('link').allTextContents(), ['Accounts']);
  await page.goto(`${stage.url}/console/accounts/${tokens.user.id}`);
  await page.getByText('About the account').waitFor();
  t.equal(await page.locator('main').getByRole('button').count(), 0, 'nothing to press');
  for (const path of ['picture', 'invitations', 'clients', 'devices', 'rules', 'explain', 'audit']) {
    await page.goto(`${stage.url}/console/${path}`);
    await page.getByRole('heading', { name: 'Not allowed' }).waitFor();
  }
  for (const [method, path] of [
    ['POST', `/accounts/${tokens.user.id}/disable`],
    ['GET', `/accounts/${tokens.user.id}/sessions`],
    ['DELETE', `/sessions/${tokens.session_id}`],
    ['GET', '/metrics'],
    ['GET', '/rules'],
  ] as const) {
    t.match(await ask(method, path), { status: 403, code: 'AUTH_INSUFFICIENT_PERMISSIONS' }, path);
  }
  t.ok(await isLive(tokens));

  const auditor = await openAs(stage, ['user', 'auditor'], '/console');
  await auditor.page.getByRole('heading', { name: 'Audit log' }).waitFor();
  t.equal(await auditor.page.getByRole('button', { name: 'Save as a file' }).count(), 0);
  const user = await openAs(stage, ['user'], '/console');
  await user.page.getByRole('heading', { name: 'Not allowed' }).waitFor();
  t.equal(await user.page.getByRole('link', { name: 'Console' }).count(), 0, 'no way there in the frame');
});

t.test('the picture shows checks as they come, and a webhook service that is away', async (t) => {
  const { person, tokens } = await somebodySignedIn();
  const { page } = await openAs(stage, ['user', 'admin'], '/console/picture');
  await page.getByRole('img', { name: 'Checks of the last 15 minutes' }).waitFor();
  await page.getByText('· there').waitFor();
  const client = await connect(person.username, tokens.access_token, tokens.session_id);

  await until(
    async () => {
      await client.publishAsync('plant/door', 'x', { qos: 1 }).catch(() => {});
      return page.getByText('no-rule-allows').isVisible();
    },
    { what: 'the reason of the denials' },
  );
  await stage.ask('POST', '/api/auth/logout', { token: tokens.access_token, body: {} });
  await page.getByText(/1 connection, at most/).waitFor();
  await page.getByText('As a table').click();
  await page.getByRole('table', { name: 'Checks of the last 15 minutes' }).waitFor();
  await stage.picture(page, 'console-picture');

  await stage.stack.part('webhook').stop();
  await page.getByText('· away').waitFor();
  await stage.picture(page, 'console-picture-away');
  t.ok(await page.getByRole('img', { name: 'Checks of the last 15 minutes' }).isVisible());
  await stage.stack.part('webhook').start();
  await page.getByText('· there').waitFor();
});
