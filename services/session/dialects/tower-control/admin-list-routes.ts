import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { ListElement, SearchBody } from '../../../contract/tower-control-admin.ts';
import { results } from '../../../contract/tower-control.ts';
import {
  findPeople,
  listLately,
  listPurgatory,
  type ListedAccount,
} from '../../use-cases/people/list-people.ts';
import type { DialectOptions } from '../dialect.ts';
import { sessionOf } from './guards.ts';
import { loginIdOf } from './login-id.ts';
import { typeOfFactor } from './two-factor-types.ts';

const leastSearched = 3;

/** The lists of administrators; each shows the accounts that its caller reaches. */
export const adminListRoutes: FastifyPluginAsyncTypebox<DialectOptions> = async (app, { context }) => {
  app.get('/admin/purgatory', list('Deleted accounts that can be restored'), async (request) =>
    (await listPurgatory(context, sessionOf(request))).map(toListElement),
  );

  app.get('/admin/search', list('The accounts that signed in last'), async (request) =>
    (await listLately(context, sessionOf(request), ['sign-in'])).map(toListElement),
  );

  app.get('/admin/registered', list('The accounts that came last'), async (request) => {
    const events = ['account-registered', 'account-created'] as const;
    return (await listLately(context, sessionOf(request), events)).map(toListElement);
  });

  app.post('/admin/search', searchOptions, async (request) => {
    const search = request.body.search.trim();
    if (search.length < leastSearched) return [];
    return (await findPeople(context, sessionOf(request), search)).map(toListElement);
  });
};

function toListElement({ account, ...known }: ListedAccount): ListElement {
  return {
    login: loginIdOf(account.uid),
    email: account.email,
    lastLogin: known.lastSignInMs,
    registrationDate: account.createdAtMs,
    deletionDate: account.purgeAtMs,
    countLogin: known.signIns,
    active: account.isEnabled,
    locked: account.isLocked,
    passwordExpired: known.isPasswordExpired,
    apiAccount: false,
    twoFa: typeOfFactor({ method: known.secondFactor }),
  };
}

const described = { tags: ['admin'], security: [{ accessToken: [] }] };

function list(summary: string) {
  const response = results({ 200: Type.Array(ListElement, { description: 'The accounts' }) });
  return { config: { guard: 'A' as const }, schema: { summary, ...described, response } };
}

const searchOptions = {
  config: { guard: 'A' as const, refusals: { VAL: [400, 'user-search-invalid-input'] as const } },
  schema: {
    summary: 'Accounts with a part of an e-mail address or name',
    description: 'None below three characters.',
    ...described,
    body: SearchBody,
    response: results({ 200: Type.Array(ListElement, { description: 'The accounts' }) }),
  },
};
