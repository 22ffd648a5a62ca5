import { globSync, readFileSync } from 'node:fs';
import t from 'tap';

const notOurs = ['**/node_modules/**', '**/dist/**', '**/build/**', '.run/**', '.tap/**', '.git/**'];
const folders = '{services,redis,mosquitto-conf,docs,tests,.ci}/**/*.*';

/** What a secret of ours looks like where it stands in clear. */
const secretForms = {
  'a private key in PEM': /-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/]{40}/,
  'a private or secret JWK': /"[dk]"\s*:\s*"[A-Za-z0-9_-]{40,}"/,
  'a password of a Redis user': /^user \S+ .*>(?!\$\{|[A-Z_]+\b|…|<)[^\s]/m,
  'a password in an address': /\b(rediss?|smtps?|mqtts?):\/\/[^\s:/@'"`$<]+:[A-Za-z0-9_-]{32,}@/,
};

t.test('no file of the project holds a secret', async (t) => {
  const files = [...globSync(folders, { exclude: notOurs }), ...globSync('{*,.ci/*}', { exclude: notOurs })];
  const texts = files.filter((file) => /\.(ts|tsx|md|conf|acl|lua|c|h|json|ya?ml)$|Makefile|run$/.test(file));

  t.ok(texts.length > 300, `${texts.length} files`);
  for (const file of texts.filter((name) => !name.endsWith('no-secrets.test.ts'))) {
    const text = readFileSync(file, 'utf8');
    for (const [what, form] of Object.entries(secretForms)) if (form.test(text)) t.fail(`${file}: ${what}`);
  }
});

t.test('each form of a secret is known when it is there', async (t) => {
  const long = 'kTq8Zr0vX2mN5pL7wS9yB1cD3fG4hJ6kTq8Zr0vX2mN';
  const samples: Record<keyof typeof secretForms, string> = {
    'a private key in PEM': `-----BEGIN PRIVATE KEY-----\n${long}\n`,
    'a private or secret JWK': `{"kty":"oct", "k": "${long}"}`,
    'a password of a Redis user': 'user session on >secret ~*',
    'a password in an address': `redis://session:${long}@127.0.0.1:6380`,
  };

  for (const [what, sample] of Object.entries(samples))
    t.match(sample, secretForms[what as keyof typeof secretForms], what);
});
