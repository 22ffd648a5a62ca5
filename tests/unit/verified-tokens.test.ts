import t from 'tap';
import type { PresentedToken } from '../../services/core/tokens/access-token-claims.ts';
import type { VerificationKey } from '../../services/core/tokens/jwk.ts';
import { createVerifiedTokens } from '../../services/core/tokens/verified-tokens.ts';

const key = { kid: 'k1' } as VerificationKey;
const token = { username: 'ana' } as PresentedToken;

t.test('a token is known as long as its key is in the ring', async (t) => {
  const ring = { keys: [key] };
  const verified = createVerifiedTokens(ring);
  verified.keep('a.b.c', { token, key });
  t.equal(verified.find('a.b.c'), token);
  t.equal(verified.find('a.b.d'), undefined);

  ring.keys = [];
  t.equal(verified.find('a.b.c'), undefined);
  ring.keys = [key];
  t.equal(verified.find('a.b.c'), undefined, 'it was dropped');
});

t.test('a key of the same kid that was read anew is another key', async (t) => {
  const ring = { keys: [key] };
  const verified = createVerifiedTokens(ring);
  verified.keep('a.b.c', { token, key });

  ring.keys = [{ ...key }];
  t.equal(verified.find('a.b.c'), undefined);
});

t.test('a verification that was under way while the keys changed leaves nothing behind', async (t) => {
  const ring = { keys: [{ ...key }] };
  const verified = createVerifiedTokens(ring);

  verified.keep('a.b.c', { token, key });

  t.equal(verified.find('a.b.c'), undefined);
});

t.test(
  'there are never more than so many, and those that were not asked for the longest go first',
  async (t) => {
    const verified = createVerifiedTokens({ keys: [key] }, 3);
    for (const text of ['1', '2', '3']) verified.keep(text, { token, key });
    verified.find('1');
    verified.keep('4', { token, key });
    verified.keep('4', { token, key });

    t.same(
      ['1', '2', '3', '4'].map((text) => verified.find(text) !== undefined),
      [true, false, true, true],
    );
  },
);
