import { readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import t from 'tap';
import { reservePort } from '../support/reserve-port.ts';
import { createTestAuthority } from '../support/test-certificates.ts';
import { until } from '../support/until.ts';
import { headersOf, partsOf } from './eml.ts';
import { openTestMailer, refusal, resetLetter, startSmtpServer } from './smtp-stage.ts';

const authorities = [createTestAuthority(), createTestAuthority()] as const;
t.teardown(() => authorities.forEach(({ folder }) => rmSync(folder, { recursive: true })));
const [ca, strangerCa] = authorities.map(({ caFile }) => readFileSync(caFile, 'utf8'));
const tls = authorities[0].issue('DNS:localhost');
const strangerTls = authorities[1].issue('DNS:mail.example.org');

t.test('a letter arrives as plain text and HTML, with the headers of an automatic mail', async (t) => {
  const server = await startSmtpServer();
  const { mailer, counts } = openTestMailer({ smtpUrl: `smtp://127.0.0.1:${server.port}` });

  mailer.send(resetLetter());
  await until(() => counts['sent'] === 1);

  const [mail] = server.taken;
  t.match(mail, { from: 'no-reply@example.org', to: ['mona@example.org'], isTls: false });
  const headers = headersOf(mail?.raw ?? '');
  t.same(headers.get('from'), ['Bednet <no-reply@example.org>']);
  t.same(headers.get('to'), ['Mona <mona@example.org>']);
  t.same(headers.get('subject'), ['Choose a new password for Bednet']);
  t.same(headers.get('auto-submitted'), ['auto-generated']);
  t.same(headers.get('content-language'), ['en']);
  t.match(headers.get('message-id')?.[0], /^<[0-9a-f]{32}@example\.org>$/);
  const parts = partsOf(mail?.raw ?? '');
  t.same(
    parts.map(({ type }) => type),
    ['text/plain; charset=utf-8', 'text/html; charset=utf-8'],
  );
  for (const { text } of parts) t.match(text, 'https://bednet.example.org/reset-password#token=secret-token');
  await mailer.close();
  await server.close();
});

t.test('an Arabic letter arrives from right to left in both parts', async (t) => {
  const server = await startSmtpServer();
  const { mailer, counts } = openTestMailer({ smtpUrl: `smtp://127.0.0.1:${server.port}` });

  mailer.send(resetLetter('secret-token', 'ar'));
  await until(() => counts['sent'] === 1);

  const [text, html] = partsOf(server.taken[0]?.raw ?? '');
  t.match(text?.text, 'مرحبًا');
  t.match(html?.text, '<html lang="ar" dir="rtl">');
  t.match(html?.text, 'اختيار كلمة مرور جديدة');
  await mailer.close();
  await server.close();
});

t.test('TLS from the start or by STARTTLS, with user and password', async (t) => {
  for (const [scheme, secure] of [
    ['smtps', true],
    ['smtp', false],
  ] as const) {
    const server = await startSmtpServer({
      ...tls,
      secure,
      authOptional: false,
      onAuth: ({ username, password }, _session, callback) =>
        username === 'us@er' && password === 'p/w'
          ? callback(null, { user: username })
          : callback(refusal(535, 'no')),
    });
    const { mailer, counts } = openTestMailer({
      smtpUrl: `${scheme}://us%40er:p%2Fw@localhost:${server.port}`,
      smtpCa: ca,
      requireTls: true,
    });

    mailer.send(resetLetter());
    await until(() => counts['sent'] === 1, { what: `sent by ${scheme}` });

    t.match(server.taken, [{ isTls: true, user: 'us@er' }], scheme);
    await mailer.close();
    await server.close();
  }
});

t.test('nothing is sent to a server whose certificate is not good for its name or authority', async (t) => {
  const wrong = [
    ['unknown authority', tls, undefined],
    ['another name', strangerTls, strangerCa],
  ] as const;
  for (const [what, certificate, smtpCa] of wrong) {
    for (const [scheme, secure] of [
      ['smtps', true],
      ['smtp', false],
    ] as const) {
      const server = await startSmtpServer({ ...certificate, secure });
      const { mailer, counts, lines } = openTestMailer(
        { smtpUrl: `${scheme}://user:hunter2@localhost:${server.port}`, smtpCa, requireTls: true },
        { attempts: 2 },
      );

      mailer.send(resetLetter());
      await until(() => counts['given-up'] === 1, { what });

      t.same(server.taken, [], `${what}, ${scheme}`);
      t.notMatch(JSON.stringify(lines), /hunter2|secret-token/);
      await mailer.close();
      await server.close();
    }
  }
});

t.test('where STARTTLS is required and not offered, nothing is sent', async (t) => {
  const server = await startSmtpServer({ hideSTARTTLS: true, disabledCommands: ['STARTTLS'] });
  const { mailer, counts } = openTestMailer(
    { smtpUrl: `smtp://127.0.0.1:${server.port}`, requireTls: true },
    { attempts: 1 },
  );

  mailer.send(resetLetter());
  await until(() => (counts['given-up'] ?? counts['refused']) === 1);

  t.same(server.taken, []);
  await mailer.close();
  await server.close();
});

t.test('a temporary refusal is tried again, under the same Message-ID', async (t) => {
  const ids = new Set<unknown>();
  const server = await startSmtpServer({
    refuse: (count) => (count <= 2 ? refusal(451, '4.7.1 greylisted, come back later') : undefined),
  });
  const { mailer, counts, lines } = openTestMailer({ smtpUrl: `smtp://127.0.0.1:${server.port}` });

  mailer.send(resetLetter());
  await until(() => counts['sent'] === 1);

  t.same(counts, { retried: 2, sent: 1 });
  t.equal(server.taken.length, 1);
  t.match(lines[0], {
    event: 'mail-retried',
    attempt: 1,
    failure: { smtpStatus: 451, enhancedStatus: '4.7.1', command: 'DATA', isTransient: true },
  });
  for (const line of lines) ids.add(line['mailId']);
  t.equal(ids.size, 1);
  await mailer.close();
  await server.close();
});

t.test('a permanent refusal is not tried again, and what the server says of it is not logged', async (t) => {
  const server = await startSmtpServer({
    refuse: () => refusal(550, '5.7.1 spam: https://bednet.example.org/reset-password#token=secret-token'),
  });
  const { mailer, counts, lines } = openTestMailer({ smtpUrl: `smtp://127.0.0.1:${server.port}` });

  mailer.send(resetLetter());
  await until(() => counts['refused'] === 1);

  t.same(counts, { refused: 1 });
  t.match(lines, [
    { event: 'mail-refused', to: 'm…@example.org', failure: { smtpStatus: 550, enhancedStatus: '5.7.1' } },
  ]);
  t.notMatch(JSON.stringify(lines), /secret-token|spam|mona@/);
  await mailer.close();
  await server.close();
});

t.test('a wrong mail password is not tried again, and not logged', async (t) => {
  const server = await startSmtpServer({
    ...tls,
    secure: true,
    onAuth: (_auth, _session, callback) => callback(refusal(535, '5.7.8 not with hunter2')),
  });
  const { mailer, counts, lines } = openTestMailer({
    smtpUrl: `smtps://user:hunter2@localhost:${server.port}`,
    smtpCa: ca,
  });

  mailer.send(resetLetter());
  await until(() => counts['refused'] === 1);

  t.match(lines[0], { failure: { errorCode: 'EAUTH', smtpStatus: 535 } });
  t.notMatch(JSON.stringify(lines), 'hunter2');
  await mailer.close();
  await server.close();
});

t.test('a mail server that is away gets its letters when it is back', async (t) => {
  const port = await reservePort(t);
  const { mailer, counts, lines } = openTestMailer(
    { smtpUrl: `smtp://127.0.0.1:${port}` },
    { attempts: 1000 },
  );

  mailer.send(resetLetter());
  await until(() => (counts['retried'] ?? 0) >= 2);
  t.match(lines[0], { failure: { cause: /ECONNREFUSED/ } });
  const second = await startSmtpServer({ port });
  await until(() => counts['sent'] === 1);

  t.equal(second.taken.length, 1);
  await mailer.close();
  await second.close();
});

t.test('a mail server that hangs holds up the queue for a bounded time only', async (t) => {
  const speeches: Record<string, (socket: Socket) => void> = {
    'says nothing': () => undefined,
    'stops after the greeting': (socket) => socket.write('220 hello\r\n'),
    drips: (socket) => {
      socket.write('220 hello\r\n');
      const drip = setInterval(() => socket.write('250-x\r\n'), 20);
      socket.on('close', () => clearInterval(drip));
    },
  };
  for (const [what, speak] of Object.entries(speeches)) {
    const sockets = new Set<Socket>();
    const server = await listen((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
      socket.resume();
      speak(socket);
    });
    const { port } = server.address() as AddressInfo;
    const { mailer, counts } = openTestMailer(
      { smtpUrl: `smtp://127.0.0.1:${port}` },
      { attempts: 2, greetingTimeoutMs: 100, socketTimeoutMs: 100, attemptTimeoutMs: 200 },
    );

    mailer.send(resetLetter());
    await until(() => counts['given-up'] === 1, { what });

    t.same(counts, { retried: 1, 'given-up': 1 }, what);
    await until(() => sockets.size === 0, { what: `${what}: connections are closed` });
    await mailer.close();
    server.close();
  }
});

t.test('closing does not wait for a mail server that hangs', async (t) => {
  const server = await listen((socket) => socket.on('error', () => undefined).resume());
  const { port } = server.address() as AddressInfo;
  const { mailer, counts } = openTestMailer({ smtpUrl: `smtp://127.0.0.1:${port}` }, { drainMs: 50 });
  const isConnected = new Promise((resolve) => server.once('connection', resolve));
  mailer.send(resetLetter());
  await isConnected;

  await mailer.close();

  t.same(counts, { lost: 1 });
  await new Promise((resolve) => server.close(resolve));
});

t.test('at most two connections are open at once, and they are used again', async (t) => {
  const server = await startSmtpServer();
  const { mailer, counts } = openTestMailer({ smtpUrl: `smtp://127.0.0.1:${server.port}` });

  for (let i = 0; i < 40; i++) mailer.send(resetLetter(`token-${i}`));
  await until(() => counts['sent'] === 40);

  t.equal(server.mostAtOnce, 2);
  t.equal(server.connections, 2);
  await mailer.close();
  await server.close();
});

t.test('no name or address can add a header or a reader', async (t) => {
  const server = await startSmtpServer();
  const { mailer, counts, lines } = openTestMailer({ smtpUrl: `smtp://127.0.0.1:${server.port}` });
  const letter = resetLetter();

  mailer.send({ ...letter, to: { address: 'a@example.org', name: 'x\r\nBcc: eve@example.org\r\n\r\nbody' } });
  mailer.send({ ...letter, to: { address: 'b@example.org', name: '"<eve@example.org>, "' } });
  mailer.send({ ...letter, to: { address: 'c@example.org\r\nBcc: eve@example.org' } });
  mailer.send({ ...letter, to: { address: 'd@example.org, eve@example.org' } });
  mailer.send({ ...letter, to: { address: 'e@example.org> BODY=8BITMIME\r\nRCPT TO:<eve@example.org' } });
  await until(() => counts['sent'] === 2 && counts['refused'] === 3);

  t.same(server.taken.flatMap(({ to }) => to).sort(), ['a@example.org', 'b@example.org']);
  for (const { raw } of server.taken) {
    const headers = headersOf(raw);
    t.equal(headers.get('to')?.length, 1);
    for (const name of ['bcc', 'cc']) t.notOk(headers.has(name), name);
    t.match(headers.get('content-type')?.[0], /^multipart\/alternative/);
  }
  t.notMatch(lines.map((line) => line['to']).join(), /[\r\n]/);
  await mailer.close();
  await server.close();
});

function listen(onConnection: (socket: Socket) => void): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer(onConnection).listen(0, '127.0.0.1', () => resolve(server));
  });
}
