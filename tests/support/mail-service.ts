import type { Test } from 'tap';
import { letterCountKey } from '../../services/core/redis/keys.ts';
import { headersOf, partsOf } from '../mail/eml.ts';
import { startSmtpServer, type TakenMail } from '../mail/smtp-stage.ts';
import { somebody, startSessionStage, type SessionStage } from './session-service.ts';
import { until } from './until.ts';

/** A mail as its reader sees it. */
export interface ReadMail {
  subject: string;
  to: string;
  language: string;
  /** The plain-text part. */
  text: string;
  html: string;
  raw: string;
  /** The token in its link, if it has one. */
  token: string | undefined;
}

/** The session service with a real mail server behind it. */
export interface MailStage extends SessionStage {
  /** What has arrived for an address, oldest first, once `count` mails have. */
  mailsTo(address: string, count?: number): Promise<ReadMail[]>;
  /** The newest of `count` mails to an address. */
  newestMail(address: string, count?: number): Promise<ReadMail>;
  /** The token in the newest of `count` links to an address. */
  newestToken(address: string, count?: number): Promise<string>;
  /** Returns when everything that was sent before has arrived: each of the two connections has brought a later mail. */
  untilDelivered(): Promise<void>;
}

/** Where the links in the mails of the stage lead. */
export const publicUrl = 'https://app.example.org';

const markerKinds = ['email-taken', 'email-verification-link'];

/** Starts Redis, a mail server and the service for `t`; `settings` are environment variables. */
export async function startMailStage(t: Test, settings: Record<string, string> = {}): Promise<MailStage> {
  const server = await startSmtpServer();
  const stage = await startSessionStage(t, {
    SMTP_URL: `smtp://127.0.0.1:${server.port}`,
    MAIL_FROM: 'Bednet <no-reply@example.org>',
    PUBLIC_URL: publicUrl,
    REGISTER_REQUESTS_PER_NETWORK: '1000',
    FORGOT_REQUESTS_PER_NETWORK: '1000',
    ...settings,
  });
  t.teardown(() => server.close());
  const marker = await stage.register();
  const isFor = (address: string) => (mail: TakenMail) => mail.to.includes(address);

  async function mailsTo(address: string, count = 0): Promise<ReadMail[]> {
    const arrived = () => server.taken.filter(isFor(address));
    await until(() => arrived().length >= count, { what: `${count} mails to ${address}` });
    return arrived().map(read);
  }
  async function newestMail(address: string, count = 1): Promise<ReadMail> {
    const mail = (await mailsTo(address, count)).at(-1);
    if (!mail) throw new Error(`no mail to ${address}`);
    return mail;
  }
  async function newestToken(address: string, count = 1): Promise<string> {
    const tokens = async () =>
      (await mailsTo(address)).flatMap(({ token }) => (token === undefined ? [] : [token]));
    await until(async () => (await tokens()).length >= count, { what: `${count} links to ${address}` });
    return (await tokens()).at(-1) ?? '';
  }
  async function untilDelivered(): Promise<void> {
    for (let round = 0; round < 2; round += 1) {
      const before = server.taken.filter(isFor(marker.email)).length;
      for (const kind of markerKinds) await stage.store.redis.del(letterCountKey(kind, marker.email));
      const body = { ...somebody(), email: marker.email };
      await stage.ask('POST', '/api/auth/register', { body });
      await mailsTo(marker.email, before + 1);
    }
  }
  return { ...stage, mailsTo, newestMail, newestToken, untilDelivered };
}

function read({ raw }: TakenMail): ReadMail {
  const headers = headersOf(raw);
  const [text, html] = partsOf(raw);
  const [, token] = /#token=([^\s"<]+)/.exec(text?.text ?? '') ?? [];
  return {
    subject: headers.get('subject')?.[0] ?? '',
    to: headers.get('to')?.[0] ?? '',
    language: headers.get('content-language')?.[0] ?? '',
    text: text?.text ?? '',
    html: html?.text ?? '',
    raw,
    token: token === undefined ? undefined : decodeURIComponent(token),
  };
}
