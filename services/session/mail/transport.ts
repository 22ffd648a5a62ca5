import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport, type SendMailOptions } from 'nodemailer';
import type { MailLimits } from './settings.ts';
import type { SmtpServer } from './smtp-url.ts';

/** Brings one mail on its way. */
export interface MailTransport {
  /** Resolves when the mail server, or the disk, has it; rejects otherwise, at the latest soon after the signal. */
  deliver(message: SendMailOptions, signal: AbortSignal): Promise<void>;
  /** Cuts all connections. */
  close(): void;
}

/** Sends by SMTP over a few kept connections; certificates are always checked. */
export function createSmtpTransport(
  server: SmtpServer,
  limits: MailLimits,
  ca: string | undefined,
): MailTransport {
  const transporter = createTransport({
    pool: true,
    host: server.host,
    port: server.port,
    secure: server.tls === 'from-start',
    requireTLS: server.tls === 'starttls',
    ignoreTLS: server.tls === 'none',
    tls: { minVersion: 'TLSv1.2', rejectUnauthorized: true, ...(ca !== undefined && { ca }) },
    ...(server.auth && { auth: server.auth }),
    maxConnections: limits.connections,
    // One, for a kept connection that the server has closed meanwhile; all other repeats are the outbox's.
    maxRequeues: 1,
    idleTimeout: limits.socketTimeoutMs / 2,
    connectionTimeout: limits.connectTimeoutMs,
    dnsTimeout: limits.connectTimeoutMs,
    greetingTimeout: limits.greetingTimeoutMs,
    socketTimeout: limits.socketTimeoutMs,
  });
  return {
    async deliver(message, signal) {
      await transporter.sendMail({ ...message, signal });
    },
    close: () => transporter.close({ force: true }),
  };
}

/** Keeps mails as files that only their owner can read (mode 600), named by time; the oldest beyond a number go. */
export function createFolderTransport(folder: string, filesKept: number): MailTransport {
  const composer = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  return {
    async deliver(message) {
      const { message: bytes, messageId } = await composer.sendMail(message);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const file = join(
        folder,
        `${fileStamp(new Date())}-${messageId.replace(/[^A-Za-z0-9-]/g, '').slice(0, 12)}.eml`,
      );
      await writeFile(`${file}.part`, bytes as Buffer, { mode: 0o600, flag: 'wx' });
      await rename(`${file}.part`, file);
      await removeOldest(folder, filesKept);
    },
    close: () => undefined,
  };
}

/** A time that sorts as text and fits every file system: 20260131T235959123Z. */
function fileStamp(time: Date): string {
  return time.toISOString().replace(/[-:.]/g, '');
}

async function removeOldest(folder: string, filesKept: number): Promise<void> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.eml')).sort();
  for (const name of files.slice(0, Math.max(0, files.length - filesKept))) {
    await rm(join(folder, name), { force: true });
  }
}
