import { generateSync } from 'otplib';
import t from 'tap';
import { openClient } from '../support/mqtt-outcomes.ts';
import { somebody } from '../support/session-service.ts';
import { startTestStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const cheapHashes = { ARGON2_MEMORY_KIB: '64', ARGON2_TIME: '1' };
const stack = await startTestStack(t, { settings: { session: cheapHashes } });

const post = async (path: string, body: object, token?: string) => {
  const response = await fetch(`${stack.urls.session}/api/auth${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
  });
  const { data } = (await response.json()) as { data?: Record<string, string> };
  return data ?? {};
};

t.test('MQTT takes the access token of a complete sign-in and no other token', async (t) => {
  const person = somebody();
  const { username, password } = person;
  await post('/register', person);
  const first = await post('/login', { username, password });
  const { secret = '' } = await post('/2fa/enable', {}, first.access_token);
  const codeOf = (steps: number) =>
    generateSync({ secret, epoch: Math.floor(Date.now() / 1000) + steps * 30 });
  const mine = await post('/2fa/verify', { code: codeOf(0) }, first.access_token);
  const { temp_token: tempToken = '' } = await post('/login', { username, password });
  const connect = async (clientId: string, secret: string) => {
    const client = openClient({ port: stack.ports.mqtt, clientId, username, password: secret });
    const event = await client.next();
    await client.drop();
    return event;
  };
  /** On a busy machine the broker may not wait long enough for a check: the client comes back. */
  const isLetIn = (clientId: string, token: string) =>
    until(async () => (await connect(clientId, token)) === 'connack 0', { what: 'an access token is good' });

  const pendingSid = tempToken.split('.')[1] ?? '';
  const { session_id: sid = '', access_token: access = '', refresh_token: renewal = '' } = mine;
  for (const [clientId, token] of [
    [pendingSid, tempToken],
    [sid, tempToken],
    [pendingSid, access],
    [sid, renewal],
  ] as const) {
    t.match(await connect(clientId, token), /^connack (?!0)/);
  }
  await isLetIn(sid, access);
  const done = await post('/2fa/verify', { code: codeOf(1), temp_token: tempToken });
  await isLetIn(done.session_id ?? '', done.access_token ?? '');
  t.pass('both access tokens are good');
});
