import t from 'tap';
import { findAccount } from '../../services/core/accounts/account.ts';
import { setMembership } from '../../services/core/groups/membership.ts';
import { isResult } from './tower-stage.ts';
import { makeKey, nobody, refusesStrangers, startPeopleStage, type Member } from './tower-people.ts';

const stage = await startPeopleStage(t);
const { member, group, age, mqttOf, store } = stage;
await group('top');
await group('mid', 'top');
await group('leaf', 'mid');
await group('other');
const god = await member(['user', 'admin']);

const all = { considerRoles: true, considerGroups: true, considerACLs: true };
const put = (caller: Pick<Member, 'call'>, login: string | undefined, body: object) =>
  caller.call('PUT', 'profile/', { login, ...body });
const rolesOf = async ({ uid }: Member) => (await findAccount(store, uid))?.roles;

t.test('roles are listed by their names on this wire, without those that nobody is given', async (t) => {
  const { status, body } = await (await member()).call('GET', 'roles');

  t.equal(status, 200);
  t.same(
    body.map(({ name }: { name: string }) => name),
    ['ROLE_GOD_ADMIN', 'ROLE_AUDIT_RD', 'ROLE_DEVICE_READ', 'ROLE_USER_ADMIN', 'ROLE_USER_APIKEY'],
  );
  t.match(body[2], { description: 'role-device-read', enDescription: 'The role device-read' });
});

t.test('groups are those of the caller, with all below them', async (t) => {
  const ann = await member(['user'], ['mid', 'gone']);
  await setMembership(store, ann.uid, { acls: [{ group: 'other', localName: 'o', roles: ['device-read'] }] });

  const { body } = await ann.call('GET', 'groups/');

  t.strictSame(body, [
    groupItem('mid', [groupItem('leaf')]),
    { ...groupItem('other'), roles: ['ROLE_DEVICE_READ'] },
  ]);
});

t.test('an admin sees every group, somebody without one none', async (t) => {
  t.strictSame((await god.call('GET', 'groups')).body, [
    groupItem('other'),
    groupItem('top', [groupItem('mid', [groupItem('leaf')])]),
  ]);
  t.strictSame((await (await member()).call('GET', 'groups')).body, []);
});

t.test('POST profile answers what is asked for and nothing else', async (t) => {
  const ann = await member(['user', 'device-read'], ['top']);
  const asked = { considerRoles: true, considerGroups: false, considerSubs: false, considerACLs: false };

  const some = await ann.call('POST', 'profile', { login: ann.login, considerRoles: true });
  const groups = await ann.call('POST', 'profile/', { login: ann.login, considerGroups: true });
  const subs = await ann.call('POST', 'profile/', {
    login: ann.login,
    considerGroups: true,
    considerSubs: true,
  });

  const roles = ['ROLE_REGISTERED_USER', 'ROLE_DEVICE_READ'];
  t.strictSame(some.body, { login: ann.login, ...asked, roles, groups: [], acls: [] });
  t.same([groups.body.roles, groups.body.groups], [[], ['top']]);
  t.same(subs.body.groups, ['top', 'mid', 'leaf']);
});

t.test('POST profile reaches nobody whom the caller does not administer', async (t) => {
  const [ann, bob] = [await member(), await member()];
  const post = (login?: string) => ann.call('POST', 'profile', { login, ...all });

  isResult(t, await post(bob.login), 403, 'user-profile-no-access');
  isResult(t, await post(nobody), 403, 'user-profile-no-access');
  isResult(t, await post(undefined), 400, 'user-profile-login-invalid');
  isResult(t, await god.call('POST', 'profile', { login: nobody }), 403, 'user-profile-user-not-found');
});

t.test('roles that an admin gives and takes count at the next check', async (t) => {
  const ann = await member();
  const mqtt = () => mqttOf({ username: ann.person.username, sid: ann.sid, token: ann.token }, 'sensors/1');
  t.equal((await mqtt()).publish, 403);

  const given = await put(god, ann.login, { considerRoles: true, roles: ['ROLE_DEVICE_READ'] });
  t.equal((await mqtt()).publish, 200);
  const taken = await put(god, ann.login, { considerRoles: true, roles: [] });

  for (const answer of [given, taken]) isResult(t, answer, 200, 'user-profile-updated');
  t.equal((await mqtt()).publish, 403);
  t.same(await rolesOf(ann), ['user'], 'the role that everybody has was not taken');
});

