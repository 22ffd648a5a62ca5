import t from 'tap';
import {
  appendAudit,
  countAuditLosses,
  untilAuditWritten,
  type AuditFact,
} from '../../services/core/audit/append.ts';
import { auditEvents } from '../../services/core/audit/events.ts';
import { readAudit } from '../../services/core/audit/read.ts';
import { newUid } from '../../services/core/ids.ts';
import { activityKey, auditKey } from '../../services/core/redis/keys.ts';
import { openRedisLink } from '../support/redis-link.ts';
import { until } from '../support/until.ts';
import { openAuditStore, record, signInFact, startAuditStack } from './audit-stage.ts';

const { stack, url } = await startAuditStack(t);
const store = await openAuditStore(t, url);
const admin = await openAuditStore(t, stack.redisAdminUrl);
t.beforeEach(() => admin.redis.del(auditKey));

t.test('every event has a name in words and a sentence', async (t) => {
  for (const [name, { sentence }] of Object.entries(auditEvents)) {
    t.match(name, /^[a-z]+(-[a-z]+)*$/);
    t.match(sentence, /^[A-Z].*\.$/, name);
  }
});

t.test('a fact without an account is in the log alone', async (t) => {
  await record(store, { event: 'sign-in-failed', actor: '', ip: '192.0.2.7', reason: 'unknown' });

  t.equal(await admin.redis.xlen(auditKey), 1);
  t.same(await admin.redis.keys('*:activity:'), []);
});

t.test('renewals are not recorded, for they would push out the rest', async (t) => {
  await record(store, signInFact(newUid(), { event: 'session-renewed' }));

  t.equal(await admin.redis.exists(auditKey), 0);
});

t.test('what is no field of a fact is not stored, so that no secret is', async (t) => {
  const fact = { ...signInFact(), password: 'correct horse', token: 'sid.1.k.mac' } as AuditFact;
  // @ts-expect-error a secret can't be a field
  const typed: AuditFact = { event: 'sign-in', actor: 'x', password: 'correct horse' };

  await record(store, fact, typed);

  const stored = JSON.stringify([
    await admin.redis.xrange(auditKey, '-', '+'),
    await admin.redis.lrange(activityKey(fact.uid ?? ''), 0, -1),
  ]);
  t.match(stored, fact.uid);
  t.notMatch(stored, /horse|password|mac/);
});

t.test('a long text is cut, and a half character replaced', async (t) => {
  await record(store, signInFact(newUid(), { event: 'session-ended', reason: `\ud800${'x'.repeat(1000)}` }));

  const [entry] = (await readAudit(store, { cursor: '', limit: 1 })).entries;
  t.equal(entry?.reason, `\ufffd${'x'.repeat(255)}`);
});

t.test('an account keeps 100 entries, for 400 days after the last one', async (t) => {
  const { uid } = signInFact();
  await record(store, ...Array.from({ length: 105 }, () => signInFact(uid)));

  t.equal(await admin.redis.llen(activityKey(uid)), 100);
  const days = (await admin.redis.ttl(activityKey(uid))) / 86_400;
  t.ok(days > 399 && days <= 400, `${days} days`);
});

t.test('the log is trimmed to about 100,000 entries', async (t) => {
  const fill = "for i = 1, 10050 do redis.call('XADD', KEYS[1], '*', 'event', 'sign-in') end";
  for (let i = 0; i < 10; i += 1) await admin.redis.eval(fill, 1, auditKey);

  await record(store, signInFact());

  const length = await admin.redis.xlen(auditKey);
  t.ok(length >= 100_000 && length < 100_200, `${length} entries`);
});

t.test('facts are recorded in their order, however many come at once', async (t) => {
  const facts = Array.from({ length: 900 }, () => signInFact());

  await record(store, ...facts);

  const stored = (await admin.redis.xrange(auditKey, '-', '+')).map(([, fields]) => fields[7]);
  t.same(
    stored,
    facts.map(({ uid }) => uid),
  );
});

t.test(
  'while Redis hangs nobody waits; what fits the backlog comes later, the rest is counted',
  async (t) => {
    const link = await openRedisLink(t, stack.ports.redis);
    const behind = url.replace(`:${stack.ports.redis}`, `:${link.port}`);
    const hanging = await openAuditStore(t, behind, 1000);
    await record(hanging, signInFact());
    link.hold();

    for (let i = 0; i < 2500; i += 1) appendAudit(hanging, signInFact()); // In one turn: it waits for nothing.
    const inTime = await untilAuditWritten(hanging, 3000);
    const lost = countAuditLosses(hanging);
    const backAtMs = Date.now();
    link.cut();
    link.release();
    await until(() => untilAuditWritten(hanging, 5000));

    t.equal(inTime, false);
    t.ok(lost >= 2900 && lost <= 3000, `${lost} of 5,000 entries did not fit`);
    t.equal(countAuditLosses(hanging), lost, 'no further one was lost');
    const { entries } = await readAudit(store, { cursor: '', limit: 5000 });
    t.ok(entries.length >= 1000, `${entries.length} facts are there`);
    t.ok(
      entries.every(({ atMs }) => atMs < backAtMs),
      'they tell when they happened, not when they were written',
    );
  },
);

t.test('a fact that Redis refuses is counted as lost and holds up no other', async (t) => {
  const webhook = await openAuditStore(t, stack.redisUrl('webhook'));

  appendAudit(webhook, signInFact());
  const settled = await untilAuditWritten(webhook, 30_000);

  t.equal(settled, true);
  t.equal(countAuditLosses(webhook), 2);
  t.equal(await admin.redis.exists(auditKey), 0);
});

t.test('a store that was closed loses its facts and keeps nobody waiting', async (t) => {
  const closed = await openAuditStore(t, url);
  closed.close();
  await until(() => closed.redis.status === 'end');

  appendAudit(closed, signInFact());

  t.equal(await untilAuditWritten(closed, 5000), true);
  t.equal(countAuditLosses(closed), 2);
});
