import { randomBytes } from 'node:crypto';
import t from 'tap';
import {
  backupCodeCount,
  newBackupCodes,
  normaliseBackupCode,
} from '../../services/core/second-factor/backup-codes.ts';
import { open, seal } from '../../services/core/second-factor/secret-box.ts';
import { findTotpStep, newTotpSecret, totpUri } from '../../services/core/second-factor/totp.ts';

/** The key of both RFCs, `12345678901234567890`, in base32. */
const rfcSecret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const stepAt = (code: string, nowMs: number, lastStep = -1) =>
  findTotpStep(code, rfcSecret, { nowMs, lastStep });

t.test('the codes of RFC 4226 appendix D belong to their counters', async (t) => {
  const codes = '755224 287082 359152 969429 338314 254676 287922 162583 399871 520489'.split(' ');

  codes.forEach((code, counter) => t.equal(stepAt(code, counter * 30_000), counter, code));
});

t.test('the codes of RFC 6238 appendix B (SHA-1, last six digits) belong to their times', async (t) => {
  const vectors: [number, string][] = [
    [59, '94287082'],
    [1_111_111_109, '07081804'],
    [1_111_111_111, '14050471'],
    [1_234_567_890, '89005924'],
    [2_000_000_000, '69279037'],
    [20_000_000_000, '65353130'],
  ];

  for (const [seconds, code] of vectors) {
    t.equal(stepAt(code.slice(2), seconds * 1000), Math.floor(seconds / 30), String(seconds));
  }
});

t.test('the steps -1, 0 and +1 count, -2 and +2 do not, by the given clock only', async (t) => {
  const code = '254676'; // Counter 5: from 150 s to 179.999 s.
  const times: [number, number | undefined][] = [
    [119_999, undefined],
    [120_000, 5],
    [149_999, 5],
    [150_000, 5],
    [179_999, 5],
    [180_000, 5],
    [209_999, 5],
    [210_000, undefined],
  ];

  for (const [nowMs, step] of times) t.equal(stepAt(code, nowMs), step, `${nowMs} ms`);
});

t.test('only a step later than the last accepted one counts', async (t) => {
  const code = '254676';

  t.equal(stepAt(code, 150_000, 4), 5);
  for (const lastStep of [5, 6, 7, 1_000_000]) {
    t.equal(stepAt(code, 150_000, lastStep), undefined, String(lastStep));
  }
});

t.test('what is not six ASCII digits is no code', async (t) => {
  const texts = [
    '',
    '25467',
    '2546760',
    ' 254676',
    '254676\n',
    '25467a',
    '２５４６７６',
    '-25467',
    '2e4676',
    '0x4676',
  ];

  for (const text of texts) t.equal(stepAt(text, 150_000), undefined, JSON.stringify(text));
});

t.test('a new secret has 160 bits and no two are alike', async (t) => {
  const secrets = Array.from({ length: 50 }, newTotpSecret);

  for (const secret of secrets) t.match(secret, /^[A-Z2-7]{32}$/);
  t.equal(new Set(secrets).size, 50);
});

t.test('the URI tells an authenticator the account, the service and the secret', async (t) => {
  const uri = new URL(totpUri(rfcSecret, { issuer: 'Bed & Net', account: 'ana.b' }));

  t.equal(uri.protocol, 'otpauth:');
  t.equal(uri.searchParams.get('secret'), rfcSecret);
  t.equal(uri.searchParams.get('issuer'), 'Bed & Net');
  t.match(decodeURIComponent(uri.pathname), 'Bed & Net:ana.b');
});

t.test('ten backup codes of 80 bits, alike in any spelling', async (t) => {
  const codes = newBackupCodes();

  t.equal(backupCodeCount, 10);
  t.equal(new Set(codes).size, 10);
  for (const code of codes) {
    t.match(code, /^([A-HJ-NP-Z2-9]{4}-){3}[A-HJ-NP-Z2-9]{4}$/);
    const bare = code.replaceAll('-', '');
    for (const spelled of [code, bare, code.toLowerCase(), ` ${bare}\t`, bare.split('').join(' ')]) {
      t.equal(normaliseBackupCode(spelled), bare, spelled);
    }
  }
  for (const text of [
    '',
    '123456',
    'ABCD-EFGH-JKLM',
    'ABCD-EFGH-JKLM-NPQ1',
    'A'.repeat(17),
    ' '.repeat(65),
  ]) {
    t.equal(normaliseBackupCode(text), undefined, JSON.stringify(text));
  }
});

t.test('a sealed secret opens for its owner and key only, and shows nothing', async (t) => {
  const key = randomBytes(32);
  const sealed = seal(rfcSecret, key, 'ana');

  t.equal(open(sealed, key, 'ana'), rfcSecret);
  t.not(seal(rfcSecret, key, 'ana'), sealed, 'each time another text');
  t.notMatch(Buffer.from(sealed, 'base64url').toString('latin1'), rfcSecret);
  t.throws(() => open(sealed, key, 'ben'));
  t.throws(() => open(sealed, randomBytes(32), 'ana'), /does not open with the key that is set/);
  const changed = Buffer.from(sealed, 'base64url');
  changed.writeUInt8(changed.readUInt8(30) ^ 1, 30);
  t.throws(() => open(changed.toString('base64url'), key, 'ana'));
});