t.test('what is not considered stays as it is', async (t) => {
  const ann = await member(['user', 'device-read'], ['top']);

  await put(god, ann.login, { roles: [], groups: [], acls: [] });

  t.same(await rolesOf(ann), ['user', 'device-read']);
  t.same((await ann.call('POST', 'profile', { login: ann.login, considerGroups: true })).body.groups, [
    'top',
  ]);
});

t.test('nobody but an admin changes their own roles', async (t) => {
  const ann = await member(['user', 'device-read']);
  const helper = await member(['user', 'user-admin'], ['top']);

  for (const caller of [ann, helper]) {
    const answer = await put(caller, caller.login, { considerRoles: true, roles: ['ROLE_GOD_ADMIN'] });
    isResult(t, answer, 400, 'user-profile-role-self-change-not-allowed');
  }
  t.same(await rolesOf(helper), ['user', 'user-admin']);
  const own = { considerRoles: true, roles: ['ROLE_GOD_ADMIN', 'ROLE_AUDIT_RD'] };
  isResult(t, await put(god, god.login, own), 200, 'user-profile-updated');
});

t.test(
  'an administrator of users gives and takes only roles of their own, in their own groups',
  async (t) => {
    const helper = await member(['user', 'user-admin', 'device-read'], ['top']);
    const same = await member(['user', 'audit-rd'], ['top']);
    const other = await member(['user'], ['other']);
    const roles = (...names: string[]) => ({ considerRoles: true, roles: ['ROLE_AUDIT_RD', ...names] });

    isResult(t, await put(helper, same.login, roles('ROLE_DEVICE_READ')), 200, 'user-profile-updated');
    isResult(
      t,
      await put(helper, same.login, roles('ROLE_GOD_ADMIN')),
      403,
      'user-profile-role-change-not-owned',
    );
    isResult(
      t,
      await put(helper, same.login, { considerRoles: true, roles: [] }),
      403,
      'user-profile-role-change-not-owned',
      'taking a role that the helper lacks',
    );
    isResult(t, await put(helper, other.login, roles()), 403, 'user-profile-no-access');
    t.same(await rolesOf(same), ['user', 'audit-rd', 'device-read']);
  },
);

t.test('bad changes of roles, groups and ACLs say what is wrong and change nothing', async (t) => {
  const ann = await member(['user'], ['top']);
  const acl = (change: object) => ({
    group: 'other',
    localName: 'o',
    roles: ['ROLE_DEVICE_READ'],
    ...change,
  });
  const rows: [body: object, status: number, message: string][] = [
    [{ considerRoles: true, roles: ['ROLE_NO_SUCH'] }, 400, 'user-profile-role-not-found'],
    [{ considerRoles: true, roles: ['admin'] }, 400, 'user-profile-role-not-found'],
    [{ considerRoles: true, roles: ['ROLE_LOGIN_COMPLETE'] }, 400, 'user-profile-role-not-found'],
    [{ considerRoles: true, roles: ['ROLE_DEVICE'] }, 400, 'user-profile-role-not-assignable'],
    [{ considerGroups: true, groups: ['nowhere'] }, 400, 'user-profile-group-not-found'],
    [{ considerACLs: true, acls: [acl({ group: 'nowhere' })] }, 400, 'user-profile-group-not-found'],
    [{ considerACLs: true, acls: [acl({ roles: ['ROLE_X'] })] }, 400, 'user-profile-role-not-found'],
    [{ considerACLs: true, acls: [acl({ group: 'top' })] }, 400, 'user-profile-acl-change-already-member'],
    [{ considerRoles: true, roles: 'ROLE_GOD_ADMIN' }, 400, 'user-profile-login-invalid'],
  ];
  for (const [body, status, message] of rows) {
    const mixed = { considerRoles: true, roles: ['ROLE_AUDIT_RD'], ...body };
    isResult(t, await put(god, ann.login, mixed), status, message, JSON.stringify(body));
  }
  isResult(t, await put(god, undefined, all), 400, 'user-profile-login-invalid');
  isResult(t, await put(god, nobody, all), 403, 'user-profile-user-not-found');
  t.same(await rolesOf(ann), ['user'], 'no part of a refused change was made');
});

