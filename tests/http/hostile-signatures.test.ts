import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { readSigningKeys } from '../../services/core/tokens/key-files.ts';
import { signingAlgorithms } from '../../services/core/tokens/jwk.ts';
import { newSigningKey } from '../../services/stack/key-sets.ts';
import { hostileContents, hostileSignatures } from '../support/hostile-jws.ts';
import { startService } from '../support/session-service.ts';
import { makeTestFolder, startTestStack } from '../support/stack.ts';
import { signToken } from '../support/webhook-service.ts';

const stack = await startTestStack(t, { parts: ['redis'] });
const folder = makeTestFolder(t);
let refused = 0;

for (const algorithm of signingAlgorithms) {
  t.test(`${algorithm}: each class of wrong signatures and contents is refused`, async (t) => {
    const file = join(folder, `${algorithm}.json`);
    writeFileSync(file, JSON.stringify({ keys: [newSigningKey(algorithm)] }));
    const [key] = readSigningKeys(file);
    const service = await startService(t, stack, { SIGNING_KEYS_FILE: file });
    const { access_token: genuine } = await service.signInSomebody();
    const claims = JSON.parse(Buffer.from(genuine.split('.')[1] ?? '', 'base64url').toString()) as object;
    // Not over the wire: no HTTP client sends a line break or NUL in a header.
    const statusOf = async (token: string) =>
      (await service.app.inject({ url: '/api/auth/me', headers: { authorization: `Bearer ${token}` } }))
        .statusCode;

    for (const [what, token] of Object.entries({
      ...hostileSignatures(claims, key!),
      ...hostileContents(claims, key!),
    })) {
      const status = await statusOf(token);
      if (status !== 401) t.equal(status, 401, what);
      refused += 1;
    }

    t.equal(await statusOf(genuine), 200, 'the genuine token');
    t.equal(await statusOf(signToken(claims, key!)), 200, 'one that we would sign like this');
    t.same(
      service.logLines.filter((line) => JSON.parse(line).level >= 50),
      [],
      'no fault of the service',
    );
  });
}

t.test('the classes have more cases than the collection that they follow', async (t) => {
  t.ok(refused > 355, `${refused} tokens were refused`);
});
