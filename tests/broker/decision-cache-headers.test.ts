import t from 'tap';
import { openCacheStage } from '../support/cache-stage.ts';
import { steadyNow } from '../support/counter-file.ts';
import { publish } from '../support/mqtt-outcomes.ts';

t.test('an offer that is not exactly as it should be is ignored', async (t) => {
  const { file, secondFile, webhook, countAsked, ...stage } = await openCacheStage(t);
  const client = await stage.signIn();
  const epoch = file.epoch.toString(16).padStart(16, '0');
  const slot = file.slotOf('c');
  const until = steadyNow() + 3_600_000_000_000n;
  const right = `1 ${epoch} ${slot} ${until}`;
  const wrong: [name: string, value: string][] = [
    ['nothing', ''],
    ['a word', 'yes'],
    ['another version', `2 ${epoch} ${slot} ${until}`],
    ['a longer version', `11 ${epoch} ${slot} ${until}`],
    ['no version', `${epoch} ${slot} ${until}`],
    ['an unknown epoch', `1 0123456789abcdef ${slot} ${until}`],
    ['epoch 0', `1 ${'0'.repeat(16)} ${slot} ${until}`],
    ['an epoch in capitals', `1 ${epoch.toUpperCase()} ${slot} ${until}`],
    ['an epoch with one digit less', `1 ${epoch.slice(1)} ${slot} ${until}`],
    ['an epoch with one digit more', `1 0${epoch} ${slot} ${until}`],
    ['an epoch of 64 digits', `1 ${epoch.repeat(4)} ${slot} ${until}`],
    ['an epoch with 0x', `1 0x${epoch} ${slot} ${until}`],
    ['the epoch of another file', `1 ${secondFile.epoch.toString(16).padStart(16, '0')} ${slot} ${until}`],
    ['another slot', `1 ${epoch} ${(slot + 1n) % 1024n} ${until}`],
    ['a slot behind the file', `1 ${epoch} ${slot + 1024n} ${until}`],
    ['a slot of 2^32 more', `1 ${epoch} ${slot + 2n ** 32n} ${until}`],
    ['a slot of 2^64 more', `1 ${epoch} ${slot + 2n ** 64n} ${until}`],
    ['a negative slot', `1 ${epoch} -${slot} ${until}`],
    ['a slot with a sign', `1 ${epoch} +${slot} ${until}`],
    ['a slot in hex', `1 ${epoch} 0x${slot.toString(16)} ${until}`],
    ['no slot', `1 ${epoch}  ${until}`],
    ['no until', `1 ${epoch} ${slot}`],
    ['an empty until', `1 ${epoch} ${slot} `],
    ['until 0', `1 ${epoch} ${slot} 0`],
    ['an until that is over', `1 ${epoch} ${slot} ${steadyNow() - 1n}`],
    ['a negative until', `1 ${epoch} ${slot} -${until}`],
    ['an until of 2^64', `1 ${epoch} ${slot} ${2n ** 64n}`],
    ['an until of 2^64 more', `1 ${epoch} ${slot} ${until + 2n ** 64n}`],
    ['an until of 1000 digits', `1 ${epoch} ${slot} ${'9'.repeat(1000)}`],
    ['an until with a fraction', `1 ${epoch} ${slot} ${until}.5`],
    ['an until with an exponent', `1 ${epoch} ${slot} 9e18`],
    ['one word more', `${right} 1`],
    ['letters behind', `${right}x`],
    ['a comma list', `${right}, ${right}`],
    ['tabs', right.replaceAll(' ', '\t')],
    ['two blanks', right.replace(' ', '  ')],
    ['quotes', `"${right}"`],
    ['64 KiB', `${right}${' 1'.repeat(6000)}`],
    ['bytes that are no ASCII', `1 ${epoch} ${slot} ${until}\u00ff`],
  ];

  for (const [name, value] of wrong) {
    webhook.answerWith(() => ({ status: 200, headers: { 'x-bednet-cache': value } }));
    for (let i = 0; i < 2; i++) t.equal(await countAsked(() => publish(client, 'a/b', 1)), 1, name);
  }
  webhook.answerWith(() => ({ status: 200, headers: { 'X-BEDNET-CACHE': right } }));
  t.equal(await countAsked(() => publish(client, 'a/b', 1)), 1);
  t.equal(await countAsked(() => publish(client, 'a/b', 1)), 0, 'the right one, in other letters');
});

t.test('an until as late as can be told is taken, and revoked as any other', async (t) => {
  const { file, webhook, countAsked, ...stage } = await openCacheStage(t);
  const client = await stage.signIn();
  webhook.answerWith(() => ({ status: 200, headers: file.offer('c', 2n ** 64n - 1n) }));
  await publish(client, 'a/b', 1);

  t.equal(await countAsked(() => publish(client, 'a/b', 1)), 0);
  file.bump('c');
  t.equal(await countAsked(() => publish(client, 'a/b', 1)), 1);
});

t.test('two offers in one answer contradict each other', async (t) => {
  const { file, webhook, countAsked, ...stage } = await openCacheStage(t);
  const client = await stage.signIn();
  const [name, value] = Object.entries(file.offer('c'))[0] ?? [];
  for (const number of [2, 3]) {
    const headers = { [name ?? '']: Array<string>(number).fill(value ?? '') as unknown as string };
    webhook.answerWith(() => ({ status: 200, headers }));

    for (let i = 0; i < 2; i++) t.equal(await countAsked(() => publish(client, 'a/b', 1)), 1);
  }
});

t.test('an offer counts for the client that was asked about, not for another', async (t) => {
  const { file, webhook, countAsked, ...stage } = await openCacheStage(t);
  t.not(file.slotOf('c'), file.slotOf('other'));
  const client = await stage.signIn();
  webhook.answerWith(() => ({ status: 200, headers: file.offer('other') }));

  for (let i = 0; i < 2; i++) t.equal(await countAsked(() => publish(client, 'a/b', 1)), 1);
});
