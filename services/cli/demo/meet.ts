import type { DemoContext } from './demo-context.ts';
import { addRules, createAccount, deleteAccount, removeRules } from './people.ts';
import { tellConnect, tellDelivery, tellSignIn, tellSubscribe, type Present } from './steps.ts';

const notAuthorized = 0x87;
const qos1 = 1;

/** Two accounts, two sign-ins, one rule: then they meet on a topic. */
export async function meet(context: DemoContext): Promise<{ ana: Present; ben: Present }> {
  const { story, stack, topic } = context;
  story.chapter('Two people');
  await createAccounts(context);
  const anaSession = await tellSignIn(story, stack.urls.session, context.ana);
  const benSession = await tellSignIn(story, stack.urls.session, context.ben);
  story.note(`MQTT client ids = session ids: Ana ${anaSession.session_id}, Ben ${benSession.session_id}`);
  const ana = await tellConnect(story, 'Ana', anaSession, anaSession.mqtt.url);
  context.atEnd("end Ana's connection", () => ana.client.endAsync(true));
  const ben = await tellConnect(story, 'Ben', benSession, benSession.mqtt.websocket_url);
  context.atEnd("end Ben's connection", () => ben.client.endAsync(true));

  story.chapter('A topic for both');
  await tellSubscribe(story, ana, topic, notAuthorized);
  await addRuleForBoth(context);
  await tellSubscribe(story, ana, topic, qos1);
  await tellSubscribe(story, ben, topic, qos1);

  story.chapter('They meet');
  await tellDelivery(story, [ana, ben], topic);
  await tellDelivery(story, [ben, ana], topic);
  return {
    ana: { person: context.ana, session: anaSession, connection: ana },
    ben: { person: context.ben, session: benSession, connection: ben },
  };
}

async function createAccounts({ story, bednet, ana, ben, atEnd }: DemoContext): Promise<void> {
  for (const person of [ana, ben]) {
    atEnd(`delete account ${person.username}`, () => deleteAccount(bednet, person));
    await story.step(`bednet account create ${person.username}`, () => createAccount(bednet, person));
  }
}

async function addRuleForBoth({ story, bednet, ana, ben, topic, atEnd }: DemoContext): Promise<void> {
  const usernames = [ana.username, ben.username];
  atEnd('take the rule out again', () => removeRules(bednet, usernames));
  await story.step('bednet rules apply: a rule for both, in force from the next check', () =>
    addRules(bednet, usernames, topic),
  );
}
