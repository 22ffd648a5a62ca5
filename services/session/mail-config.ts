import { readFileSync } from 'node:fs';
import { Type, type Static } from 'typebox';
import type { SettingFault } from '../core/settings/read-settings.ts';
import { parseSender } from './mail/address.ts';
import { checkPublicUrl } from './mail/links.ts';
import type { MailSettings } from './mail/settings.ts';
import { parseSmtpUrl } from './mail/smtp-url.ts';

/** Settings of mail: environment variables. */
export const mailProperties = {
  SMTP_URL: Type.Optional(Type.String({ description: 'smtps://user:password@host:port' })),
  SMTP_CA_FILE: Type.Optional(Type.String({ description: 'the path of a PEM file with certificates' })),
  MAIL_FOLDER: Type.Optional(Type.String({ description: 'the path of a folder' })),
  MAIL_FROM: Type.Optional(Type.String({ description: 'an address, or Name <address>' })),
  PUBLIC_URL: Type.Optional(Type.String({ description: 'the address of the web page' })),
  PRODUCT_NAME: Type.String({
    default: 'Bednet',
    maxLength: 64,
    pattern: '^[^\\x00-\\x1f\\x7f]+$',
    description: 'a name of at most 64 characters',
  }),
};

const MailProperties = Type.Object(mailProperties);
type MailVariables = Static<typeof MailProperties>;

/** Nobody answers to it; only for letters that stay in a folder. */
const folderSender = 'no-reply@bednet.invalid';

/** What is wrong with the settings of mail; none when no mail is to be sent. */
export function findMailFaults(settings: Partial<MailVariables>): SettingFault[] {
  const { SMTP_URL: smtpUrl, SMTP_CA_FILE: caFile, MAIL_FROM: from, PUBLIC_URL: publicUrl } = settings;
  const faults: SettingFault[] = [];
  const check = (name: keyof MailVariables, value: string | undefined, read: (text: string) => unknown) => {
    try {
      if (value !== undefined) read(value);
    } catch (error) {
      faults.push({ name, fault: (error as Error).message });
    }
  };
  check('SMTP_URL', smtpUrl, parseSmtpUrl);
  check('SMTP_CA_FILE', caFile, assertCertificates);
  check('MAIL_FROM', from, parseSender);
  check('PUBLIC_URL', publicUrl, checkPublicUrl);
  if (smtpUrl !== undefined && from === undefined) {
    faults.push({ name: 'MAIL_FROM', fault: 'is missing: mail by SMTP_URL needs a sender' });
  }
  return faults;
}

/** The settings of mail, once free of faults; undefined where there is no way to send any. */
export function toMailSettings(settings: MailVariables, ownUrl: string): MailSettings | undefined {
  const { SMTP_URL: smtpUrl, SMTP_CA_FILE: caFile, MAIL_FOLDER: folder } = settings;
  if (smtpUrl === undefined && folder === undefined) return undefined;
  return {
    smtpUrl,
    folder,
    smtpCa: caFile === undefined ? undefined : readCertificates(caFile),
    from: settings.MAIL_FROM ?? folderSender,
    publicUrl: settings.PUBLIC_URL ?? ownUrl,
    productName: settings.PRODUCT_NAME,
  };
}

function assertCertificates(file: string): void {
  try {
    readCertificates(file);
  } catch (cause) {
    throw new Error(`can't be used: ${(cause as Error).message}`, { cause });
  }
}

function readCertificates(file: string): string {
  const text = readFileSync(file, 'utf8');
  if (!text.includes('-----BEGIN CERTIFICATE-----')) throw new Error('it holds no certificate in PEM');
  return text;
}
