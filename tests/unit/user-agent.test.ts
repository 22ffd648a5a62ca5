import fc from 'fast-check';
import t from 'tap';
import {
  describeUserAgent,
  formatUserAgent,
  parseUserAgent,
} from '../../services/core/sessions/user-agent.ts';

const headers: Record<string, object> = {
  'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0': {
    label: 'Firefox on Linux',
    browser: 'Firefox',
    system: 'Linux',
    type: 'desktop',
  },
  'Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1':
    { label: 'Safari on iOS', browser: 'Safari', system: 'iOS', type: 'mobile' },
  'curl/7.88.1': { label: 'curl', browser: 'curl', system: 'unknown', type: 'other' },
  'tool|with|bars/1.0': { browser: 'tool|with|bars', system: 'unknown', type: 'other' },
  '': { label: 'unknown', browser: 'unknown', system: 'unknown', type: 'other' },
};

t.test('a User-Agent header is told by browser, system and kind of machine', async (t) => {
  for (const [header, expected] of Object.entries(headers))
    t.match(describeUserAgent(header), expected, header);
});

t.test('the label that a session keeps is short, and read as it was written', async (t) => {
  const anyHeader = fc.oneof(
    fc.string({ maxLength: 400 }),
    fc.constantFrom(...Object.keys(headers)),
    fc.tuple(fc.constantFrom(...Object.keys(headers)), fc.string()).map((parts) => parts.join('|')),
  );
  fc.assert(
    fc.property(anyHeader, (header) => {
      const described = describeUserAgent(header);
      const stored = formatUserAgent(described);
      t.ok(stored.length <= 100, stored);
      t.same(parseUserAgent(stored), described, header);
    }),
  );
});
