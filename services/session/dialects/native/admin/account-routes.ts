import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import {
  AccountDetails,
  AccountPage,
  AccountPath,
  AccountsQuery,
  readAnswers,
  toLimit,
} from '../../../../contract/admin.ts';
import {
  findAccount,
  findAccountByLogin,
  findPasswordChangedAtMs,
  type Account,
} from '../../../../core/accounts/account.ts';
import { permissionsOf } from '../../../../core/accounts/permissions.ts';
import { searchAccounts } from '../../../../core/accounts/search-accounts.ts';
import { BednetError } from '../../../../core/errors.ts';
import { readRolesInForce } from '../../../../core/rules/roles-in-force.ts';
import { findSecondFactor } from '../../../../core/second-factor/authenticator.ts';
import { succeed } from '../answers.ts';
import { toAdminAccount, toTime } from './answers.ts';
import type { AdminOptions } from './dialect.ts';
import { needs } from './route.ts';

/** Routes that show accounts. */
export const accountRoutes: FastifyPluginAsyncTypebox<AdminOptions> = async (app, { context }) => {
  const { store, rules } = context;

  app.get('/accounts', listOptions, async (request) => {
    const { search = '', login, state, cursor = '', limit } = request.query;
    if (login !== undefined) {
      const account = await findAccountByLogin(store, login);
      return succeed(request, { accounts: account ? [toAdminAccount(account)] : [] });
    }
    const page = await searchAccounts(store, { search, state, cursor, limit: toLimit(limit) });
    return succeed(request, { ...page, accounts: page.accounts.map(toAdminAccount) });
  });

  app.get('/accounts/:uid', detailsOptions, async (request) => {
    const account = await findAccount(store, request.params.uid);
    if (!account) throw new BednetError('RES_NOT_FOUND');
    return succeed(request, await readDetails(account));
  });

  async function readDetails(account: Account) {
    const [factor, changedAtMs, inForce] = await Promise.all([
      findSecondFactor(store, account.uid),
      findPasswordChangedAtMs(store, account.uid),
      readRolesInForce(store, rules),
    ]);
    return {
      ...toAdminAccount(account),
      permissions: permissionsOf(account.roles, inForce),
      second_factor: factor.method,
      backup_codes_left: factor.backupCodesLeft,
      password_changed_at: toTime(changedAtMs),
    };
  }
};

const listOptions = needs('accounts.read', {
  summary: 'Accounts, a page at a time',
  description:
    'In the order of their ids: an account that is there all the time comes exactly once. A `search` or `state` looks at 2,000 ' +
    'accounts a page, so a page may be short or empty and yet have a `next`; `login` finds the one account at once.',
  querystring: AccountsQuery,
  response: readAnswers(AccountPage, 'A page of accounts'),
});

const detailsOptions = needs('accounts.read', {
  summary: 'One account',
  params: AccountPath,
  response: readAnswers(AccountDetails, 'The account', 'RES_NOT_FOUND'),
});
