import t from 'tap';
import { showPayload } from '../../services/web/src/pages/live/payload.ts';
import { isTopicFilter, isTopicName } from '../../services/web/src/pages/live/topics.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);

t.test('a payload is shown as text if it is text, else in hexadecimal', async (t) => {
  t.match(showPayload(bytesOf('مرحبا\n\tworld')), { kind: 'text', text: 'مرحبا\n\tworld', isCut: false });
  t.match(showPayload(Uint8Array.of(0xc3)), { kind: 'binary', text: 'c3' }, 'half a character is no text');
  t.match(showPayload(bytesOf('a\0b')), { kind: 'binary', text: '61 00 62' });
  t.match(showPayload(new Uint8Array()), { kind: 'empty', sizeBytes: 0 });
});

t.test('a large payload is cut between characters, and keeps no more than is shown', async (t) => {
  const text = showPayload(bytesOf('é'.repeat(1_500) + 'x'));
  t.match(text, { kind: 'text', isCut: true, sizeBytes: 3_001 });
  const odd = showPayload(bytesOf(`x${'é'.repeat(1_500)}`));
  t.equal(odd.text, `x${'é'.repeat(999)}`, 'the split character is left out');
  const binary = showPayload(new Uint8Array(1_000_000).fill(0xff));
  t.match(binary, { kind: 'binary', isCut: true, sizeBytes: 1_000_000 });
  t.equal(binary.text.length, 256 * 3 - 1);
});

t.test('what can be no filter or topic is told before the broker is asked', async (t) => {
  for (const filter of ['#', '+', 'a/+/b', 'a/#', '/', '$share/group/a/#', 'é']) {
    t.ok(isTopicFilter(filter), filter);
  }
  for (const filter of ['', 'a#', 'a/#/b', 'a+/b', '#/a', 'a\0', 'x'.repeat(65_536)]) {
    t.notOk(isTopicFilter(filter), filter.slice(0, 20));
  }
  for (const topic of ['a', '/', 'a/b c']) t.ok(isTopicName(topic), topic);
  for (const topic of ['', 'a/+', '#', 'a\0']) t.notOk(isTopicName(topic), topic);
});
