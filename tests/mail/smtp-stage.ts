import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { openMailer } from '../../services/session/mail/mailer.ts';
import type { Letter } from '../../services/session/mail/letters.ts';
import type { MailLimits, MailSettings } from '../../services/session/mail/settings.ts';

/** A mail that the test server took. */
export interface TakenMail {
  from: string;
  to: string[];
  raw: string;
  isTls: boolean;
  user: unknown;
}

/** A real SMTP server on a free port of 127.0.0.1. */
export interface TestSmtpServer {
  port: number;
  taken: TakenMail[];
  /** Connections it has accepted. */
  connections: number;
  /** The most it has had open at once. */
  mostAtOnce: number;
  close(): Promise<void>;
}

interface Asks {
  /** Decides on the nth DATA (from 1): an error with `responseCode` refuses it. */
  refuse?: (count: number) => Error | undefined;
  port?: number;
}

/** Starts the server; without `key` and `cert` it offers no TLS. */
export async function startSmtpServer(options: SMTPServerOptions & Asks = {}): Promise<TestSmtpServer> {
  const { refuse, port = 0, ...serverOptions } = options;
  let dataCount = 0;
  let open = 0;
  const server = new SMTPServer({
    authOptional: true,
    closeTimeout: 50,
    disableReverseLookup: true,
    hideSTARTTLS: !options.key,
    ...serverOptions,
    onConnect(_session, callback) {
      stage.connections += 1;
      stage.mostAtOnce = Math.max(stage.mostAtOnce, ++open);
      callback();
    },
    onClose: () => {
      open -= 1;
    },
    onData(stream, session, callback) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const error = refuse?.(++dataCount);
        if (error) return callback(error);
        const { mailFrom, rcptTo } = session.envelope;
        stage.taken.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          raw: Buffer.concat(chunks).toString('utf8'),
          isTls: session.secure,
          user: session.user,
        });
        callback();
      });
    },
  });
  server.on('error', () => undefined); // Clients that break off are part of the tests.
  const stage: TestSmtpServer = {
    port: 0,
    taken: [],
    connections: 0,
    mostAtOnce: 0,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  stage.port = (server.server.address() as AddressInfo).port;
  return stage;
}

/** A refusal as SMTP knows it. */
export function refusal(responseCode: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode });
}

/** A mailer for tests, with what it logged and counted. */
export function openTestMailer(settings: Partial<MailSettings>, limits: Partial<MailLimits> = {}) {
  const lines: Record<string, unknown>[] = [];
  const counts: Record<string, number> = {};
  const write = (fields: unknown) => void lines.push(fields as Record<string, unknown>);
  const mailer = openMailer(
    {
      from: 'Bednet <no-reply@example.org>',
      publicUrl: 'https://bednet.example.org',
      productName: 'Bednet',
      ...settings,
      limits: { firstRetryMs: 20, longestRetryMs: 100, drainMs: 500, ...limits },
    },
    { info: write, warn: write, error: write } as never,
    (_kind, outcome) => (counts[outcome] = (counts[outcome] ?? 0) + 1),
  );
  return { mailer, lines, counts };
}

/** A letter whose token is easy to look for. */
export function resetLetter(token = 'secret-token', language = 'en'): Letter {
  return {
    kind: 'reset-link',
    to: { address: 'mona@example.org', name: 'Mona' },
    language,
    values: { username: 'mona', token, validForSeconds: 3600 },
  };
}
