import t from 'tap';
import { newUid } from '../../services/core/ids.ts';
import { createDevice } from '../../services/core/devices/change-device.ts';
import { defaultRulesDocument } from '../../services/core/acl/rules.ts';
import { replaceRules } from '../../services/core/rules/replace-rules.ts';
import { readRulesInForce } from '../../services/core/rules/read-rules.ts';
import { giveRoles, letSignInAge, signInOperator } from '../support/admins.ts';
import { isRefusal } from '../support/refusal.ts';
import { startSessionStage } from '../support/session-service.ts';

const stage = await startSessionStage(t, { MAIL_FOLDER: t.testdir() });
const { app, ask, store, signInSomebody } = stage;
const admin = await signInOperator(stage);

interface Row {
  permission: string;
  /** Whether it needs a fresh sign-in. */
  fresh?: true;
  /** The status for an admin, 200 unless told otherwise. */
  status?: number;
  body?: object;
}

/** Every route of the admin API. `{uid}`, `{sid}` and `{id}` are somebody else's and a device's. */
const routes: Record<string, Row> = {
  'GET /accounts': { permission: 'accounts.read' },
  'GET /accounts/{uid}': { permission: 'accounts.read' },
  'POST /accounts/{uid}/disable': { permission: 'accounts.write', fresh: true },
  'POST /accounts/{uid}/enable': { permission: 'accounts.write' },
  'POST /accounts/{uid}/unlock': { permission: 'accounts.write' },
  'POST /accounts/{uid}/force-password-change': { permission: 'accounts.write', fresh: true },
  'POST /accounts/{uid}/remove-second-factor': { permission: 'accounts.write', fresh: true },
  'POST /accounts/{uid}/start-reset': { permission: 'accounts.write' },
  'PUT /accounts/{uid}/roles': { permission: 'roles.assign', fresh: true, body: { roles: ['user'] } },
  'DELETE /accounts/{uid}': { permission: 'accounts.delete', fresh: true },
  'POST /accounts/{uid}/restore': { permission: 'accounts.restore' },
  'POST /accounts/{uid}/purge': { permission: 'accounts.purge', fresh: true, status: 409 },
  'GET /accounts/{uid}/sessions': { permission: 'sessions.read' },
  'POST /accounts/{uid}/end-sessions': { permission: 'sessions.write' },
  'DELETE /sessions/{sid}': { permission: 'sessions.write' },
  'POST /sessions/end-all': { permission: 'sessions.end-all', fresh: true },
  'GET /devices': { permission: 'devices.read' },
  'GET /devices/{id}': { permission: 'devices.read' },
  'POST /devices': { permission: 'devices.write', status: 201, body: { id: 'lamp-of-the-table' } },
  'POST /devices/{id}/rotate-key': { permission: 'devices.write', fresh: true },
  'POST /devices/{id}/disable': { permission: 'devices.write', fresh: true },
  'POST /devices/{id}/enable': { permission: 'devices.write' },
  'DELETE /devices/{id}': { permission: 'devices.write', fresh: true },
  'GET /invitations': { permission: 'invitations.read' },
  'POST /invitations': { permission: 'invitations.write', status: 201, body: {} },
  'DELETE /invitations/{id}': { permission: 'invitations.write', status: 404 },
  'GET /rules': { permission: 'rules.read' },
  'GET /rules/history': { permission: 'rules.read' },
  'POST /rules/check': { permission: 'rules.read', body: { ...defaultRulesDocument } },
  'PUT /rules': { permission: 'rules.write', fresh: true, body: { ...defaultRulesDocument } },
  'POST /rules/rollback': { permission: 'rules.write', fresh: true, body: { to: '0', version: '{version}' } },
  'GET /audit': { permission: 'audit.read' },
  'GET /audit/export': { permission: 'audit.export' },
  'POST /explain': {
    permission: 'rules.explain',
    body: { username: 'nobody', client_id: 'x', topic: 'a/b', access: 'read' },
  },
  'GET /clients': { permission: 'clients.read' },
  'GET /metrics': { permission: 'metrics.read' },
};

const rows = Object.entries(routes).map(([route, row]) => {
  const [method = '', path = ''] = route.split(' ');
  return { route, method, path, ...row };
});

/** A route on somebody and something of its own, so that no row disturbs another. */
async function aim(path: string, body: object | undefined) {
  const { user, session_id: sid } = await signInSomebody();
  const id = path.startsWith('/invitations') ? 'x'.repeat(43) : `lamp-${newUid()}`;
  await createDevice(store, { id, label: '', owner: '', roles: ['device'], actor: 'test' });
  const { version } = await readRulesInForce(store);
  const text = JSON.stringify(body)?.replace('{version}', version);
  return {
    path: path.replace('{uid}', user.id).replace('{sid}', sid).replace('{id}', id),
    ...(text !== undefined && { body: JSON.parse(text) as object }),
  };
}

