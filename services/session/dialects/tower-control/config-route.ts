import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Config, results } from '../../../contract/tower-control.ts';
import type { SessionContext } from '../../session-context.ts';
import type { DialectOptions } from '../dialect.ts';

const hourSeconds = 3600;

/** What the front end adapts its forms to: the settings in force. */
export const configRoute: FastifyPluginAsyncTypebox<DialectOptions> = async (app, { context }) => {
  app.get('/config', { schema, config: { guard: 'P' }, exposeHeadRoute: false }, async () =>
    toConfig(context),
  );
};

function toConfig({ accounts, passwordPolicy, mailer }: SessionContext): Config {
  return {
    // Without mail nobody gets the link that makes an account.
    selfRegistration: accounts.registration !== 'off' && mailer !== undefined,
    invitationCodeRequired: accounts.registration === 'invitation',
    registrationLinkByEmail: true,
    autoValidation: true,
    eulaRequired: accounts.termsVersion !== '',
    subGroupUnderVirtualAllowed: false,
    nonCommunityEdition: false,
    registrationCaptchaRequired: false,
    passwordMinSize: passwordPolicy.minCodePoints,
    passwordMinUpperCase: passwordPolicy.minUpperCase ?? 0,
    passwordMinLowerCase: passwordPolicy.minLowerCase ?? 0,
    passwordMinDigits: passwordPolicy.minDigits ?? 0,
    passwordMinSymbols: passwordPolicy.minSymbols ?? 0,
    deletionPurgatoryDelayHours: Math.floor(accounts.purgatorySeconds / hourSeconds),
  };
}

const schema = {
  summary: 'The settings that pages depend on',
  tags: ['config'],
  response: results({ 200: Config }),
};
