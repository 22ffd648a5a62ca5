import t from 'tap';
import { openTestStore } from '../cli/sign-in.ts';
import { openFakeSentinel } from '../support/fake-sentinel.ts';
import { startTestStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const laterMs = 10_001;

t.test('a service finds back to a primary whose return no Sentinel has told', async (t) => {
  const stack = await startTestStack(t, { parts: ['redis'] });
  const sentinel = await openFakeSentinel(t, { primaryPort: stack.ports.redis });
  const password = new URL(stack.redisUrl('session')).password;
  const url = `redis+sentinel://session:${password}@127.0.0.1:${sentinel.port}/bednet?sentinel_password=x`;
  const { redis } = await openTestStore(t, url);
  const isServed = () => redis.ping().then(Boolean, () => false);
  let refusals = 0;
  redis.on('close', () => (refusals += 1));
  await until(() => sentinel.listeners() > 0);
  t.equal(await isServed(), true);

  sentinel.tellSwitch(1);
  await until(() => refusals >= 3, { what: 'it does not trust a Sentinel that names the old primary' });
  const now = performance.now.bind(performance);
  t.intercept(performance, 'now', { value: () => now() + laterMs });

  await until(isServed, { what: 'the primary that is named is believed again' });
});
