import t from 'tap';
import { auditEvents } from '../../services/core/audit/events.ts';
import arabic from '../../services/web/src/locales/ar/account.ts';
import english from '../../services/web/src/locales/en/account.ts';
import french from '../../services/web/src/locales/fr/account.ts';

const shown = Object.entries(auditEvents).flatMap(([event, { keptIn }]) =>
  keptIn === 'log-and-activity' ? [event] : [],
);

for (const [language, { events }] of Object.entries({ english, arabic, french })) {
  t.test(`each event of an account's activity has words in ${language}, and no other`, async (t) => {
    t.same(Object.keys(events).sort(), [...shown].sort());
    const texts = Object.values(events);
    t.equal(new Set(texts).size, texts.length, 'no two are told alike');
  });
}
