import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { startBrokerStage } from '../support/broker-stage.ts';
import { publish, subscribe } from '../support/mqtt-outcomes.ts';
import { makeTestFolder } from '../support/stack.ts';

t.test('with the token as username nobody takes over the client id of another session', async (t) => {
  const stage = await startBrokerStage(t, { mosquittoTemplate: tokenModeTemplate(makeTestFolder(t)) });
  const [alice, bob] = [await stage.signIn(), await stage.signIn()];
  const own = { username: alice.token, password: 'ignored' };
  const client = await stage.connect(alice, own);
  t.same(await subscribe(client, 'room/a', 1), ['suback 1']);
  t.same(await publish(client, 'room/a', 1), ['publish room/a=x', 'puback'], 'its allowed twin');

  const thief = stage.knock(alice, { username: bob.token, password: 'ignored' });

  t.equal(await thief.next(), 'connack 135');
  t.same(await client.settle(), [], 'the owner was not thrown out');
  await stage.revoke(alice);
  t.equal(await stage.knock(alice, own).next(), 'connack 135', 'a revoked token is refused');
});

/** The shipped configuration in token-as-username mode. */
function tokenModeTemplate(folder: string): string {
  const shipped = readFileSync(join(import.meta.dirname, '../../mosquitto-conf/mosquitto.conf'), 'utf8');
  const template = shipped
    .replaceAll('plugin_opt_http_', 'plugin_opt_jwt_')
    .replace(
      'plugin_opt_backends http',
      'plugin_opt_backends jwt\nplugin_opt_jwt_mode remote\nplugin_opt_jwt_send_clientid true',
    )
    .replace('plugin_opt_jwt_method', 'plugin_opt_jwt_http_method')
    .replace('plugin_opt_jwt_timeout_ms', 'plugin_opt_jwt_http_timeout_ms');
  const file = join(folder, 'mosquitto.conf');
  // Mosquitto tells who connects by username, which is the token here.
  writeFileSync(file, `${template}\nconnection_messages false\n`);
  return file;
}
