import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { runDirAt, makeRunDir } from '../../services/stack/run-dir.ts';
import { ensureSecrets, readRedisPassword, writeCliRedisUrl } from '../../services/stack/secrets.ts';
import { makeTestFolder } from '../support/stack.ts';

t.test('secrets are readable by their owner only', async (t) => {
  const runDir = runDirAt(join(makeTestFolder(t), 'new'));
  makeRunDir(runDir);

  ensureSecrets(runDir.secrets);
  writeCliRedisUrl(runDir.secrets, 'redis://cli:password@127.0.0.1:1');

  t.equal(modeOf(runDir.secrets), '700');
  for (const file of readdirSync(runDir.secrets)) {
    t.equal(modeOf(join(runDir.secrets, file)), file === 'verification-keys.json' ? '644' : '600', file);
  }
});

t.test('existing secrets are kept', async (t) => {
  const folder = makeTestFolder(t);
  const first = ensureSecrets(folder);
  const files = snapshot(folder);

  const second = ensureSecrets(folder);

  t.same(second, first);
  t.same(snapshot(folder), files);
  t.equal(readRedisPassword(folder, 'cli'), first.redisPasswords.cli);
});

t.test('two run folders share no secret', async (t) => {
  const [one, other] = [snapshotOfNew(t), snapshotOfNew(t)];

  t.ok(Object.keys(one).length >= 9);
  for (const [file, text] of Object.entries(one)) t.not(text, other[file], file);
});

t.test('passwords and keys have 256 bits', async (t) => {
  const { redisPasswords, brokerKey } = ensureSecrets(makeTestFolder(t));

  for (const secret of [...Object.values(redisPasswords), brokerKey]) {
    t.equal(Buffer.from(secret, 'base64url').length, 32);
  }
});

t.test('the public key set has public members only, and the thumbprint as kid', async (t) => {
  const { files } = ensureSecrets(makeTestFolder(t));

  const { keys } = JSON.parse(readFileSync(files.verificationKeys, 'utf8'));

  t.same(Object.keys(keys[0]).sort(), ['alg', 'crv', 'kid', 'kty', 'use', 'x']);
  t.match(keys[0], { kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig', kid: /^[A-Za-z0-9_-]{43}$/ });
});

t.test('deleting one secret rotates that one', async (t) => {
  const folder = makeTestFolder(t);
  const before = ensureSecrets(folder);
  rmSync(before.files.brokerKey);

  const after = ensureSecrets(folder);

  t.not(after.brokerKey, before.brokerKey);
  t.same(after.redisPasswords, before.redisPasswords);
});

t.test('a damaged secret is refused by name', async (t) => {
  const damages: [file: string, text: string][] = [
    ['signing-keys.json', ''],
    ['signing-keys.json', '{"keys":[]}'],
    ['signing-keys.json', '{"keys":[{"kty":"OKP","crv":"Ed25519","x":"AAAA"}]}'],
    ['renewal-keys.json', '{"keys":[{"kid":"a","secret":"c2hvcnQ"}]}'],
    ['pepper', ''],
    ['second-factor-key', 'short'],
    ['broker-key', 'changeme'],
    ['redis-password-session', 'secret'],
  ];

  for (const [file, text] of damages) {
    const folder = makeTestFolder(t);
    ensureSecrets(folder);
    writeFileSync(join(folder, file), text);

    t.throws(
      () => ensureSecrets(folder),
      { name: 'StackError', message: `secret ${join(folder, file)}: ` },
      file,
    );
    t.equal(readFileSync(join(folder, file), 'utf8'), text, 'it is left as it was');
  }
});

t.test('a secret that others can read is refused', async (t) => {
  const folder = makeTestFolder(t);
  ensureSecrets(folder);
  chmodSync(join(folder, 'pepper'), 0o644);

  t.throws(() => ensureSecrets(folder), { message: /pepper: others can read it \(mode 644\)/ });
});

function modeOf(path: string): string {
  return (statSync(path).mode & 0o777).toString(8);
}

function snapshot(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), 'utf8')]),
  );
}

function snapshotOfNew(t: Parameters<typeof makeTestFolder>[0]): Record<string, string> {
  const folder = join(makeTestFolder(t), 'secrets');
  mkdirSync(folder);
  ensureSecrets(folder);
  return snapshot(folder);
}
