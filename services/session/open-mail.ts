import type { FastifyInstance } from 'fastify';
import { Counter } from 'prom-client';
import { openMailer, type Mailer } from './mail/mailer.ts';
import type { MailSettings } from './mail/settings.ts';

/** Opens mail for the life of the service, with a count of what became of the letters; undefined without settings. */
export function openMail(app: FastifyInstance, settings: MailSettings | undefined): Mailer | undefined {
  if (!settings) return undefined;
  const letters = new Counter({
    name: 'bednet_letters_total',
    help: 'Letters by kind and by what became of them',
    labelNames: ['kind', 'outcome'],
    registers: [app.metrics],
  });
  const mailer = openMailer(settings, app.log, (kind, outcome) => letters.inc({ kind, outcome }));
  app.addHook('onClose', () => mailer.close());
  return mailer;
}