t.test('groups and ACLs are changed by who has the group', async (t) => {
  const helper = await member(['user', 'user-admin', 'device-read'], ['top']);
  const ann = await member(['user'], ['top']);
  const lacks = await member(['user', 'user-admin'], ['top']);
  const change = (groups: string[]) => ({ considerGroups: true, groups });
  const acls = (...groups: string[]) => ({
    considerACLs: true,
    acls: groups.map((name) => ({ group: name, localName: 'l', roles: ['ROLE_DEVICE_READ'] })),
  });

  isResult(
    t,
    await put(helper, ann.login, change(['top', 'other'])),
    403,
    'user-profile-group-change-not-owned',
  );
  isResult(t, await put(helper, ann.login, acls('other')), 403, 'user-profile-acl-change-not-owned');
  isResult(t, await put(god, helper.login, change(['top', 'other'])), 200, 'user-profile-updated');
  isResult(t, await put(god, lacks.login, change(['top', 'other'])), 200, 'user-profile-updated');
  isResult(
    t,
    await put(lacks, ann.login, acls('other')),
    403,
    'user-profile-acl-change-not-owned',
    'not its role',
  );
  isResult(t, await put(helper, ann.login, acls('other')), 200, 'user-profile-updated');
  isResult(
    t,
    await put(lacks, ann.login, acls('other')),
    200,
    'user-profile-updated',
    'what is there may stay',
  );

  const { body } = await ann.call('GET', 'profile/basic');
  t.strictSame(body.acls, [{ group: 'other', localName: 'l', roles: ['ROLE_DEVICE_READ'] }]);
});

t.test('who puts themselves into a group stays outside', async (t) => {
  const ann = await member(['user'], ['top']);

  const join = await put(ann, ann.login, { considerGroups: true, groups: ['top', 'other'] });
  const leave = await put(ann, ann.login, { considerGroups: true, groups: [] });

  isResult(t, join, 403, 'user-profile-group-change-not-owned');
  isResult(t, leave, 200, 'user-profile-updated');
});

t.test('a change of roles needs a sign-in of the last minutes', async (t) => {
  const ann = await member();
  const late = await member(['user', 'admin']);
  await age(late);

  const roles = await put(late, ann.login, { considerRoles: true, roles: ['ROLE_AUDIT_RD'] });
  const groups = await put(late, ann.login, { considerGroups: true, groups: ['top'] });

  isResult(t, roles, 403, 'user-profile-no-access');
  isResult(t, groups, 200, 'user-profile-updated');
});

t.test('an administrator of users who is demoted is one no more at the next request', async (t) => {
  const helper = await member(['user', 'user-admin'], ['top']);
  const ann = await member(['user'], ['top']);

  await put(god, helper.login, { considerRoles: true, roles: [] });

  isResult(t, await helper.call('POST', 'profile', { login: ann.login }), 403, 'user-profile-no-access');
});

t.test('an API key reads its owner’s standing, and gives nobody a role', async (t) => {
  const ann = await member(['user', 'user-apikey'], ['top']);
  const key = await makeKey(stage, ann);

  t.equal((await key.call('GET', 'roles')).status, 200);
  t.strictSame((await key.call('GET', 'groups')).body.length, 1);
  const standing = await key.call('POST', 'profile', { login: ann.login, ...all });
  t.same([standing.status, standing.body.groups], [200, ['top']]);
  const answer = await put(key, ann.login, { considerRoles: true, roles: ['ROLE_GOD_ADMIN'] });
  isResult(t, answer, 400, 'user-profile-role-self-change-not-allowed');
});

t.test('an account above the caller is out of reach for changes of roles', async (t) => {
  const helper = await member(['user', 'user-admin', 'audit-rd'], ['top']);
  const above = await member(['user', 'admin'], ['top']);

  const answer = await put(helper, above.login, {
    considerRoles: true,
    roles: ['ROLE_GOD_ADMIN', 'ROLE_AUDIT_RD'],
  });

  isResult(t, answer, 403, 'user-profile-no-access');
});

t.test('strangers learn nothing of roles and groups', async (t) => {
  await refusesStrangers(t, stage, [
    ['GET', 'roles'],
    ['GET', 'groups'],
    ['POST', 'profile/', { login: god.login }],
    ['PUT', 'profile/', { login: god.login }],
  ]);
});

function groupItem(shortId: string, children: object[] = []) {
  const alertGroup = false;
  return { shortId, name: `Group ${shortId}`, description: 'a', alertGroup, roles: [], children };
}
