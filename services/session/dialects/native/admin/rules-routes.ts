import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { changeAnswers, readAnswers } from '../../../../contract/admin.ts';
import {
  RollBackBody,
  RulesAnswer,
  RulesBody,
  RulesChecked,
  RulesHistory,
  RulesQuery,
  RulesVersion,
} from '../../../../contract/admin-rules.ts';
import { bodyFaults } from '../../../../contract/native.ts';
import { readRulesHistory } from '../../../../core/rules/rules-history.ts';
import { checkRules, getRules, putRules, rollBack } from '../../../use-cases/admin/change-rules.ts';
import { succeed } from '../answers.ts';
import type { AdminOptions } from './dialect.ts';
import { adminOf } from './guard.ts';
import { needs, needsFresh } from './route.ts';

/** A document in full takes less than four times what is stored of it. */
const bodyLimit = 1_048_576;

/** Routes about the rules. */
export const rulesRoutes: FastifyPluginAsyncTypebox<AdminOptions> = async (app, { context }) => {
  app.get('/rules', readOptions, async (request) => {
    const rules = await getRules(context, request.query.version);
    return succeed(
      request,
      'document' in rules
        ? { version: rules.version, document: { ...rules.document } }
        : { version: rules.version, faults: [...rules.faults] },
    );
  });

  app.post('/rules/check', { ...checkOptions, bodyLimit }, async (request) => {
    const checked = await checkRules(context, request.body);
    const isSound = 'difference' in checked;
    return succeed(request, {
      ok: isSound,
      faults: isSound ? [] : checked.faults,
      difference: isSound ? checked.difference : [],
    });
  });

  app.put('/rules', { ...putOptions, bodyLimit }, async (request) =>
    succeed(request, { version: await putRules(context, adminOf(request), request.body) }),
  );

  app.get('/rules/history', historyOptions, async (request) => {
    const history = await readRulesHistory(context.store);
    const versions = history.map(({ rules, actor, atMs, rolledBackTo }) => ({
      version: rules.version,
      actor,
      at: new Date(atMs).toISOString(),
      rolled_back_to: rolledBackTo || null,
      usable: 'document' in rules,
    }));
    return succeed(request, { versions });
  });

  app.post('/rules/rollback', rollBackOptions, async (request) => {
    const { to, version: seen } = request.body;
    return succeed(request, { version: await rollBack(context, adminOf(request), { to, seen }) });
  });
};

const readOptions = needs('rules.read', {
  summary: 'The rules in force, or those of a version',
  querystring: RulesQuery,
  response: readAnswers(RulesAnswer, 'The rules', 'RES_NOT_FOUND'),
});

const checkOptions = needs('rules.read', {
  summary: 'Check rules without changing anything',
  description: 'Tells all faults, or what the rules would change.',
  body: RulesBody,
  response: readAnswers(RulesChecked, 'What the check found', ...bodyFaults),
});

const putOptions = needsFresh('rules.write', {
  summary: 'Put other rules in force',
  description:
    'They count at the next check. `version` is the one that they were edited from. Whoever may do this can give ' +
    'every permission to every role, but can not take `rules.write` from itself.',
  body: RulesBody,
  response: changeAnswers(RulesVersion, 'The new version', 'VAL_RULES_INVALID', 'RES_RULES_CHANGED'),
});

const historyOptions = needs('rules.read', {
  summary: 'The last 50 versions, newest first',
  response: readAnswers(RulesHistory, 'The versions; the first one is in force'),
});

const rollBackOptions = needsFresh('rules.write', {
  summary: 'Bring the rules of an earlier version back',
  description: 'As a new version, if the one in force is still `version`.',
  body: RollBackBody,
  response: changeAnswers(
    RulesVersion,
    'The new version',
    'VAL_RULES_INVALID',
    'RES_RULES_CHANGED',
    'RES_NOT_FOUND',
  ),
});
