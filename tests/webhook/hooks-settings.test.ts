import t from 'tap';
import { readConfig } from '../../services/webhook/config.ts';
import { emqx, rabbitmq, vernemq } from '../support/hook-brokers.ts';
import { clientOf } from '../support/hook-behaviours.ts';
import { startWebhookStage } from '../support/webhook-service.ts';

t.test('no hook of another broker is answered unless it is switched on', async (t) => {
  const settings = { webhook: { BROKER_HOOKS: 'emqx, vernemq' } };
  const [without, some] = await Promise.all([startWebhookStage(t), startWebhookStage(t, { settings })]);
  const statusOf = async (stage: typeof some, broker: typeof emqx) => {
    const { path, asked } = broker.connect(clientOf(await stage.signIn()));
    return (await stage.ask(path, asked)).status;
  };

  for (const broker of [rabbitmq, emqx, vernemq]) t.equal(await statusOf(without, broker), 404, broker.name);
  t.equal(await statusOf(some, rabbitmq), 404);
  t.equal(await statusOf(some, emqx), 200);
  t.equal(await statusOf(some, vernemq), 200);
});

t.test('a hook that there is not stops the service at its start', async (t) => {
  t.throws(() => readConfig({ BROKER_HOOKS: 'emqx,hivemq' }), {
    message: /^BROKER_HOOKS holds something else than rabbitmq, emqx, vernemq$/m,
  });
});
