import t from 'tap';
import { exportAudit, readActivity, readAudit } from '../../services/core/audit/read.ts';
import { newUid } from '../../services/core/ids.ts';
import { auditKey } from '../../services/core/redis/keys.ts';
import { toMs } from '../../services/core/redis/time.ts';
import { openAuditStore, record, signInFact, startAuditStack } from './audit-stage.ts';

const { stack, url } = await startAuditStack(t);
const store = await openAuditStore(t, url);
const admin = await openAuditStore(t, stack.redisAdminUrl);
t.beforeEach(() => admin.redis.del(auditKey));

const newest = { cursor: '', limit: 100 };

t.test(
  'a fact tells who did what, for whom, from where, and how it went, by the clock of Redis',
  async (t) => {
    const fact = signInFact(newUid(), { event: 'sign-in-failed', reason: 'password' });

    const fromMs = await redisNowMs();
    await record(store, fact);

    const [entry] = (await readAudit(store, newest)).entries;
    const toMs = await redisNowMs();
    const { uid, sid } = fact;
    t.match(entry, { event: 'sign-in-failed', actor: uid, uid, sid, ip: '192.0.2.7', outcome: 'failure' });
    t.equal(entry?.reason, 'password');
    const { atMs = 0 } = entry ?? {};
    t.ok(atMs >= fromMs - 1 && atMs <= toMs + 1, 'the time is that of Redis');
  },
);

t.test('pages come newest first and have no gap while facts are added', async (t) => {
  const facts = Array.from({ length: 7 }, () => signInFact());
  await record(store, ...facts);

  const first = await readAudit(store, { cursor: '', limit: 3 });
  await record(store, signInFact());
  const second = await readAudit(store, { cursor: first.next ?? '', limit: 3 });
  const third = await readAudit(store, { cursor: second.next ?? '', limit: 3 });

  const read = [first, second, third].flatMap(({ entries }) => entries.map(({ uid }) => uid));
  t.same(read, facts.map(({ uid }) => uid).reverse());
  t.notOk(third.next, 'there is no further page');
});

t.test('a page about one account holds that account alone', async (t) => {
  const mine = signInFact();
  await record(store, signInFact(), mine, signInFact(), { ...mine, event: 'session-ended' }, signInFact());

  const page = await readAudit(store, { ...newest, uid: mine.uid });
  const nobody = await readAudit(store, { ...newest, uid: newUid() });

  t.same(
    page.entries.map(({ event }) => event),
    ['session-ended', 'sign-in'],
  );
  t.same(nobody, { entries: [] });
});

t.test(
  'a page about one account that is rare in a long log ends early and says where to go on',
  async (t) => {
    const rare = signInFact();
    await record(store, rare);
    await admin.redis.eval(
      "for i = 1, 6000 do redis.call('XADD', KEYS[1], '*', 'event', 'sign-in', 'uid', 'other') end",
      1,
      auditKey,
    );

    const first = await readAudit(store, { ...newest, uid: rare.uid });
    const second = await readAudit(store, { cursor: first.next ?? '', limit: 100, uid: rare.uid });

    t.same(first.entries, []);
    t.same(
      second.entries.map(({ uid }) => uid),
      [rare.uid],
    );
  },
);

t.test('what is no cursor is refused', async (t) => {
  for (const cursor of ['x', '1', '+', '1-1 COUNT 9', '1-1\r\n', '-']) {
    await t.rejects(
      readAudit(store, { cursor, limit: 1 }),
      { code: 'VAL_INVALID_FORMAT', field: 'cursor' },
      cursor,
    );
  }
});

t.test('the export has one JSON line per fact, oldest first, for all or for one account', async (t) => {
  const facts = Array.from({ length: 1203 }, () => signInFact());
  await record(store, ...facts.slice(0, 600));
  await record(store, ...facts.slice(600));

  const all = await collect(exportAudit(store));
  const one = await collect(exportAudit(store, { uid: facts[600]?.uid }));
  t.same(
    await collect(exportAudit(store, { sinceMs: -1 })),
    await collect(exportAudit(store)),
    'before 1970',
  );
  const none = await collect(exportAudit(store, { sinceMs: Date.now() + 3_600_000 }));

  t.same(
    all.map((line) => (JSON.parse(line) as { uid: string }).uid),
    facts.map(({ uid }) => uid),
  );
  t.equal(one.length, 1);
  t.same(none, []);
  t.ok(
    all.every((line) => line.endsWith('}\n')),
    'each fact is one line',
  );
});

t.test('an export ends where the log ended when it began', async (t) => {
  await record(store, signInFact(), signInFact());

  let lines = 0;
  for await (const line of exportAudit(store)) {
    lines += line === '' ? 0 : 1;
    await record(store, signInFact());
  }

  t.equal(lines, 2);
});

t.test('control characters are escaped in the export, and survive it', async (t) => {
  const hostile = 'CR\r LF\n ESC\u001b[2J DEL\u007f CSI\u009b BIDI\u202e SEP\u2028 BOM\ufeff "quoted" é';
  await record(store, signInFact(newUid(), { event: 'session-ended', reason: hostile, actor: 'cli:a\nb' }));

  const [line = ''] = await collect(exportAudit(store));

  t.notMatch(line.slice(0, -1), /[\u0000-\u001f\u007f-\u009f\u2028\u202e\ufeff]/);
  t.equal((JSON.parse(line) as { reason: string }).reason, hostile);
});

t.test('what an unknown person did is not told as if the owner had done it', async (t) => {
  const { uid } = signInFact();
  await record(store, { event: 'sign-in-failed', actor: '', uid, reason: 'password' });

  t.match(await readActivity(store, uid, 1), [{ actor: '', outcome: 'failure' }]);
  t.match((await readAudit(store, newest)).entries, [{ actor: '', uid }]);
});

t.test('an account sees its own recent activity, newest first', async (t) => {
  const mine = signInFact();
  await record(
    store,
    mine,
    signInFact(),
    { event: 'account-disabled', actor: 'cli:root', uid: mine.uid, reason: 'stolen phone' },
    { ...signInFact(mine.uid), event: 'session-renewed' },
  );

  const activity = await readActivity(store, mine.uid, 10);

  t.match(activity, [
    { event: 'account-disabled', actor: 'cli:root', reason: 'stolen phone', outcome: 'success' },
    { event: 'sign-in', actor: mine.uid, sid: mine.sid, ip: '192.0.2.7', atMs: Number },
  ]);
  t.equal(activity.length, 2, 'renewals are left out');
  t.same(await readActivity(store, mine.uid, 1), activity.slice(0, 1));
  t.same(await readActivity(store, newUid(), 10), []);
});

async function redisNowMs(): Promise<number> {
  return toMs((await admin.redis.time()) as [number, number]);
}

async function collect(lines: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const line of lines) all.push(line);
  return all;
}
