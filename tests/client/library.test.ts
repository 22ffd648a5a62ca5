import { existsSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import type * as declared from '../../services/client/bednet.d.ts';
import type * as source from '../../services/client/index.ts';
import { startSessionStage } from '../support/session-service.ts';

const built = new URL('../../services/client/dist/bednet.js', import.meta.url);
const mostKilobytes = 12;

/** True where two types fit each other both ways; what does not is a fault of the type check. */
type Same<One, Other> = [One] extends [Other] ? ([Other] extends [One] ? true : false) : false;

const typesFit: {
  names: Same<keyof typeof declared, keyof typeof source>;
  options: Same<declared.SessionOptions, source.SessionOptions>;
  credentials: Same<declared.Credentials, source.Credentials>;
  steps: Same<declared.PendingStep, source.PendingStep>;
  endReasons: Same<declared.EndReason, source.EndReason>;
  members: Same<keyof declared.Session, keyof source.Session>;
  errors: Same<declared.SessionError, source.SessionError>;
  mqttStates: Same<declared.MqttState, source.MqttState>;
  connections: Same<declared.MqttConnection, source.MqttConnection>;
  connects: Same<declared.MqttConnect, source.MqttConnect>;
} = {
  names: true,
  options: true,
  credentials: true,
  steps: true,
  endReasons: true,
  members: true,
  errors: true,
  mqttStates: true,
  connections: true,
  connects: true,
};

/** The session of the sources is one as declared, state and methods included. */
export const asDeclared = (session: source.Session): declared.Session => session;

t.test('the declared types are those of the sources', async (t) => {
  t.notOk(Object.values(typesFit).includes(false as true));
});

t.test('the library is under 12 KB compressed, without MQTT.js', async (t) => {
  t.ok(existsSync(built), 'make page has built it');

  const kilobytes = gzipSync(readFileSync(built)).length / 1024;

  t.comment(`${kilobytes.toFixed(1)} KB`);
  t.ok(kilobytes < mostKilobytes, `${kilobytes.toFixed(1)} KB`);
  t.notMatch(readFileSync(built, 'utf8'), /\bfrom\s*['"]/, 'it imports nothing');
});

t.test('pages of the allowed origins get the library, and ask for it once', async (t) => {
  const origin = 'http://localhost:3000';
  const stage = await startSessionStage(t, { CORS_ORIGINS: origin });

  for (const path of ['/client/bednet.js', '/client/mqtt.js', '/client/bednet.d.ts']) {
    const answer = await fetch(stage.url + path, { headers: { origin } });
    const text = await answer.text();
    t.equal(answer.status, 200, path);
    t.equal(answer.headers.get('access-control-allow-origin'), origin);
    t.match(answer.headers.get('content-type'), path.endsWith('.js') ? /^text\/javascript/ : /^text\/plain/);
    t.ok(text.length > 1000);
    const etag = answer.headers.get('etag') ?? '';
    const again = await fetch(stage.url + path, { headers: { 'if-none-match': etag } });
    t.equal(again.status, 304);
    const plain = await fetch(stage.url + path, { headers: { 'accept-encoding': 'identity' } });
    t.equal(plain.headers.get('content-encoding'), null);
    t.equal(await plain.text(), text);
  }
  const elsewhere = await fetch(`${stage.url}/client/bednet.js`, {
    headers: { origin: 'https://elsewhere.example' },
  });
  t.not(elsewhere.headers.get('access-control-allow-origin'), 'https://elsewhere.example');
});
