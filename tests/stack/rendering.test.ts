import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { findFault, findReason } from '../../services/stack/log-tail.ts';
import { readableLine } from '../../services/stack/logs.ts';
import { portSettings, readStackSettings } from '../../services/stack/settings.ts';
import { renderFile } from '../../services/stack/template.ts';
import { makeTestFolder } from '../support/stack.ts';

t.test('a template is rendered for its owner only', async (t) => {
  const folder = makeTestFolder(t);
  const [template, target] = [join(folder, 'template'), join(folder, 'target')];
  writeFileSync(template, 'port ${PORT}\nkey ${KEY}$KEY ${key}\n');

  renderFile(template, target, { PORT: '1', KEY: 'a$&b' }, ['more']);

  t.equal(readFileSync(target, 'utf8'), 'port 1\nkey a$&b$KEY ${key}\nmore\n');
  t.equal(statSync(target).mode & 0o777, 0o600);
});

t.test('a placeholder without a value and a value with a line break are refused', async (t) => {
  const folder = makeTestFolder(t);
  const [template, target] = [join(folder, 'template'), join(folder, 'target')];
  writeFileSync(template, 'port ${PORT}\n');

  t.throws(() => renderFile(template, target, {}), { message: /\$\{PORT\} has no value/ });
  t.throws(() => renderFile(template, target, { PORT: '1\nallow_anonymous true' }), {
    message: /line break/,
  });
});

t.test('every placeholder of the shipped templates is one that the stack fills', async (t) => {
  const known = [
    'MQTT_PORT',
    'MQTT_WS_PORT',
    'WEBHOOK_PORT',
    'BROKER_KEY',
    'PLUGIN',
    'BROKER_USER',
    'PERSISTENCE_DIR',
    'LOG_FILE',
  ];

  for (const file of ['mosquitto-conf/mosquitto.conf', 'mosquitto-conf/go-auth.conf']) {
    const used = [...readFileSync(file, 'utf8').matchAll(/\$\{(\w+)\}/g)].map((match) => match[1] ?? '');
    t.same(
      used.filter((name) => !known.includes(name)),
      [],
      file,
    );
  }
});

t.test('ports have the documented defaults, and the run folder is .run of the project', async (t) => {
  const settings = readStackSettings({});

  t.same(settings.ports, { session: 8080, webhook: 8081, mqtt: 1883, websocket: 8083, redis: 6380 });
  t.match(settings.runDir, /\/\.run$/);
  t.equal(portSettings.websocket.variable, 'MQTT_WS_PORT');
});

t.test('the reason of a failed start is the first line that sounds like one', async (t) => {
  t.equal(
    findReason(['starting', '{"level":60,"msg":"SESSION_PORT is missing"}', 'at x']),
    'SESSION_PORT is missing',
  );
  t.equal(findReason(['one', '{"level":30,"msg":"two"}']), 'two', 'else the last');
  t.equal(findReason([]), undefined);
  t.equal(findFault(['one', 'two']), undefined);
});

t.test('a JSON line of a log is shown for people', async (t) => {
  const line =
    '{"level":40,"time":0,"pid":1,"hostname":"h","msg":"acl denied","reason":"no-rule","topic":"a\\u001b/b"}';

  t.equal(readableLine(line), '1970-01-01T00:00:00.000Z WARN acl denied reason="no-rule" topic="a\\u001b/b"');
  t.equal(readableLine('plain text'), 'plain text');
  t.equal(readableLine('{broken'), '{broken');
});
