import t from 'tap';
import { openClient, publish } from '../support/mqtt-outcomes.ts';
import { startCachingProxy } from '../support/caching-proxy.ts';
import { startScriptedWebhook } from '../support/scripted-webhook.ts';
import { startDoctorStage } from './doctor-stage.ts';

const stage = await startDoctorStage(t);
const { stack, examine, openBroker } = stage;
const rightKey = { 'http_header_X-Bednet-Key': stack.secrets.brokerKey };

t.test('doctor finds no fault in a broker that sends PUT or forms', async (t) => {
  for (const options of [{ http_method: 'PUT' }, { http_params_mode: 'form' }]) {
    const { changed } = await openBroker(t, { ...rightKey, ...options });
    const { code, faults, find } = await examine(changed);

    t.equal(code, 0);
    t.same(faults, []);
    t.match(find('broker-requests'), { severity: 'ok' }, JSON.stringify(options));
  }
});

t.test('doctor names a broker with a cache', async (t) => {
  const { port } = await startCachingProxy(t, stack.urls.webhook);
  const { changed } = await openBroker(t, rightKey, port);

  const { code, faults, find } = await examine(changed);

  t.equal(code, 1);
  t.same(faults, ['broker-cache']);
  t.match(find('broker-cache'), { change: /auth_opt_cache false/ });
});

t.test('doctor names a broker that lets everybody in', async (t) => {
  const lax = await startScriptedWebhook();
  t.teardown(() => lax.close());
  const { changed } = await openBroker(t, {}, lax.port);

  const { faults, find } = await examine(changed);

  t.same(faults, ['broker-sign-in']);
  t.match(find('broker-sign-in'), { found: /lets a client in/, change: /plugin/ });
});

t.test('doctor names a superuser URI by the requests that it causes', async (t) => {
  const { port } = await openBroker(t, { ...rightKey, http_superuser_uri: '/superuser' });
  const { clientId, username, token } = await stage.signIn();
  const client = openClient({ port, clientId, username, password: token });
  t.match(await client.next(), /^connack/i);
  await publish(client, `users/${username}/x`, 1);
  await client.drop();

  const { faults, find } = await examine();

  t.same(faults, []);
  t.match(find('broker-superuser'), {
    severity: 'warn',
    found: /^Brokers asked 1 times/,
    change: /http_superuser_uri/,
  });
});

t.test('doctor names a broker without the right key, and later that it was there', async (t) => {
  const wrong = await openBroker(t, { 'http_header_X-Bednet-Key': 'A'.repeat(43) });
  const without = await openBroker(t, {});

  const first = await examine(wrong.changed);
  const second = await examine(without.changed);
  const later = await examine();

  t.same([first.code, first.faults], [1, ['broker-key']]);
  t.match(first.find('broker-key'), { found: /a wrong broker key/, change: /X-Bednet-Key.*BROKER_KEY_FILE/ });
  t.match(second.find('broker-key'), { found: /no broker key/ });
  t.same(later.faults, []);
  t.match(later.find('broker-key-seen'), {
    severity: 'warn',
    found: '2 requests came without the broker key and 2 with a wrong one',
  });
});

t.test('doctor names a broker that asks at a wrong address', async (t) => {
  const { changed } = await openBroker(t, { ...rightKey, http_getuser_uri: '/auth/user' });

  const { faults, find } = await examine(changed);

  t.same(faults, ['broker-address']);
  t.match(find('broker-address'), { change: /http_getuser_uri to \/user/ });
});

t.test('doctor tells what else brokers asked that will not work', async (t) => {
  await stage.askUser({ username: 'a/b', password: 'x', clientid: 'c+#' });
  await stage.ask('/user', { body: 'null', bearer: 'a.b.c' });
  await stage.ask('/acl', { body: 'username=a&topic=b' });
  await stage.ask('/user', { method: 'GET', json: {} });

  const { faults, find } = await examine();

  t.same(faults, []);
  t.match(find('broker-names'), { severity: 'warn', found: /in 1 usernames and 1 client ids/ });
  t.match(find('broker-token-mode'), { severity: 'warn', change: /jwt_send_clientid true/ });
  t.match(find('broker-mode'), { severity: 'warn', found: /body-malformed 1, .*field-missing 1/ });
  t.match(find('broker-method'), { severity: 'warn', found: /^1 checks came as GET/ });
});
