import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { BasicBody, CustomFieldBody, Profile } from '../../../contract/tower-control-people.ts';
import { done as doneShape, NoBody, results } from '../../../contract/tower-control.ts';
import type { Account } from '../../../core/accounts/account.ts';
import { callerOf } from '../../session-context.ts';
import { deleteOwnAccount } from '../../use-cases/delete-own-account.ts';
import {
  changePersonalFacts,
  findPersonalFacts,
  setCustomFields,
} from '../../use-cases/people/personal-facts.ts';
import type { DialectOptions } from '../dialect.ts';
import { loginInvalid, targetOf, toAcls, who } from './accounts.ts';
import { actionResult, done } from './answers.ts';
import { sessionOf } from './guards.ts';
import { loginIdOf } from './login-id.ts';
import { userRolesOf } from './roles.ts';
import { typeOfFactor } from './two-factor-types.ts';

const languageForm = /^[A-Za-z]{2}$/;

/** What people say about themselves, and that they leave. */
export const profileRoutes: FastifyPluginAsyncTypebox<DialectOptions> = async (app, { context }) => {
  app.get('/profile/basic', readOptions, async (request) => {
    const facts = await findPersonalFacts(context, sessionOf(request));
    return { ...ofAccount(facts.account), ...toProfile(facts) };
  });

  app.put('/profile/basic', basicOptions, async (request, reply) => {
    const uid = targetOf(request);
    const { login: _, language, ...facts } = request.body;
    if (!languageForm.test(language ?? '')) {
      return reply.status(400).send(actionResult(400, 'user-profile-language-invalid'));
    }
    const change = { ...facts, language: (language ?? '').toLowerCase() };
    await changePersonalFacts(context, sessionOf(request), { uid, change }, callerOf(request));
    return done('user-profile-updated');
  });

  app.put('/profile/customfield', customFieldOptions, async (request) => {
    const uid = targetOf(request);
    const { customFields = [] } = request.body;
    await setCustomFields(context, sessionOf(request), { uid, customFields }, callerOf(request));
    return done('user-profile-customfields-upserted');
  });

  app.delete('/profile', leaveOptions, async (request) => {
    await deleteOwnAccount(context, sessionOf(request), {}, callerOf(request));
    return done('user-profile-delete-done');
  });
};

function ofAccount({ uid, email, roles }: Account) {
  return { email, login: loginIdOf(uid), roles: userRolesOf(roles), lastComMessageSeen: 0 };
}

function toProfile(facts: Awaited<ReturnType<typeof findPersonalFacts>>) {
  const { profile, acls, passwordEndsAtMs, secondFactor } = facts;
  return {
    ...profile,
    passwordExpirationMs: passwordEndsAtMs,
    acls: toAcls(acls),
    twoFAConfig: typeOfFactor({ method: secondFactor }),
  };
}

const tags = ['profile'];
const security = [{ accessToken: [] }];

const readOptions = {
  config: { guard: 'C' as const, refusals: who(400) },
  schema: {
    summary: 'The profile of the caller',
    ...{ tags, security },
    response: results({ 200: Profile }),
  },
};

const basicOptions = {
  config: { guard: 'C' as const, refusals: { ...who(403), VAL: loginInvalid } },
  schema: {
    summary: 'Change the profile of an account',
    ...{ tags, security },
    body: BasicBody,
    response: results({ 200: doneShape('user-profile-updated') }),
  },
};

const customFieldOptions = {
  config: { guard: 'K' as const, refusals: { ...who(400), VAL: loginInvalid } },
  schema: {
    summary: 'Set or remove custom fields of an account',
    ...{ tags, security },
    body: CustomFieldBody,
    response: results({ 200: doneShape('user-profile-customfields-upserted') }),
  },
};

const leaveOptions = {
  config: {
    guard: 'C' as const,
    refusals: { RES_LAST_ADMIN: [400, 'user-profile-delete-failed'] as const },
  },
  schema: {
    summary: 'Delete the account of the caller',
    description:
      'Needs a sign-in of the last minutes. Until its purgatory is over an administrator can restore it.',
    ...{ tags, security },
    body: NoBody,
    response: results({ 200: doneShape('user-profile-delete-done') }),
  },
};
