import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { until } from '../support/until.ts';
import { headersOf, partsOf } from './eml.ts';
import { openTestMailer, resetLetter } from './smtp-stage.ts';

const root = mkdtempSync(join(tmpdir(), 'bednet-mail-'));
t.teardown(() => rmSync(root, { recursive: true }));
/** So long does closing wait for what is being written. */
const drainMs = 30_000;

t.test('without a mail server letters are kept as files for their owner only', async (t) => {
  const folder = join(root, 'deep', 'mail');
  const { mailer, lines } = openTestMailer({ folder }, { drainMs });

  mailer.send(resetLetter('secret-token'));
  await mailer.close();

  const [name = '', ...more] = readdirSync(folder);
  t.same(more, []);
  t.match(name, /^\d{8}T\d{9}Z-[0-9a-f]{12}\.eml$/);
  t.equal(statSync(join(folder, name)).mode & 0o777, 0o600);
  t.equal(statSync(folder).mode & 0o777, 0o700);
  const raw = readFileSync(join(folder, name), 'utf8');
  t.same(headersOf(raw).get('to'), ['Mona <mona@example.org>']);
  t.match(partsOf(raw)[0]?.text, 'https://bednet.example.org/reset-password#token=secret-token');
  t.equal(lines[0]?.['event'], 'mail-sent');
});

t.test('the oldest kept letters give way', async (t) => {
  const folder = join(root, 'few');
  const { mailer, counts } = openTestMailer({ folder }, { drainMs, filesKept: 3, connections: 1 });

  for (let i = 0; i < 5; i++) mailer.send(resetLetter(`token-${i}`));
  await mailer.close();

  t.equal(counts['sent'], 5);
  t.equal(readdirSync(folder).length, 3);
});

t.test('a folder that cannot be written is tried again', async (t) => {
  const folder = join(root, 'blocked');
  writeFileSync(folder, 'a file where the folder should be');
  const { mailer, counts } = openTestMailer({ folder }, { attempts: 1000 });

  mailer.send(resetLetter());
  await until(() => (counts['retried'] ?? 0) > 0);
  rmSync(folder);
  await until(() => counts['sent'] === 1);

  t.equal(readdirSync(folder).length, 1);
  await mailer.close();
});
