import t from 'tap';
import { emqx } from '../support/hook-brokers.ts';
import { clientOf, startHookStage, testHookBehaviours } from '../support/hook-behaviours.ts';

const stage = await startHookStage(t, emqx);

t.test('answers have the form that EMQX documents, and never an expiry', async (t) => {
  const alice = await stage.signIn();
  const client = clientOf(alice);
  const right = emqx.connect(client);
  const wrong = emqx.connect({ ...client, password: 'wrong' });

  const granted = await stage.ask(right.path, right.asked);
  const denied = await stage.ask(wrong.path, wrong.asked);

  t.same(JSON.parse(granted.body), { result: 'allow', is_superuser: false });
  t.match(granted.contentType, /^application\/json/);
  t.equal(granted.reason, undefined);
  t.same(JSON.parse(denied.body), { result: 'deny', is_superuser: false });
  t.equal(denied.status, 200, 'another status would let the next authenticator decide');
  t.equal(denied.reason, 'token-malformed', 'the reason is for the operator, in a header');
});

t.test('an action that is neither publish nor subscribe is denied', async (t) => {
  const alice = await stage.signIn();
  const { username, clientId: clientid } = alice;
  const json = { username, clientid, topic: `users/${username}/x` };

  for (const action of ['all', 'PUBLISH', '', 'read']) {
    const answer = await stage.ask('/emqx/authorize', { json: { ...json, action } });
    t.equal(emqx.read(answer), 'denial', action);
    t.equal(answer.reason, 'access-unknown');
  }
  const typed = await stage.ask('/emqx/authorize', { json: { ...json, action: 'publish', topic: 1 } });
  t.equal(typed.reason, 'field-type');
});

t.test('a shared subscription counts as its filter', async (t) => {
  const client = clientOf(await stage.signIn());

  t.equal(await stage.verdict(emqx.subscribe(client, `$share/g/users/${client.username}/#`)), 'grant');
  t.equal(await stage.verdict(emqx.subscribe(client, '$share/g/#')), 'denial');
});

testHookBehaviours(t, stage, emqx);
