import t from 'tap';
import { createMailLog } from '../../services/session/mail/mail-log.ts';
import {
  Outbox,
  retryDelayMs,
  type MailEvent,
  type OutboxParts,
} from '../../services/session/mail/outbox.ts';
import { defaultMailLimits } from '../../services/session/mail/settings.ts';
import { until } from '../support/until.ts';
import { resetLetter } from './smtp-stage.ts';

const limits = { ...defaultMailLimits, firstRetryMs: 5, longestRetryMs: 20, drainMs: 200 };
const away = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ESOCKET' });

function openOutbox(parts: Partial<OutboxParts>) {
  const events: MailEvent[] = [];
  const outbox = new Outbox({
    deliver: async () => undefined,
    note: (event) => void events.push(event),
    limits,
    ...parts,
  });
  const count = (outcome: string) => events.filter((event) => event.outcome === outcome).length;
  return { outbox, events, count };
}

t.test('the queue is bounded: what is too much is dropped, and told', async (t) => {
  const gate = Promise.withResolvers<void>();
  const { outbox, count } = openOutbox({ deliver: () => gate.promise });

  for (let i = 0; i < 1010; i++) outbox.add(resetLetter());

  t.equal(outbox.size, 1000);
  t.equal(count('dropped'), 10);
  gate.resolve();
  await until(() => count('sent') === 1000);
  t.equal(outbox.size, 0);
});

t.test('sending begins after the caller is done', async (t) => {
  let tries = 0;
  const { outbox } = openOutbox({
    deliver: async () => {
      tries += 1;
    },
  });

  outbox.add(resetLetter());
  await Promise.resolve();

  t.equal(tries, 0);
  await until(() => tries === 1);
});

t.test('letters between two tries count against the bound', async (t) => {
  const { outbox, count } = openOutbox({
    deliver: () => Promise.reject(away),
    limits: { ...limits, queueLength: 3, firstRetryMs: 60_000, longestRetryMs: 60_000, drainMs: 0 },
  });

  for (let i = 0; i < 3; i++) outbox.add(resetLetter());
  await until(() => count('retried') === 3);
  outbox.add(resetLetter());

  t.equal(count('dropped'), 1);
  await outbox.close();
});

t.test('tries end, with the delay between them tripled, bounded and partly by chance', async (t) => {
  const { outbox, events, count } = openOutbox({ deliver: () => Promise.reject(away) });

  outbox.add(resetLetter());
  await until(() => count('given-up') === 1);

  t.equal(count('retried'), 6);
  t.equal(events.at(-1)?.attempt, 7);
  const longest = [1, 2, 3, 4, 5, 6, 7].map((attempts) => retryDelayMs(attempts, defaultMailLimits, () => 1));
  const shortest = [1, 2, 3, 4, 5, 6, 7].map((attempts) =>
    retryDelayMs(attempts, defaultMailLimits, () => 0),
  );
  t.same(longest, [2000, 6000, 18_000, 54_000, 162_000, 486_000, 600_000]);
  t.same(
    shortest,
    longest.map((delayMs) => delayMs / 2),
  );
});

t.test('a letter whose link has run out is not sent', async (t) => {
  let nowMs = 0;
  let tries = 0;
  const { outbox, count } = openOutbox({
    nowMs: () => nowMs,
    deliver: async () => {
      tries += 1;
      nowMs = 3_600_000;
      throw away;
    },
  });

  outbox.add(resetLetter());
  await until(() => count('expired') === 1);

  t.equal(tries, 1);
});

t.test('a fault of our own is not repeated', async (t) => {
  const { outbox, count } = openOutbox({ deliver: () => Promise.reject(new TypeError('a bug')) });

  outbox.add(resetLetter());
  await until(() => count('refused') === 1);

  t.equal(outbox.size, 0);
});

t.test('closing sends what waits, and gives letters between two tries a last one', async (t) => {
  let isUp = false;
  const { outbox, count } = openOutbox({
    deliver: () => (isUp ? Promise.resolve() : Promise.reject(away)),
    limits: { ...limits, firstRetryMs: 60_000, longestRetryMs: 60_000 },
  });
  outbox.add(resetLetter());
  await until(() => count('retried') === 1);
  for (let i = 0; i < 5; i++) outbox.add(resetLetter());

  isUp = true;
  await outbox.close();

  t.equal(count('sent'), 6);
  outbox.add(resetLetter());
  t.equal(count('dropped'), 1, 'a closed outbox takes nothing');
});

t.test('closing takes a bounded time, and tells each letter that is lost, once', async (t) => {
  const hanging = Promise.withResolvers<void>();
  const { outbox, count } = openOutbox({
    deliver: () => hanging.promise,
    limits: { ...limits, drainMs: 30 },
  });
  for (let i = 0; i < 5; i++) outbox.add(resetLetter());
  await until(() => outbox.size === 5);

  await outbox.close();
  hanging.reject(away);
  await hanging.promise.catch(() => undefined);

  t.equal(count('lost'), 5);
  t.equal(count('retried'), 0);
  await outbox.close();
  t.equal(count('lost'), 5);
});

t.test('a flood of dropped letters is one log line a second', async (t) => {
  const lines: Record<string, unknown>[] = [];
  let nowMs = 0;
  const write = (fields: unknown) => void lines.push(fields as Record<string, unknown>);
  const note = createMailLog({ info: write, warn: write, error: write } as never, () => nowMs);
  const event: MailEvent = { outcome: 'dropped', letter: resetLetter(), mailId: 'x', attempt: 0 };

  for (let i = 0; i < 500; i++) note(event);
  nowMs = 1000;
  note(event);

  t.match(lines, [
    { event: 'mail-dropped', dropped: 1 },
    { event: 'mail-dropped', dropped: 500 },
  ]);
  t.notMatch(JSON.stringify(lines), /secret-token|mona@/);
});
