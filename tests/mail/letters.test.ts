import t from 'tap';
import { composeLetter, oneLine } from '../../services/session/mail/compose.ts';
import type { Letter, LetterKind, LetterValues } from '../../services/session/mail/letters.ts';

const settings = { publicUrl: 'https://bednet.example.org', productName: 'Bednet' };
const atMs = Date.UTC(2026, 0, 31, 15, 4);
const username = 'mona';
const token = 'tok-en_1';
const samples: { [K in LetterKind]: LetterValues[K] } = {
  'reset-link': { username, token, validForSeconds: 3600 },
  'reset-by-admin': { username, token, validForSeconds: 3600 },
  'email-verification-link': { username, token, validForSeconds: 86_400 },
  'email-change-link': { username, token, validForSeconds: 3600 },
  'email-taken': {},
  'registration-link': { token, validForSeconds: 3600 },
  invitation: { token, validForSeconds: 7 * 86_400 },
  'second-factor-code': { username, code: '012345', validForSeconds: 600 },
  'password-changed': { username, atMs },
  'email-change-asked': { username, atMs },
  'email-changed': { username, atMs },
  'second-factor-changed': { username, atMs, change: 'disabled' },
  'new-network-sign-in': { username, atMs, network: '203.0.113.7', browser: 'Firefox on Linux' },
  'account-deleted': { username, atMs, purgeAtMs: atMs + 259_200_000 },
};
const kinds = Object.keys(samples) as LetterKind[];
/** The page that each letter leads to. */
const pages: Record<LetterKind, string | undefined> = {
  'reset-link': '/reset-password#token=tok-en_1',
  'reset-by-admin': '/reset-password#token=tok-en_1',
  'email-verification-link': '/verify-email#token=tok-en_1',
  'email-change-link': '/verify-email#token=tok-en_1',
  'email-taken': '/forgot-password',
  'registration-link': '/front/public/register?verificationKey=tok-en_1',
  invitation: '/invitation#token=tok-en_1',
  'second-factor-code': undefined,
  'password-changed': '/forgot-password',
  'email-change-asked': '/forgot-password',
  'email-changed': undefined,
  'second-factor-changed': '/forgot-password',
  'new-network-sign-in': '/forgot-password',
  'account-deleted': undefined,
};

function compose(kind: LetterKind, language?: string, values: object = {}) {
  const letter = {
    kind,
    to: { address: 'mona@example.org' },
    language,
    values: { ...samples[kind], ...values },
  };
  return composeLetter(letter as Letter, settings);
}

for (const kind of kinds) {
  for (const [language, direction] of [
    ['en', 'ltr'],
    ['ar', 'rtl'],
  ] as const) {
    t.test(`${kind} is written in ${language}, as text and as HTML`, async (t) => {
      const { subject, text, html, ...composed } = compose(kind, language);

      t.equal(composed.language, language);
      t.ok(html.includes(`<html lang="${language}" dir="${direction}">`));
      t.ok(html.includes(`<div lang="${language}" dir="${direction}"`), 'also where <html> is thrown away');
      t.notMatch(subject, /[\r\n]/);
      t.equal(/\p{Script=Arabic}/u.test(subject), language === 'ar');
      t.equal(/\p{Script=Arabic}/u.test(text), language === 'ar');
      t.notMatch(text + html, /undefined|\[object|NaN|Invalid/);
      t.notMatch(html, /<(img|script|link|style|iframe)|src=/i, 'nothing is loaded');
      t.notMatch(subject, new RegExp(`${token}|012345|${username}`), 'the subject tells no secret');
      const links = [...`${text}\n${html}`.matchAll(/https?:\/\/[^\s"<]+/g)].map(([link]) => link);
      t.same([...new Set(links)], pages[kind] ? [`https://bednet.example.org${pages[kind]}`] : []);
    });
  }
}

t.test('a reset can lead to the page of another front end', async (t) => {
  const { text } = compose('reset-link', 'en', { page: 'tower-password' });

  t.match(text, 'https://bednet.example.org/front/public/password-change?verificationKey=tok-en_1');
});

t.test('a letter says how long its link or code works', async (t) => {
  t.match(compose('reset-link').text, 'for 60 minutes');
  t.match(compose('second-factor-code').text, 'for 10 minutes');
  t.match(compose('invitation').text, 'for 7 days');
  t.match(compose('reset-link', 'en', { validForSeconds: 7200 }).text, 'for 2 hours');
  t.match(compose('second-factor-code', 'ar').text, '10 دقائق');
  t.match(compose('reset-link', 'ar').text, '60 دقيقة');
  t.match(compose('invitation', 'fr').text, /pendant 7\sjours/);
});

t.test('the code is in both parts and the moment is in UTC', async (t) => {
  for (const language of ['en', 'ar', 'fr']) {
    const code = compose('second-factor-code', language);
    t.match(code.text, /^012345$/m);
    t.match(code.html, '>012345</p>');
    t.match(compose('password-changed', language).text, /2026.*UTC/);
  }
});

t.test('each change of a second factor is told in words of its own', async (t) => {
  for (const language of ['en', 'ar', 'fr']) {
    const changes = ['enabled', 'disabled', 'replaced', 'backup-codes-renewed', 'removed-by-admin'];
    const texts = changes.map((change) => compose('second-factor-changed', language, { change }).text);
    t.equal(new Set(texts).size, changes.length);
  }
});

t.test('the language is that of the account, or English', async (t) => {
  const table = [
    ['ar', 'ar'],
    ['ar-EG', 'ar'],
    ['AR', 'ar'],
    ['en-GB', 'en'],
    ['fr', 'fr'],
    ['fr-CA', 'fr'],
    ['de', 'en'],
    ['', 'en'],
    ['arab', 'en'],
    ['__proto__', 'en'],
    [undefined, 'en'],
  ] as const;
  for (const [asked, given] of table) t.equal(compose('reset-link', asked).language, given, String(asked));
});

t.test('values from outside are escaped in HTML and stay one line in text', async (t) => {
  const nasty = `<b onclick="x">&'</b>\r\nhttps://evil.example\u202eabc`;

  for (const language of ['en', 'ar', 'fr']) {
    const { text, html } = compose('new-network-sign-in', language, {
      username: nasty,
      network: nasty,
      browser: nasty,
    });

    t.notMatch(html, '<b ');
    t.match(html, '&lt;b onclick=&quot;x&quot;&gt;&amp;&#39;&lt;/b&gt;');
    t.notMatch(text, /^https:\/\/evil/m, 'no line of its own');
    t.notMatch(text + html, '\u202e', 'no change of direction');
  }
});

t.test('a token cannot leave its link', async (t) => {
  const { html, text } = compose('reset-link', 'en', { token: '"><script>alert(1)</script>\r\n#x' });

  t.notMatch(html, '<script');
  t.match(text, 'token=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E%0D%0A%23x\n');
});

t.test('in Arabic a name in Latin letters keeps its own direction', async (t) => {
  t.match(compose('reset-link', 'ar').text, '\u2068mona\u2069');
  t.notMatch(compose('reset-link', 'en').text, '\u2068');
});

t.test('a letter about a taken address names no account', async (t) => {
  const { text, html } = composeLetter(
    { kind: 'email-taken', to: { address: 'mona@example.org', name: 'Mona' }, values: {} },
    settings,
  );
  t.notMatch(text + html, /mona/i);
});

t.test('an overlong value is cut', async (t) => {
  t.equal(oneLine('x'.repeat(100_000)).length, 200);
  t.equal(oneLine('\ud800'), '\ufffd');
});
