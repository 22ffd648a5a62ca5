import type { Explanation } from '../../core/check/explain.ts';
import { expectDelivery, expectRefusal, startTicks, tickText, untilClosed } from './connection.ts';
import type { DemoContext } from './demo-context.ts';
import { expectNoRenewal } from './session-client.ts';
import { tellDelivery, type Present } from './steps.ts';
import { until, type Story } from './story.ts';
import { askWebhook } from './webhook-client.ts';

const timeoutMs = 10_000;
const tickEveryMs = 20;
const enoughMessages = 10;
const notAuthorized = 0x87;

interface Acknowledgement {
  acknowledgedAtMs: number;
  durableInMs: number;
}

/** One of the two is revoked by an operator, and is out; the other goes on undisturbed. */
export async function revoke(context: DemoContext, ana: Present, ben: Present): Promise<void> {
  const { story, topic } = context;
  story.chapter('Ana is revoked');
  await revokeWhileBothPublish(context, ana, ben);
  await tellRefusals(context, ana);

  story.chapter('The broker asks before each publish, delivery and subscription');
  for (const access of ['write', 'read', 'subscribe'] as const) {
    await story.step(`about Ana, ${access}: 403 session-revoked; about Ben: 200`, async () => {
      await askWebhook(context.stack, { access, topic, session: ana.session }, '403 session-revoked');
      await askWebhook(context.stack, { access, topic, session: ben.session }, '200');
    });
  }
  await tellExplanation(context, ana);

  story.chapter('Ben is undisturbed');
  await tellDelivery(story, [ben.connection, ben.connection], topic);
  const openSeconds = ((Date.now() - ben.connection.openedAtMs) / 1000).toFixed(1);
  story.fact(`one connection all along, for ${openSeconds} s`, ben.connection.closedAtMs === undefined);
}

/** Both publish all the time, so that what is told about messages has been seen on the wire. */
async function revokeWhileBothPublish(context: DemoContext, ana: Present, ben: Present): Promise<void> {
  const { story, bednet, topic } = context;
  const ticks = [ana, ben].map(({ connection }) => startTicks(connection, topic, tickEveryMs));
  try {
    const sid = ana.session.session_id;
    const { acknowledgedAtMs, durableInMs } = await story.step(`bednet session revoke ${sid}`, () =>
      bednet<Acknowledgement>(['session', 'revoke', sid, '--yes', '--reason', 'laptop stolen']),
    );
    story.fact('revocation acknowledged: its tombstone is on disk', true, durableInMs);
    await story.step(
      'old connection closed, counted from the acknowledgement',
      () => untilClosed(ana.connection),
      (closedAtMs) => closedAtMs - acknowledgedAtMs,
    );
    const received = () => countTicks(ben, ben, acknowledgedAtMs);
    await until(timeoutMs, 'messages of Ben after the revocation', () => received() >= enoughMessages);
    const [anaSentAtMs = [], benSentAtMs = []] = ticks.map((tick) => tick.stop());
    // The broker has one thread: what was sent before this message has been decided when this one is delivered.
    await expectDelivery(ben.connection, ben.connection, topic);
    tellSilence(story, { ana, ben, anaSentAtMs, benSentAtMs, acknowledgedAtMs });
  } finally {
    for (const tick of ticks) tick.stop();
  }
}

function tellSilence(
  story: Story,
  seen: {
    ana: Present;
    ben: Present;
    anaSentAtMs: number[];
    benSentAtMs: number[];
    acknowledgedAtMs: number;
  },
): void {
  const { ana, ben, acknowledgedAtMs } = seen;
  const isLater = (sentAtMs: number) => sentAtMs > acknowledgedAtMs;
  const benSent = seen.benSentAtMs.filter(isLater);
  const anaSent = seen.anaSentAtMs.filter(isLater);
  const meanwhile = benSent.filter((sentAtMs) => sentAtMs < (ana.connection.closedAtMs ?? 0)).length;
  story.fact(
    `delivery denied: of ${benSent.length} messages since then Ben got all, Ana none (${meanwhile} while still connected)`,
    countTicks(ben, ana, acknowledgedAtMs) === 0 && countTicks(ben, ben, acknowledgedAtMs) === benSent.length,
  );
  story.fact(
    `publish denied: Ben got none of Ana's messages since then (she could still send ${anaSent.length})`,
    countTicks(ana, ben, acknowledgedAtMs) === 0,
  );
}

/** How many of the messages that one sent after a moment the other has received. */
function countTicks(from: Present, by: Present, afterMs: number): number {
  const { name } = from.connection;
  return by.connection.received.filter(
    (message) => message.from === name && message.text === tickText && message.sentAtMs > afterMs,
  ).length;
}

async function tellRefusals({ story, stack }: DemoContext, { session }: Present): Promise<void> {
  await story.step('reconnect with her unexpired token refused: CONNACK 0x87 (not authorized)', async () => {
    const code = await expectRefusal(session, session.mqtt.url);
    if (code !== notAuthorized) throw new Error(`the CONNACK said 0x${code.toString(16)}`);
  });
  await story.step('renewal over HTTP refused: 401', () =>
    expectNoRenewal(stack.urls.session, session.refresh_token),
  );
}

async function tellExplanation(
  { story, bednet, topic }: DemoContext,
  { person, session }: Present,
): Promise<void> {
  const { username } = person;
  const args = ['explain', username, session.mqtt.client_id, 'read', topic];
  const explanation = await story.step('bednet explain: why does Ana receive nothing?', async () => {
    const answer = await bednet<Explanation>(args);
    if (answer.granted || answer.reason !== 'session-revoked') throw new Error(JSON.stringify(answer));
    return answer;
  });
  for (const sentence of explanation.sentences) story.note(`  ${sentence}`);
}
