import type { FastifyBaseLogger } from 'fastify';
import { oneLine } from './compose.ts';
import { parseSender } from './address.ts';
import type { Letter, LetterKind } from './letters.ts';
import { checkPublicUrl } from './links.ts';
import { createMailLog } from './mail-log.ts';
import { toMessage } from './message.ts';
import { Outbox, type MailOutcome } from './outbox.ts';
import { defaultMailLimits, type MailLimits, type MailSettings } from './settings.ts';
import { parseSmtpUrl } from './smtp-url.ts';
import { createFolderTransport, createSmtpTransport, type MailTransport } from './transport.ts';

/** Sends letters without ever holding up or failing the answer to a request. */
export interface Mailer {
  /** Takes a letter and returns at once; what becomes of it is told to the log and the metric. Never throws. */
  send(letter: Letter): void;
  /** Takes no more letters and goes on sending for a bounded time. Letters that are left then are lost. */
  close(): Promise<void>;
}

/** Gets one call per outcome, for a metric. */
export type CountMail = (kind: LetterKind, outcome: MailOutcome) => void;

/**
 * Opens the way for mail: an SMTP server, or else a folder. Throws an Error whose sentence names the setting at fault.
 * Letters wait in memory, at most `limits.queueLength`; those that wait when the process dies are lost, and their
 * readers ask again.
 */
export function openMailer(
  settings: MailSettings,
  log: Pick<FastifyBaseLogger, 'info' | 'warn' | 'error'>,
  count: CountMail = () => undefined,
): Mailer {
  const limits = { ...defaultMailLimits, ...settings.limits };
  const head = {
    from: named('from', () => parseSender(settings.from)),
    publicUrl: named('publicUrl', () => checkPublicUrl(settings.publicUrl)),
    productName: oneLine(settings.productName),
  };
  const transport = openTransport(settings, limits);
  const noteInLog = createMailLog(log);
  const outbox = new Outbox({
    limits,
    async deliver(letter, mailId) {
      const message = toMessage(letter, mailId, head);
      await transport.deliver(message, AbortSignal.timeout(limits.attemptTimeoutMs));
    },
    note(event) {
      noteInLog(event);
      count(event.letter.kind, event.outcome);
    },
  });
  return {
    send: (letter) => outbox.add(letter),
    async close() {
      await outbox.close();
      transport.close();
    },
  };
}

function openTransport(
  { smtpUrl, smtpCa, requireTls, folder }: MailSettings,
  limits: MailLimits,
): MailTransport {
  if (smtpUrl) {
    return createSmtpTransport(
      named('smtpUrl', () => parseSmtpUrl(smtpUrl, requireTls)),
      limits,
      smtpCa,
    );
  }
  if (folder) return createFolderTransport(folder, limits.filesKept);
  throw new Error('smtpUrl or folder is needed to send mail');
}

function named<T>(setting: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new Error(`${setting} ${(cause as Error).message}`, { cause });
  }
}
