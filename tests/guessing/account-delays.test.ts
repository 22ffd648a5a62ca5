import t from 'tap';
import { annUid, fail, failPatiently, granted, startGuessStage, tryFrom } from './guess-stage.ts';

const home = '192.0.2.1';
const away = '198.51.100.1';
const stage = await startGuessStage(t);
let clockMs = 1_800_000_000_000;

t.beforeEach(async () => {
  await stage.admin.flushall();
  clockMs += 1000;
});

t.test('the sixth try within 30 s is refused, then the delay doubles up to an hour', async (t) => {
  const limits = stage.open();

  const { waitsSeconds } = await failPatiently(limits, tryFrom(away), { count: 14, fromMs: clockMs });

  t.same(waitsSeconds, [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
});

t.test('a refused try does not prolong its delay', async (t) => {
  const limits = stage.open();
  for (let i = 0; i < 5; i += 1) await fail(limits, tryFrom(away), clockMs);

  const refusals = [];
  for (const later of [0, 10_000, 29_999]) refusals.push(await fail(limits, tryFrom(away), clockMs + later));
  const afterwards = await limits.beforeTry(tryFrom(away), clockMs + 30_000);

  t.same(
    refusals,
    [30, 20, 1].map((retryAfterSeconds) => ({ allowed: false, reason: 'delayed', retryAfterSeconds })),
  );
  t.equal(afterwards.allowed, true);
});

t.test('a success on a known network resets its delay', async (t) => {
  const limits = stage.open();
  await limits.rememberNetwork(annUid, home, clockMs);
  const { endMs } = await failPatiently(limits, tryFrom(home), { count: 7, fromMs: clockMs });

  await granted(await limits.beforeTry(tryFrom(home), endMs + 120_000)).settle('right');
  const { waitsSeconds } = await failPatiently(limits, tryFrom(home), { count: 6, fromMs: endMs + 120_000 });

  t.same(waitsSeconds, [30]);
});

t.test('after a success on a new network that one has a counter of its own', async (t) => {
  const limits = stage.open();
  for (let i = 0; i < 4; i += 1) await fail(limits, tryFrom(away), clockMs);

  const grant = granted(await limits.beforeTry(tryFrom(away), clockMs));
  await grant.settle('right');
  const isNew = await limits.rememberNetwork(annUid, away, clockMs);
  const next = granted(await limits.beforeTry(tryFrom(away), clockMs));

  t.same([grant.isKnownNetwork, isNew, next.isKnownNetwork], [false, true, true]);
  t.equal(await limits.rememberNetwork(annUid, away, clockMs), false);
});

t.test('a success gives back its own try on a new network and no failure of a stranger', async (t) => {
  const limits = stage.open();
  for (let i = 0; i < 4; i += 1) await fail(limits, tryFrom('198.51.100.66'), clockMs);

  await granted(await limits.beforeTry(tryFrom(away), clockMs)).settle('right');
  const fifth = await fail(limits, tryFrom('198.51.100.66'), clockMs);
  const sixth = await fail(limits, tryFrom('198.51.100.66'), clockMs);

  t.same([fifth.allowed, sixth.allowed], [true, false]);
});

t.test('a try whose secret was never checked leaves no trace', async (t) => {
  const limits = stage.open();

  for (let i = 0; i < 20; i += 1) {
    await granted(await limits.beforeTry(tryFrom(away), clockMs)).settle('unchecked');
  }

  const left = await stage.admin.hgetall(`bn:{A}:guesses:password:${annUid}`);
  t.same({ ...left }, { row: '0' });
  t.equal(await stage.admin.get(`bn:network:failed-password:${away}`), '0');
  const grant = granted(await limits.beforeTry(tryFrom(away), clockMs));
  await grant.settle('unchecked');
  await t.rejects(grant.settle('unchecked'), new TypeError('a try is settled once'));
});

t.test('failures are forgotten a day after their delay', async (t) => {
  const limits = stage.open();
  for (let i = 0; i < 5; i += 1) await fail(limits, tryFrom(away), clockMs);
  const dayMs = 86_400_000;

  const { waitsSeconds } = await failPatiently(limits, tryFrom(away), {
    count: 6,
    fromMs: clockMs + 30_000 + dayMs,
  });

  t.same(waitsSeconds, [30], 'five free ones again');
});

t.test("strangers' failures don't lock the owner out where the owner has signed in before", async (t) => {
  const limits = stage.open();
  await limits.rememberNetwork(annUid, home, clockMs);
  let endMs = clockMs;
  for (let i = 0; i < 90; i += 1) {
    const stranger = tryFrom(`2001:db8:0:${i.toString(16)}::1`);
    ({ endMs } = await failPatiently(limits, stranger, { count: 1, fromMs: endMs }));
  }

  const stranger = await limits.beforeTry(tryFrom(away), endMs + 3_600_000);
  const owner = await limits.beforeTry(tryFrom(home), endMs);

  t.match(stranger, { allowed: false, reason: 'disabled', retryAfterSeconds: 3600 });
  t.match(owner, { allowed: true, isKnownNetwork: true });
});

t.test('guesses from one known network delay nobody on another', async (t) => {
  const limits = stage.open();
  const office = '192.0.2.99';
  for (const ip of [home, office]) await limits.rememberNetwork(annUid, ip, clockMs);
  for (let i = 0; i < 6; i += 1) await fail(limits, tryFrom(office), clockMs);

  t.equal((await limits.beforeTry(tryFrom(office), clockMs)).allowed, false);
  t.equal((await limits.beforeTry(tryFrom(home), clockMs)).allowed, true);
  t.equal((await limits.beforeTry(tryFrom(away), clockMs)).allowed, true);
});

t.test(
  'a hundred failures in a row disable a secret, and nobody but the owner can use up the last ten',
  async (t) => {
    const limits = stage.open();
    await limits.rememberNetwork(annUid, home, clockMs);

    const strangers = await failPatiently(limits, tryFrom(away), { count: 90, fromMs: clockMs });
    const owner = await failPatiently(limits, tryFrom(home), { count: 10, fromMs: strangers.endMs });
    const refused = await limits.beforeTry(tryFrom(home), owner.endMs + 3_600_000);
    await limits.lift(annUid, 'password');
    const lifted = [away, home].map((ip) => limits.beforeTry(tryFrom(ip), owner.endMs));

    t.same(strangers.disabledAt, [[90, 'new-networks']]);
    t.same(owner.disabledAt, [[10, 'all-networks']]);
    t.match(refused, { allowed: false, reason: 'disabled', retryAfterSeconds: 3600 });
    t.same(
      (await Promise.all(lifted)).map(({ allowed }) => allowed),
      [true, true],
    );
  },
);

t.test('a success ends the row of failures', async (t) => {
  const limits = stage.open();
  await limits.rememberNetwork(annUid, home, clockMs);
  const { endMs } = await failPatiently(limits, tryFrom(away), { count: 89, fromMs: clockMs });

  await granted(await limits.beforeTry(tryFrom(home), endMs)).settle('right');
  const { disabledAt } = await failPatiently(limits, tryFrom(away), { count: 89, fromMs: endMs });

  t.same(disabledAt, []);
});

t.test('a network is known for 90 days, and 32 of an account are', async (t) => {
  const limits = stage.open();
  const knows = async (ip: string, nowMs: number) => {
    const grant = granted(await limits.beforeTry(tryFrom(ip), nowMs));
    await grant.settle('unchecked');
    return grant.isKnownNetwork;
  };
  const days90Ms = 90 * 86_400_000;
  await limits.rememberNetwork(annUid, home, clockMs);

  t.equal(await knows(home, clockMs + days90Ms - 1), true);
  t.equal(await knows(home, clockMs + days90Ms), false);
  for (let i = 1; i <= 32; i += 1) await limits.rememberNetwork(annUid, `198.51.100.${i}`, clockMs + i);
  t.equal(await knows(home, clockMs + 50), false, 'the longest unused one gave way');
  t.equal(await knows('198.51.100.1', clockMs + 50), true);
  t.equal(await stage.admin.zcard(`bn:{A}:networks:${annUid}`), 32);
  await limits.forgetNetworks(annUid);
  t.equal(await knows('198.51.100.1', clockMs + 50), false);
});

t.test('failures on a network that is forgotten stand, as those of a stranger', async (t) => {
  const limits = stage.open();
  const code = (ip: string) => tryFrom(ip, { kind: 'second-factor' });
  await limits.rememberNetwork(annUid, home, clockMs);
  for (let i = 0; i < 5; i += 1) await fail(limits, code(home), clockMs);
  await fail(limits, code(away), clockMs);

  await limits.forgetNetworks(annUid);

  for (const ip of [home, away])
    t.match(await limits.beforeTry(code(ip), clockMs), { allowed: false, reason: 'delayed' }, ip);
  const afterwards = await limits.beforeTry(code(away), clockMs + 30_000);
  t.match(afterwards, { allowed: true, isKnownNetwork: false });
  const counters = await stage.admin.hgetall(`bn:{A}:guesses:second-factor:${annUid}`);
  t.match({ ...counters }, { new: /^6 /, row: '7' });
  t.same(Object.keys(counters).sort(), ['new', 'row']);
  t.ok((await stage.admin.ttl(`bn:{A}:guesses:second-factor:${annUid}`)) > 0);
});

t.test('an unreadable address never becomes a known network', async (t) => {
  const limits = stage.open();

  t.equal(await limits.rememberNetwork(annUid, 'nonsense', clockMs), true);
  t.equal(await limits.rememberNetwork(annUid, undefined, clockMs), true);

  t.match(await limits.beforeTry(tryFrom('nonsense'), clockMs), { allowed: true, isKnownNetwork: false });
});
