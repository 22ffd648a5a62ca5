import t from 'tap';
import { startWebhookStage, type Answered, type Asked } from '../support/webhook-service.ts';

const stage = await startWebhookStage(t);
const alice = await stage.signIn({ username: 'alice' });
const topic = 'users/alice/notes & <more>';

const rightUser = { username: 'alice', password: alice.token, clientid: alice.clientId };
const rightAcl = { username: 'alice', clientid: alice.clientId, topic, acc: 2 };

/** Method and form of the body, as plugins combine them. */
const senders: { name: string; send: (fields: Record<string, string | number>) => Asked }[] = [
  { name: 'POST json', send: (fields) => ({ method: 'POST', json: fields }) },
  { name: 'PUT json', send: (fields) => ({ method: 'PUT', json: fields }) },
  { name: 'GET json', send: (fields) => ({ method: 'GET', json: fields }) },
  { name: 'POST form', send: (fields) => ({ method: 'POST', form: asForm(fields) }) },
  { name: 'PUT form', send: (fields) => ({ method: 'PUT', form: asForm(fields) }) },
];

/** How a plugin tells a grant from a denial and from an error in each response mode (facts 1.3). */
const readers: { mode: string; query: string; read: (answer: Answered) => string }[] = [
  { mode: 'status', query: '', read: byStatus },
  { mode: 'status', query: 'answer=status', read: byStatus },
  {
    mode: 'text',
    query: 'answer=text',
    read: (answer) =>
      byStatus(answer) === 'grant' ? (answer.body === 'ok' ? 'grant' : 'denial') : byStatus(answer),
  },
  {
    mode: 'json',
    query: 'answer=json',
    read: (answer) =>
      byStatus(answer) === 'grant'
        ? (JSON.parse(answer.body) as { Ok: boolean }).Ok
          ? 'grant'
          : 'denial'
        : byStatus(answer),
  },
];

for (const { name, send } of senders) {
  for (const { mode, query, read } of readers) {
    t.test(`${name} with ${query || 'no'} answer mode is understood`, async (t) => {
      const ask = async (path: string, fields: Record<string, string | number>) =>
        read(await stage.ask(path, { ...send(fields), query }));

      t.equal(await ask('/user', rightUser), 'grant', `right sign-in, ${mode}`);
      t.equal(await ask('/user', { ...rightUser, password: 'wrong' }), 'denial', 'wrong password');
      t.equal(await ask('/user', { ...rightUser, username: 'nobody' }), 'denial', 'wrong username');
      t.equal(await ask('/acl', rightAcl), 'grant', 'write');
      t.equal(await ask('/acl', { ...rightAcl, acc: 1 }), 'grant', 'read');
      t.equal(await ask('/acl', { ...rightAcl, topic: 'users/alice/#', acc: 4 }), 'grant', 'subscribe');
      t.equal(await ask('/acl', { ...rightAcl, topic: 'users/bob/notes' }), 'denial', 'wrong topic');
      t.equal(await ask('/acl', { ...rightAcl, topic: '#', acc: 4 }), 'denial', 'access too high');
      t.equal(await ask('/acl', { ...rightAcl, clientid: 'x' }), 'denial', 'wrong client id');
    });
  }
}

t.test('a body tells the same as the status in each answer mode', async (t) => {
  const granted = await stage.askUser(rightUser);
  const denied = await stage.askUser({ ...rightUser, password: 'wrong' });
  const grantedText = await stage.ask('/user', { json: rightUser, query: 'answer=text' });
  const deniedText = await stage.ask('/acl', { json: { ...rightAcl, topic: 'x' }, query: 'answer=text' });

  t.same(JSON.parse(granted.body), { Ok: true, Error: '' });
  t.same(JSON.parse(denied.body), { Ok: false, Error: 'token-malformed' });
  t.equal(denied.reason, 'token-malformed');
  t.equal(grantedText.body, 'ok');
  t.match(grantedText.contentType, /^text\/plain/);
  t.equal(deniedText.body, 'no-rule-allows');
  t.equal((await stage.ask('/user', { json: rightUser, query: 'answer=xml' })).reason, 'answer-unknown');
});

