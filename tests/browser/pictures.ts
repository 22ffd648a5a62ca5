import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import mqtt from 'mqtt';
import t from 'tap';
import { revokeSession } from '../../services/core/sessions/revoke-sessions.ts';
import { startBrowserStage } from '../support/browser.ts';
import { openLivePage, publishAs, subscribeToOwn } from '../support/live-page.ts';
import { openAs } from './console-hands.ts';

/* `make pictures`: the README's pictures, of the real page on a stack of its own. */
const taken = fileURLToPath(new URL('../../.run/pictures/', import.meta.url));
const kept = fileURLToPath(new URL('../../docs/pictures/', import.meta.url));
const stage = await startBrowserStage(t);
mkdirSync(kept, { recursive: true });

const keep = (name: string) => copyFileSync(join(taken, `${name}.png`), join(kept, `${name}.png`));

t.test('the Live page, and how it tells that its session was ended', async () => {
  const viewport = { width: 1000, height: 640 };
  const { page, person } = await openLivePage(stage, { viewport });
  await subscribeToOwn(page);
  await publishAs(stage, person, 'greeting', 'hello');
  const { body } = await stage.ask('POST', '/api/auth/login', { body: person });
  const { user } = body.data;
  for (const sid of await stage.store.redis.zrange(`bn:{${user.id[0]}}:sessions:${user.id}`, '0', '-1')) {
    await revokeSession(stage.store, sid, {
      uid: user.id,
      reason: 'ended-by-operator',
      actor: 'cli:operator',
    });
  }

  await page.getByText('Your session was ended by an operator.').waitFor();
  await stage.picture(page, 'live-ended');
  keep('live-ended');
});

t.test('the operator’s console', async (t) => {
  const viewport = { width: 1100, height: 980 };
  const { page } = await openAs(stage, ['user', 'admin'], '/console', { viewport });
  await page.getByRole('heading', { level: 1 }).waitFor();
  const stop = await makeTraffic();
  t.teardown(stop);

  // Long enough for lines to be seen.
  await page.waitForTimeout(25_000);
  await stage.picture(page, 'console');
  keep('console');
});

/** People who publish where they may and where they may not, and whose sessions end now and then. */
async function makeTraffic(): Promise<() => void> {
  const timers: NodeJS.Timeout[] = [];
  for (let i = 0; i < 3; i += 1) {
    const person = await stage.register();
    const { access_token: password, session_id: clientId } = await stage.signIn(person);
    const options = {
      username: person.username,
      password,
      clientId,
      protocolVersion: 5,
      reconnectPeriod: 0,
    } as const;
    const client = await mqtt.connectAsync(stage.stack.urls.mqtt, options);
    client.on('error', () => {});
    const own = `users/${person.username}/value`;
    timers.push(setInterval(() => void client.publish(own, '1'), 20 + 30 * i));
    timers.push(setInterval(() => void client.publish('elsewhere', '1'), 300 + 200 * i));
    timers.push(setTimeout(() => void endSession(clientId), 8_000 + 5_000 * i));
  }
  return () => timers.forEach(clearTimeout);
}

async function endSession(sid: string): Promise<void> {
  const uid = (await stage.store.redis.hget(`bn:{${sid[0]}}:session:${sid}`, 'uid')) ?? '';
  await revokeSession(stage.store, sid, { uid, reason: 'ended-by-operator', actor: 'cli:operator' });
}
