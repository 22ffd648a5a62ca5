import type { Test } from 'tap';
import { accesses, defaultRulesDocument } from '../../services/core/acl/rules.ts';
import { createGroup } from '../../services/core/groups/groups.ts';
import { setMembership } from '../../services/core/groups/membership.ts';
import { readRulesInForce } from '../../services/core/rules/read-rules.ts';
import { replaceRules } from '../../services/core/rules/replace-rules.ts';
import { giveRoles, letSignInAge } from '../support/admins.ts';
import { expectStatus, startService, type Answer, type Person } from '../support/session-service.ts';
import type { TestStackOptions } from '../support/stack.ts';
import { startWebhookStage } from '../support/webhook-service.ts';
import { loginIdOf } from '../../services/session/dialects/tower-control/login-id.ts';
import { findUidByLogin } from '../../services/core/accounts/account.ts';
import { isResult, type LoginResponse } from './tower-stage.ts';

/** Somebody who is signed in by tower-control. */
export interface Member {
  person: Person;
  uid: string;
  sid: string;
  login: string;
  token: string;
  /** Asks with this member's token. */
  call(method: string, path: string, body?: unknown): Promise<Answer>;
}

export type PeopleStage = Awaited<ReturnType<typeof startPeopleStage>>;

/** Starts Redis, the webhook service and the session service; the rules know the roles that the tests use. */
export async function startPeopleStage(
  t: Test,
  settings: Record<string, string> = {},
  options: TestStackOptions = {},
) {
  const webhook = await startWebhookStage(t, options);
  const { stack, store, issuer } = webhook;
  const service = await startService(t, stack, { ISSUER: issuer, ...settings });
  await writeRules();

  async function writeRules() {
    const { version } = await readRulesInForce(store);
    const none = { permissions: [], rules: [] };
    const sensors = {
      permissions: [],
      rules: [{ effect: 'allow' as const, access: accesses, filter: 'sensors/#' }],
    };
    const roles = {
      ...defaultRulesDocument.roles,
      ...{ 'user-admin': none, 'user-apikey': none, 'device-read': sensors, 'audit-rd': none },
    };
    await replaceRules(store, { version, roles }, { actor: 'test' });
  }

  const call = (token: string | undefined) => (method: string, path: string, body?: unknown) =>
    service.ask(method, `/users/1.0/${path}`, {
      token,
      body,
      headers: { 'content-type': 'application/json' },
    });

  /** Signs somebody in anew. */
  async function signIn(person: Person): Promise<Member> {
    const { email, password } = person;
    const answer = await call(undefined)('POST', 'session/signin', { email, password });
    const { jwtToken: token, login, mqtt } = expectStatus(answer, 200).body as LoginResponse;
    const uid = (await findUidByLogin(store, email)) ?? '';
    return { person, uid, sid: mqtt?.client_id ?? '', login, token, call: call(token) };
  }

  /** A new account with roles and groups, signed in. */
  async function member(roles: string[] = ['user'], groups: string[] = []): Promise<Member> {
    const person = await service.register();
    const uid = (await findUidByLogin(store, person.email)) ?? '';
    await giveRoles(store, uid, roles);
    await setMembership(store, uid, { groups });
    return signIn(person);
  }

  return {
    ...{ stack, store, service, webhook, call, signIn, member },
    group: (shortId: string, parent = '') =>
      createGroup(store, {
        shortId,
        name: `Group ${shortId}`,
        description: 'a',
        isAlertGroup: false,
        parent,
      }),
    age: ({ sid }: Member) => letSignInAge(store, sid, 3600),
    isLive: async (token: string) => (await service.ask('GET', '/api/auth/me', { token })).status === 200,
    /** Both answers of the webhook for a client of a session. */
    mqttOf: async (owner: { username: string; sid: string; token: string }, topic: string) => {
      const { username, sid: clientid, token: password } = owner;
      const connect = await webhook.askUser({ username, password, clientid });
      const publish = await webhook.askAcl({ username, clientid, topic, acc: 2 });
      return { connect: connect.status, publish: publish.status };
    },
  };
}

/** A `login` of the right form that belongs to nobody. */
export const nobody = loginIdOf('A'.repeat(22));

/** A call that a guard is asked about. */
export type GuardedCall = readonly [method: string, path: string, body?: unknown];

/** Asserts that calls are refused to callers without a good token. */
export async function refusesStrangers(
  t: Test,
  stage: PeopleStage,
  calls: readonly GuardedCall[],
): Promise<void> {
  const ended = await stage.member();
  await stage.service.ask('POST', '/api/auth/logout', { token: ended.token, body: {} });
  for (const [method, path, body] of calls) {
    for (const [who, token] of [
      ['anonymous', undefined],
      ['forged', 'a.b.c'],
      ['ended', ended.token],
    ] as const) {
      const answer = await stage.call(token)(method, path, body);
      isResult(t, answer, 403, 'user-rights-not-signed-user', `${who} ${method} ${path}`);
    }
  }
}

/** Asserts that calls are refused to somebody who is signed in. */
export async function refuses(
  t: Test,
  { call }: Pick<Member, 'call'>,
  calls: readonly GuardedCall[],
): Promise<void> {
  for (const [method, path, body] of calls) {
    isResult(t, await call(method, path, body), 403, 'user-profile-no-access', `${method} ${path}`);
  }
}

/** Makes an API key and takes a token for it. */
export async function makeKey(stage: PeopleStage, owner: Member, roles = ['ROLE_REGISTERED_USER']) {
  const made = await owner.call('PUT', 'apikey', { keyName: 'a key', expiration: 0, roles, acls: [] });
  expectStatus(made, 201);
  const { id } = expectStatus(await owner.call('GET', 'apikey'), 200).body.at(-1);
  const token = expectStatus(await owner.call('GET', `apikey/${id}/jwt`), 200).body.message as string;
  const { sid } = JSON.parse(atob(token.split('.')[1] ?? ''));
  return {
    id: id as string,
    sid: sid as string,
    token,
    username: owner.person.username,
    call: stage.call(token),
  };
}