t.test('token-as-username mode with null, empty and absent bodies', async (t) => {
  const bodies: Asked[] = [
    { body: 'null' },
    { body: '', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    {},
    { method: 'GET' },
    { method: 'GET', body: 'null' },
    { method: 'PUT', body: 'null' },
    { json: { clientid: alice.clientId } },
    { json: { username: alice.token, password: '', clientid: alice.clientId } },
  ];
  for (const body of bodies) {
    const told = `${body.method ?? 'POST'} ${JSON.stringify(body.json ?? body.body ?? null)}`;
    t.equal((await stage.ask('/user', { ...body, bearer: alice.token })).status, 200, `${told}: right token`);
    t.equal(
      (await stage.ask('/user', { ...body, bearer: 'e30.e30.AAAA' })).reason,
      'token-refused',
      `${told}: wrong`,
    );
    t.equal((await stage.ask('/user', { ...body, bearer: '' })).reason, 'token-malformed', `${told}: empty`);
  }
  t.equal((await stage.ask('/user', { body: 'null' })).reason, 'field-missing', 'no token at all');
});

t.test('token-as-username mode checks topics by the token', async (t) => {
  const bob = await stage.signIn({ username: 'bob' });
  const acl = { clientid: alice.clientId, topic: 'users/alice/x', acc: 2 };
  const ask = (fields: object, bearer: string) => stage.ask('/acl', { json: fields, bearer });

  t.equal((await ask(acl, alice.token)).status, 200);
  t.equal(
    (await ask({ ...acl, username: alice.token }, alice.token)).status,
    200,
    'username is not looked at',
  );
  t.equal((await ask({ ...acl, username: 'bob' }, alice.token)).status, 200, 'nor is another one');
  t.equal(
    (await ask({ ...acl, topic: 'users/bob/x', username: 'bob' }, alice.token)).reason,
    'no-rule-allows',
  );
  t.equal((await ask(acl, bob.token)).reason, 'client-id-of-other-session');
  t.equal((await ask({ ...acl, clientid: 'x' }, alice.token)).reason, 'client-id-of-other-session');
  t.equal((await ask({ ...acl, acc: 3 }, alice.token)).reason, 'access-unknown');
  t.equal((await stage.ask('/acl', { body: 'null', bearer: alice.token })).reason, 'field-missing');
  const form = { clientid: alice.clientId, topic: 'users/alice/x', acc: '2' };
  t.equal((await stage.ask('/acl', { form, bearer: alice.token })).status, 200, 'form');
  const connectAsOther = { json: { clientid: bob.clientId }, bearer: alice.token };
  t.equal((await stage.ask('/user', connectAsOther)).reason, 'client-id-of-other-session');
});

t.test('nobody is superuser, in any mode', async (t) => {
  for (const asked of [
    { json: { username: 'alice' } },
    { body: 'null', bearer: alice.token },
    { form: { username: 'alice' } },
  ]) {
    const answer = await stage.ask('/superuser', asked);
    t.equal(answer.status, 403);
    t.equal(answer.reason, 'superuser-none');
  }
});

t.test('the broker key counts in header and query, and nothing else lets a broker in', async (t) => {
  t.equal((await stage.ask('/user', { json: rightUser, key: 'query' })).status, 200);
  t.equal((await stage.ask('/user', { json: rightUser, key: 'header' })).status, 200);

  const { brokerKey } = stage.stack.secrets;
  const refused: [Asked, string][] = [
    [{ key: 'none' }, 'broker-key-missing'],
    [{ key: 'none', query: 'key=' }, 'broker-key-missing'],
    [{ key: 'none', query: 'key=wrong' }, 'broker-key-wrong'],
    [{ key: 'none', query: `key=${brokerKey}&key=${brokerKey}` }, 'broker-key-wrong'],
    [{ key: 'none', query: `key=${brokerKey}x` }, 'broker-key-wrong'],
    [{ key: 'none', headers: { 'x-bednet-key': brokerKey.slice(1) } }, 'broker-key-wrong'],
    [{ key: 'query', headers: { 'x-bednet-key': 'wrong' } }, 'broker-key-wrong'],
    [{ key: 'none', headers: { authorization: `Bearer ${brokerKey}` } }, 'broker-key-missing'],
  ];
  for (const path of ['/user', '/acl', '/superuser']) {
    for (const [asked, reason] of refused) {
      const answer = await stage.ask(path, { json: rightUser, ...asked });
      t.equal(answer.status, 401, `${path} ${JSON.stringify(asked)}`);
      t.equal(answer.reason, reason);
    }
  }
});

t.test('an idle connection of the broker stays open for longer than any pause', async (t) => {
  const response = await fetch(`${stage.stack.urls.webhook}/health`);
  const seconds = Number(/timeout=(\d+)/.exec(response.headers.get('keep-alive') ?? '')?.[1]);

  t.ok(seconds >= 600, `keep-alive of ${seconds} s`);
});

function byStatus({ status }: Answered): string {
  if (status >= 500) return 'error';
  return status >= 200 && status < 300 ? 'grant' : 'denial';
}

function asForm(fields: Record<string, string | number>): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)]));
}
