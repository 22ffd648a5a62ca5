import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { startBrokerStage } from '../support/broker-stage.ts';
import { publishRetained, subscribe } from '../support/mqtt-outcomes.ts';
import { makeTestFolder } from '../support/stack.ts';

const shipped = join(import.meta.dirname, '../../mosquitto-conf/mosquitto.conf');
const kept = 'check_retain_source false';

t.test('a retained message stays when its publisher signs out', async (t) => {
  t.same(await afterRevocation(t, shipped), ['suback 1', 'publish room/status=on']);
});

t.test(
  'with check_retain_source true a revoked session no longer speaks through its retained message',
  async (t) => {
    const strict = join(makeTestFolder(t), 'mosquitto.conf');
    const text = readFileSync(shipped, 'utf8');
    t.ok(text.includes(kept));
    writeFileSync(strict, text.replace(kept, 'check_retain_source true'));

    t.same(await afterRevocation(t, strict), ['suback 1']);
  },
);

/** What a new subscriber gets once the publisher of a retained message is revoked. */
async function afterRevocation(t: Test, mosquittoTemplate: string): Promise<string[]> {
  const stage = await startBrokerStage(t, { mosquittoTemplate });
  const [alice, bob] = [await stage.signIn(), await stage.signIn()];
  const speaker = await stage.connect(alice);
  await publishRetained(speaker, 'room/status', 'on');

  await stage.revoke(alice);

  const listener = await stage.connect(bob);
  const events = await subscribe(listener, 'room/status', 1);
  await Promise.all([speaker.drop(), listener.leave()]);
  return events;
}
