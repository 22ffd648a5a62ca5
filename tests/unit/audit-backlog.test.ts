import t from 'tap';
import { appendAudit, countAuditLosses, untilAuditWritten } from '../../services/core/audit/append.ts';
import type { Store } from '../../services/core/redis/store.ts';

t.test('what is told between two connections by Sentinels is written on the next one', async (t) => {
  const redis = { status: 'end' };
  let writes = 0;
  const run = () => {
    writes += 1;
    return writes === 1 ? Promise.reject(new Error('Connection is closed.')) : Promise.resolve(['written']);
  };
  const store = { redis, run, isClosed: () => false } as unknown as Store;

  appendAudit(store, { event: 'sign-in-failed', actor: '' });

  t.equal(await untilAuditWritten(store, 5000), true);
  t.equal(countAuditLosses(store), 0);
  t.equal(writes, 2);
});
