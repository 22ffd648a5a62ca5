import type { FastifyPluginAsync } from 'fastify';
import { PageConfig } from '../../../contract/native-config.ts';
import { failures, success } from '../../../contract/native.ts';
import type { SessionContext } from '../../session-context.ts';
import { succeed } from './answers.ts';
import type { NativeOptions } from './public-routes.ts';

/** What a page must know before somebody signs in. */
export const configRoute: FastifyPluginAsync<NativeOptions> = async (app, { context }) => {
  const config = toPageConfig(context);
  app.get('/config', { schema }, async (request) => succeed(request, config));
};

function toPageConfig({ accounts, passwordPolicy: policy, ...context }: SessionContext): PageConfig {
  return {
    product_name: context.productName,
    registration: accounts.registration,
    email_verification: accounts.needsVerifiedEmail,
    terms_version: accounts.termsVersion || null,
    can_mail: context.mailer !== undefined,
    email_second_factor: context.secondFactor.allowsEmail,
    password: {
      min_length: policy.minCodePoints,
      max_length: policy.maxCodePoints ?? 256,
      min_upper_case: policy.minUpperCase ?? 0,
      min_lower_case: policy.minLowerCase ?? 0,
      min_digits: policy.minDigits ?? 0,
      min_symbols: policy.minSymbols ?? 0,
    },
  };
}

const schema = {
  summary: 'What a page must know before somebody signs in',
  tags: ['account'],
  response: { 200: success(PageConfig, 'The settings that a page shows or heeds'), ...failures() },
};
