import { Command, type Cluster } from 'ioredis';
import t from 'tap';
import { connectCluster, hasLastingPrimary } from '../../services/core/redis/cluster.ts';

t.test('a primary that changed after a write is new to a question about all of them, too', async (t) => {
  const hosts = [{ host: '127.0.0.1', port: 1 }]; // Nobody is there.
  const redis = connectCluster({ hosts, hasTls: false }, { commandTimeout: 100 });
  t.teardown(() => redis.disconnect());
  const { slots } = redis as unknown as Cluster;
  const [written, other] = ['written', 'other'].map((key) => new Command('get', [key]).getSlot());
  if (typeof written !== 'number' || typeof other !== 'number') throw new Error('no slots');
  slots[written] = ['127.0.0.1:1'];
  slots[other] = ['127.0.0.1:2'];

  redis.set('written', '1').catch(() => undefined);
  t.equal(hasLastingPrimary(redis), true);

  slots[other] = ['127.0.0.1:3'];
  t.equal(hasLastingPrimary(redis), true, 'nothing was sent to the one before');
  slots[written] = ['127.0.0.1:2'];
  t.equal(hasLastingPrimary(redis), false);
  t.equal(hasLastingPrimary(redis, 'other'), true);

  slots[written] = [];
  t.equal(hasLastingPrimary(redis), false, 'one that is not known does not last');
});
