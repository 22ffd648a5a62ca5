import t from 'tap';
import {
  isMailAddress,
  parseSender,
  shortenAddress,
  toMailAddress,
} from '../../services/session/mail/address.ts';
import { checkPublicUrl, linkTo } from '../../services/session/mail/links.ts';
import { openMailer } from '../../services/session/mail/mailer.ts';
import { parseSmtpUrl } from '../../services/session/mail/smtp-url.ts';

t.test('an address to which mail can go is told from other texts', async (t) => {
  const good: [string, string][] = [
    ['mona@example.org', 'mona@example.org'],
    ['Mona.El-Sayed+bednet@Mail.Example.ORG', 'Mona.El-Sayed+bednet@mail.example.org'],
    ["o'neill_1@example.co", "o'neill_1@example.co"],
    ['mona@münchen.de', 'mona@xn--mnchen-3ya.de'],
    ['mona@مثال.إختبار', 'mona@xn--mgbh0fb.xn--kgbechtv'],
    [`${'a'.repeat(64)}@example.org`, `${'a'.repeat(64)}@example.org`],
  ];
  for (const [text, address] of good) {
    t.ok(isMailAddress(text), text);
    t.equal(toMailAddress(text).address, address);
  }

  const bad = [
    '',
    'mona',
    '@example.org',
    'mona@',
    'mona@localhost',
    'mona@192.0.2.1',
    'mona@[192.0.2.1]',
    'mona@example..org',
    'mona@-example.org',
    'mona@ex%41mple.org',
    'mona@example.org.',
    '.mona@example.org',
    'mo..na@example.org',
    'mona @example.org',
    ' mona@example.org',
    '"mona"@example.org',
    'mona(x)@example.org',
    'mona@example.org, eve@example.org',
    'mona@example.org\r\nBcc: eve@example.org',
    'mona\n@example.org',
    'mona\0@example.org',
    'Mona <mona@example.org>',
    'eve@evil.example@example.org',
    `${'a'.repeat(65)}@example.org`,
    `mona@${'a'.repeat(64)}.org`,
    `mona@${'a.'.repeat(125)}org`,
  ];
  for (const text of bad) {
    t.notOk(isMailAddress(text), JSON.stringify(text));
    t.throws(() => toMailAddress(text), { message: 'is not an e-mail address' });
  }
});

t.test('a name loses the characters that could end a header', async (t) => {
  const name = 'Mona\r\nBcc: eve@example.org\u2028\u0000x';

  const address = toMailAddress('mona@example.org', name);

  t.equal(address.name, 'Mona Bcc: eve@example.org x');
});

t.test('a sender is an address, with or without a name', async (t) => {
  t.same(parseSender('no-reply@example.org'), { address: 'no-reply@example.org', name: '' });
  t.same(parseSender('Bednet <no-reply@example.org>'), { address: 'no-reply@example.org', name: 'Bednet' });
  t.throws(() => parseSender('Bednet no-reply@example.org'));
  t.throws(() => parseSender('<a@example.org><b@example.org>'));
});

t.test('logs show an address without its local part', async (t) => {
  t.equal(shortenAddress('mona@example.org'), 'm…@example.org');
  t.equal(shortenAddress('nonsense'), '…');
});

t.test('a mail server away from this machine is never reached without TLS', async (t) => {
  const table: [string, boolean, object][] = [
    ['smtp://mail.example.org', false, { host: 'mail.example.org', port: 587, tls: 'starttls' }],
    ['smtps://mail.example.org', false, { host: 'mail.example.org', port: 465, tls: 'from-start' }],
    ['smtp://localhost:25', false, { host: 'localhost', port: 25, tls: 'none' }],
    ['smtp://127.0.0.1:25/', false, { host: '127.0.0.1', port: 25, tls: 'none' }],
    ['smtp://[::1]:25', false, { host: '::1', port: 25, tls: 'none' }],
    ['smtp://localhost:25', true, { host: 'localhost', port: 25, tls: 'starttls' }],
    [
      'smtp://localhost.evil.example:25',
      false,
      { host: 'localhost.evil.example', port: 25, tls: 'starttls' },
    ],
  ];
  for (const [url, requireTls, server] of table) t.same(parseSmtpUrl(url, requireTls), server, url);

  const auth = parseSmtpUrl('smtps://us%40er:p%2Fw%3A@mail.example.org:1465').auth;
  t.same(auth, { user: 'us@er', pass: 'p/w:' });
});

t.test('a faulty mail server address is told without its password', async (t) => {
  const bad = [
    'mail.example.org',
    'https://mail.example.org',
    'smtp://',
    'smtps://user@mail.example.org',
    'smtps://user:hunter2%zz@mail.example.org',
    'smtps://user:hunter2@mail.example.org/?tls.rejectUnauthorized=false',
    'smtps://user:hunter2@mail.example.org/path',
  ];
  for (const url of bad) {
    t.throws(() => parseSmtpUrl(url), Error, url);
    try {
      parseSmtpUrl(url);
    } catch (error) {
      t.notMatch((error as Error).message, 'hunter2');
    }
  }
});

t.test('links lead to the address in the settings, with the token in the fragment', async (t) => {
  t.equal(checkPublicUrl('https://bednet.example.org/'), 'https://bednet.example.org');
  t.equal(checkPublicUrl('https://example.org/bednet/'), 'https://example.org/bednet');
  t.equal(checkPublicUrl('http://localhost:8080'), 'http://localhost:8080');
  const bad = [
    'http://bednet.example.org',
    'http://localhost.example.org',
    'ftp://bednet.example.org',
    'https://user:pw@bednet.example.org',
    'https://bednet.example.org/?x=1',
    'https://bednet.example.org/#x',
    'bednet.example.org',
  ];
  for (const url of bad) t.throws(() => checkPublicUrl(url), Error, url);

  t.equal(
    linkTo('https://example.org/bednet', 'reset-password', 'a&b"c'),
    'https://example.org/bednet/reset-password#token=a%26b%22c',
  );
});

t.test('start-up names the setting at fault', async (t) => {
  const good = {
    smtpUrl: 'smtp://localhost:1',
    from: 'a@example.org',
    publicUrl: 'https://example.org',
    productName: 'Bednet',
  };
  const open = (faulty: object) => () => openMailer({ ...good, ...faulty }, {} as never);
  t.throws(open({ smtpUrl: 'smtp://' }), { message: /^smtpUrl must be/ });
  t.throws(open({ from: 'nobody' }), { message: 'from is not an e-mail address' });
  t.throws(open({ publicUrl: 'http://example.org' }), { message: /^publicUrl must be https/ });
  t.throws(open({ smtpUrl: undefined }), { message: /^smtpUrl or folder/ });
  await open({})().close();
});