t.test('the table has every route of the admin API', async (t) => {
  const { paths } = app.documents.get('native')?.() as { paths: Record<string, object> };
  const described = Object.entries(paths)
    .filter(([path]) => path.startsWith('/api/admin'))
    .flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.slice('/api/admin'.length)}`),
    );

  t.same(described.sort(), Object.keys(routes).sort());
});

t.test('each route refuses strangers with 401 and users with 403, and serves admins', async (t) => {
  for (const { route, method, path: pattern, status = 200, body: wish } of rows) {
    const { path, ...body } = await aim(pattern, wish);
    const user = await signInSomebody(); // Of this row: one of the rows ends everybody's sessions.
    const anonymous = await ask(method, `/api/admin${path}`, body);
    isRefusal(t, anonymous, `${route} for a stranger`, 401);
    t.equal(anonymous.headers.get('cache-control'), 'no-store', route);
    const forged = await ask(method, `/api/admin${path}`, { ...body, token: 'forged' });
    t.equal(forged.code, 'AUTH_INVALID_TOKEN', `${route} with a forged token`);
    const ofUser = await ask(method, `/api/admin${path}`, { ...body, token: user.access_token });
    isRefusal(t, ofUser, `${route} for a user`, 403);
    t.equal(ofUser.code, 'AUTH_INSUFFICIENT_PERMISSIONS', `${route} for a user`);
    const ofAdmin = await admin.ask(method, path, body);
    t.equal(ofAdmin.status, status, `${route} for an admin: ${ofAdmin.text}`);
    t.equal(ofAdmin.headers.get('cache-control'), 'no-store', route);
  }
});

t.test('each route asks for its own permission and no other', async (t) => {
  const permissions = [...new Set(rows.map(({ permission }) => permission))];
  const roles = Object.fromEntries(
    permissions.map((permission) => [permission, { permissions: [permission], rules: [] }]),
  );
  const { version } = await readRulesInForce(store);
  const document = { ...defaultRulesDocument, version, roles: { ...defaultRulesDocument.roles, ...roles } };
  await replaceRules(store, document, { actor: 'test' });
  const holder = await signInOperator(stage, ['user']);

  for (const permission of permissions) {
    await giveRoles(store, holder.user.id, [permission]);
    for (const row of rows) {
      // Of no form that a route takes, so that nothing happens: who may call is decided before.
      const path = row.path.replaceAll(/\{\w+\}/g, '*');
      const answer = await holder.ask(row.method, path, row.method === 'GET' ? {} : { raw: '{' });
      const isAdmitted = answer.code !== 'AUTH_INSUFFICIENT_PERMISSIONS';
      t.equal(isAdmitted, row.permission === permission, `${row.route} with ${permission}`);
    }
  }
});

t.test('what can do harm needs a fresh sign-in, and a step-up is one', async (t) => {
  const { ask: askAs, session_id: sid, person, access_token: token } = await signInOperator(stage);
  await letSignInAge(store, sid, 301);

  for (const { route, method, path: pattern, fresh, status = 200, body: wish } of rows) {
    const { path, ...body } = await aim(
      pattern,
      wish && 'id' in wish ? { id: 'lamp-of-another-table' } : wish,
    );
    const answer = await askAs(method, path, body);
    if (fresh) t.match(answer, { status: 403, code: 'AUTH_STEP_UP_REQUIRED' }, route);
    else t.equal(answer.status, status, `${route}: ${answer.text}`);
  }
  const stepUp = await ask('POST', '/api/auth/step-up', { token, body: { password: person.password } });
  t.equal(stepUp.status, 200, stepUp.text);
  const { path } = await aim('/accounts/{uid}/disable', undefined);
  t.equal((await askAs('POST', path)).status, 200, 'after the step-up');
});

t.test('a changed role counts at the next request', async (t) => {
  const demoted = await signInOperator(stage);
  t.equal((await demoted.ask('GET', '/accounts')).status, 200);

  await giveRoles(store, demoted.user.id, ['user']);
  t.equal((await demoted.ask('GET', '/accounts')).status, 403, 'after the demotion');

  await giveRoles(store, demoted.user.id, ['admin']);
  t.equal((await demoted.ask('GET', '/accounts')).status, 200, 'after the promotion');
});

t.test('nobody is admitted while the rules are broken', async (t) => {
  const { version } = await readRulesInForce(store);
  const stored = await store.redis.hgetall('bn:{rules}:current');
  await store.redis.hset('bn:{rules}:current', { version: 'broken', document: '{' });

  const answer = await admin.ask('GET', '/accounts');

  await store.redis.hset('bn:{rules}:current', { ...stored, version });
  t.equal(answer.code, 'AUTH_INSUFFICIENT_PERMISSIONS');
});

t.test('a refusal for want of permission is in the audit', async (t) => {
  const { access_token: token, user } = await signInSomebody();
  await ask('GET', '/api/admin/rules', { token });

  const { body } = await admin.ask('GET', `/audit?uid=${user.id}&event=permission-refused`);

  t.match(body.data.entries, [{ actor: user.id, outcome: 'failure', reason: 'rules.read' }]);
});
