import t from 'tap';
import { guessPresets } from '../../services/core/guessing/guess-settings.ts';
import { fail, failPatiently, granted, startGuessStage, tryFrom } from './guess-stage.ts';

const stage = await startGuessStage(t);
const clockMs = 1_800_000_000_000;
const made = (count: number) => Array.from({ length: count }, (_, i) => i);

t.beforeEach(() => stage.admin.flushall());

t.test('each kind of request is limited per network', async (t) => {
  const requestsPerNetwork = { ...guessPresets.standard.requestsPerNetwork };
  requestsPerNetwork.register = { requests: 2, windowSeconds: 600 };
  const limits = stage.open({ requestsPerNetwork });

  const answers = await Promise.all(made(3).map(() => limits.takeRequest('register', '192.0.2.1')));

  t.equal(answers.filter(({ allowed }) => allowed).length, 2);
  t.match(answers[2], { allowed: false, reason: 'network', retryAfterSeconds: 600 });
  t.same(await limits.takeRequest('register', '192.0.2.2'), { allowed: true });
  t.same(await limits.takeRequest('forgot', '192.0.2.1'), { allowed: true });
});

t.test('standard: 300 failures of a network an hour, over any accounts; a success is none', async (t) => {
  const limits = stage.open();
  const attempt = (i: number) => tryFrom('192.0.2.1', { uid: undefined, login: `name-${i}` });
  for (const i of made(300)) await fail(limits, attempt(i));

  const refused = await limits.beforeTry(attempt(301));
  await stage.admin.decr('bn:network:failed-password:192.0.2.1');
  await stage.admin.decr('bn:network:failed-password:192.0.2.1');
  await granted(await limits.beforeTry(tryFrom('192.0.2.1'))).settle('right');

  t.match(refused, { allowed: false, reason: 'network' });
  t.equal(await stage.admin.get('bn:network:failed-password:192.0.2.1'), '299');
});

t.test(
  'tower-control: 30 failures per login, 300 per address, blocked for an hour, never disabled',
  async (t) => {
    const limits = stage.open(guessPresets['tower-control']);
    const hourMs = 3_600_000;
    for (const i of made(30)) t.equal((await fail(limits, tryFrom(`192.0.2.${i}`), clockMs)).allowed, true);
    const blocked = await fail(limits, tryFrom('192.0.2.99'), clockMs);

    t.same(blocked, { allowed: false, reason: 'delayed', retryAfterSeconds: 3600 });
    t.equal((await fail(limits, tryFrom('192.0.2.99'), clockMs + hourMs)).allowed, true);
    const { disabledAt } = await failPatiently(limits, tryFrom('192.0.2.98'), {
      count: 150,
      fromMs: clockMs,
    });
    t.same(disabledAt, []);

    const attempt = (i: number) => tryFrom('203.0.113.1', { uid: undefined, login: `name-${i}` });
    for (const i of made(300)) await fail(limits, attempt(i), clockMs);
    await stage.admin.expire('bn:network:failed-password:203.0.113.1', 60);
    t.match(await fail(limits, attempt(301), clockMs), { reason: 'network', retryAfterSeconds: 3600 });
    t.match(await fail(limits, attempt(302), clockMs), { reason: 'network' });
  },
);
