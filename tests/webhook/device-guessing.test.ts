import { readFileSync } from 'node:fs';
import t from 'tap';
import { createDeviceGuessLimit } from '../../services/webhook/device-guesses.ts';
import { addDevice, askConnect } from '../support/devices.ts';
import { startWebhookStage } from '../support/webhook-service.ts';

const stage = await startWebhookStage(t, { settings: { webhook: { BROKER_URLS: '' } } });
const { store } = stage;
const wrongKey = 'A'.repeat(43);
const wrong = { status: 403, reason: 'device-key-wrong' };

interface Line {
  event?: string;
  username?: string;
  device?: string;
  wrongKeys?: number;
}
const linesAbout = (name: string): Line[] =>
  readFileSync(stage.stack.part('webhook').logFile, 'utf8')
    .split('\n')
    .filter((line) => line.includes(name))
    .map((line) => JSON.parse(line) as Line);
const callsOf = async (command: string): Promise<number> =>
  Number(
    new RegExp(`^cmdstat_${command}:calls=(\\d+)`, 'm').exec(await store.redis.info('commandstats'))?.[1] ??
      0,
  );

t.test('no number of wrong keys keeps the right one out, and each costs one read', async (t) => {
  const lamp = await addDevice(store);
  const [readsBefore, writesBefore] = [await callsOf('hmget'), await callsOf('hlen')];

  for (let i = 0; i < 150; i += 1) {
    t.match(await askConnect(stage, lamp, { password: wrongKey }), wrong);
    if (i % 50 === 49) t.equal((await askConnect(stage, lamp)).status, 200, `after ${i + 1} wrong ones`);
  }

  t.equal((await callsOf('hmget')) - readsBefore, 150 + 3 * 2);
  t.equal((await callsOf('hlen')) - writesBefore, 3, 'only the right ones were noted');
});

t.test('who guesses in a loop is told of, and hides nobody else from the log', async (t) => {
  const [lamp, fan] = [await addDevice(store), await addDevice(store)];
  for (let i = 0; i < 120; i += 1) await askConnect(stage, lamp, { password: i % 2 ? wrongKey : 'a guess' });
  await askConnect(stage, fan, { password: wrongKey });

  const lines = linesAbout(lamp.username);
  t.equal(lines.filter(({ event }) => event === 'check-denied').length, 5);
  t.match(
    lines.filter(({ event }) => event === 'device-keys-guessed').map(({ wrongKeys }) => wrongKeys),
    [10, 100],
  );
  t.match(linesAbout(fan.username), [{ event: 'check-denied' }]);
  const metrics = await (await fetch(`${stage.stack.urls.webhook}/metrics`)).text();
  t.match(metrics, /bednet_checks_total\{check="user",reason="device-key-malformed"\} 60/, 'all are counted');
});

t.test('the limit forgets a device after a minute, and the oldest of too many devices', async (t) => {
  const warnings: object[] = [];
  let nowMs = 0;
  const mayLog = createDeviceGuessLimit({ warn: (line: object) => warnings.push(line) }, () => nowMs);
  const guess = (id: string) => mayLog({ reason: 'device-key-wrong', username: `d:${id}` });
  const linesOf = (id: string, count: number) =>
    Array.from({ length: count }, () => guess(id)).filter(Boolean).length;

  t.equal(linesOf('lamp', 10), 5);
  nowMs = 59_999;
  t.equal(linesOf('lamp', 10), 0);
  nowMs = 60_000;
  t.equal(linesOf('lamp', 10), 5);
  for (let i = 0; i < 1000; i += 1) guess(`other-${i}`);
  t.equal(linesOf('lamp', 10), 5, 'so memory is bounded');
  t.match(warnings, [{ device: 'd:lamp', wrongKeys: 10 }]);
  t.ok(mayLog({ reason: 'token-expired', username: 'ana' }), 'other denials are not its concern');
  t.ok(mayLog({ reason: 'device-key-wrong' }));
});
