import { constants, createHash, createHmac, createPrivateKey, privateEncrypt, sign } from 'node:crypto';
import type { SigningKey } from '../../services/core/tokens/jwk.ts';

const ecOrder = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const edOrder = 2n ** 252n + 27742317777372353535851937790883648493n;

/** A right signature with a byte changed, cut or stretched. */
export function changedBytes(genuine: Buffer): Record<string, Buffer> {
  const changed: Record<string, Buffer> = {};
  const step = Math.ceil(genuine.length / 64);
  for (let at = 0; at < genuine.length; at += step) {
    const copy = Buffer.from(genuine);
    copy[at] = (copy[at] ?? 0) ^ (1 << (at % 8));
    changed[`byte ${at} changed`] = copy;
  }
  for (const length of [1, 8, 10, 16, 20, 31, 32, 33, 48, 63, genuine.length - 1]) {
    if (length < genuine.length) changed[`cut to ${length} bytes`] = genuine.subarray(0, length);
  }
  return {
    ...changed,
    'a zero byte before': Buffer.concat([Buffer.alloc(1), genuine]),
    'a zero byte behind': Buffer.concat([genuine, Buffer.alloc(1)]),
    'twice in a row': Buffer.concat([genuine, genuine]),
    'its bytes in reverse': Buffer.from(genuine).reverse(),
    zeros: Buffer.alloc(genuine.length),
    'all bits set': Buffer.alloc(genuine.length, 0xff),
  };
}

/** Wrong signatures that only the algorithm of this key has: special values, other encodings, hashes and paddings. */
export function specialBytes(input: string, genuine: Buffer, key: SigningKey): Record<string, Buffer> {
  switch (key.algorithm) {
    case 'ES256':
      return ecdsaBytes(input, genuine, key);
    case 'RS256':
      return rsaBytes(input, key);
    case 'HS256':
      return hmacBytes(input, key);
    case 'EdDSA':
      return eddsaBytes(genuine);
  }
}

function ecdsaBytes(input: string, genuine: Buffer, key: SigningKey): Record<string, Buffer> {
  const [r, s] = [genuine.subarray(0, 32), genuine.subarray(32)];
  const values = { 0: 0n, 1: 1n, 'n-1': ecOrder - 1n, n: ecOrder, 'n+1': ecOrder + 1n };
  const special: Record<string, Buffer> = {};
  for (const [a, first] of Object.entries(values)) {
    special[`r ${a}, s genuine`] = Buffer.concat([bytesOf(first, 32), s]);
    special[`r genuine, s ${a}`] = Buffer.concat([r, bytesOf(first, 32)]);
    for (const [b, second] of Object.entries(values))
      special[`r ${a}, s ${b}`] = Buffer.concat([bytesOf(first, 32), bytesOf(second, 32)]);
  }
  const signWith = createPrivateKey(key.signWith as string);
  const by = (hash: string, dsaEncoding: 'der' | 'ieee-p1363') =>
    sign(hash, Buffer.from(input), { key: signWith, dsaEncoding });
  return {
    ...special,
    'r and s exchanged': Buffer.concat([s, r]),
    'r and s of 33 bytes': Buffer.concat([Buffer.alloc(1), r, Buffer.alloc(1), s]),
    'r and s in DER': by('sha256', 'der'),
    'a hash of SHA-1': by('sha1', 'ieee-p1363'),
    'a hash of SHA-512': by('sha512', 'ieee-p1363'),
  };
}

function rsaBytes(input: string, key: SigningKey): Record<string, Buffer> {
  const signWith = createPrivateKey(key.signWith as string);
  const size = (signWith.asymmetricKeyDetails?.modulusLength ?? 0) / 8;
  const hash = createHash('sha256').update(input).digest();
  const asn1 = Buffer.from('3031300d060960864801650304020105000420', 'hex');
  const raw = (block: Buffer) => privateEncrypt({ key: signWith, padding: constants.RSA_NO_PADDING }, block);
  const block = (type: number, filler: number, tail: Buffer) =>
    raw(
      Buffer.concat([
        Buffer.from([0, type]),
        Buffer.alloc(size - 3 - tail.length, filler),
        Buffer.alloc(1),
        tail,
      ]),
    );
  const right = Buffer.concat([asn1, hash]);
  const by = (name: string, padding: number) => sign(name, Buffer.from(input), { key: signWith, padding });
  return {
    'PSS padding': by('sha256', constants.RSA_PKCS1_PSS_PADDING),
    'a hash of SHA-1': by('sha1', constants.RSA_PKCS1_PADDING),
    'a hash of SHA-512': by('sha512', constants.RSA_PKCS1_PADDING),
    'a padding of zeros': block(1, 0, right),
    'a padding of type 0': block(0, 0, right),
    'a padding of type 2': block(2, 0xff, right),
    'no name of the hash': block(1, 0xff, hash),
    'the name of another hash': block(
      1,
      0xff,
      Buffer.concat([Buffer.from('3031300d060960864801650304020305000420', 'hex'), hash]),
    ),
    'a name of the hash without NULL': block(
      1,
      0xff,
      Buffer.concat([Buffer.from('302f300b0609608648016503040201', 'hex'), Buffer.from('0420', 'hex'), hash]),
    ),
    'a length in a longer form': block(
      1,
      0xff,
      Buffer.concat([Buffer.from('308131', 'hex'), right.subarray(2)]),
    ),
    'bytes behind the hash': block(1, 0xff, Buffer.concat([right, Buffer.alloc(8, 1)])),
    'a padding of 8 bytes and a long tail': block(
      1,
      0xff,
      Buffer.concat([right, Buffer.alloc(size - 3 - 8 - right.length, 1)]),
    ),
    'the number 1': bytesOf(1n, size),
    'the hash in clear': Buffer.concat([Buffer.alloc(size - hash.length), hash]),
  };
}

function hmacBytes(input: string, key: SigningKey): Record<string, Buffer> {
  const secret = key.signWith as Buffer;
  const by = (hash: string, of: string | Buffer = secret) => createHmac(hash, of).update(input).digest();
  return {
    'SHA-1': by('sha1'),
    'SHA-384': by('sha384'),
    'SHA-512': by('sha512'),
    'SHA-512 cut to 32 bytes': by('sha512').subarray(0, 32),
    'the secret as text': by('sha256', secret.toString('base64url')),
    'the secret in hex': by('sha256', secret.toString('hex')),
    'an empty secret': by('sha256', ''),
    'the kid as secret': by('sha256', key.kid),
    'half of the secret': by('sha256', secret.subarray(0, 16)),
    'a hash without a secret': createHash('sha256').update(input).digest(),
  };
}

/** RFC 8032 5.1.7: S is below the order of the group; small points are no R. */
function eddsaBytes(genuine: Buffer): Record<string, Buffer> {
  const r = genuine.subarray(0, 32);
  const s = BigInt(`0x${Buffer.from(genuine.subarray(32)).reverse().toString('hex')}`);
  const little = (value: bigint) => bytesOf(value, 32).reverse();
  const special: Record<string, Buffer> = {};
  for (const [name, value] of Object.entries({
    'S + L': s + edOrder,
    'S + 2L': s + 2n * edOrder,
    L: edOrder,
    0: 0n,
  }))
    special[`S is ${name}`] = Buffer.concat([r, little(value)]);
  for (const [name, point] of Object.entries({
    0: 0n,
    1: 1n,
    'p-1': 2n ** 255n - 20n,
    p: 2n ** 255n - 19n,
    'p+1': 2n ** 255n - 18n,
  })) {
    special[`R is ${name}`] = Buffer.concat([little(point), genuine.subarray(32)]);
    special[`R is ${name}, S is 0`] = Buffer.concat([little(point), Buffer.alloc(32)]);
  }
  return { ...special, 'R and S exchanged': Buffer.concat([genuine.subarray(32), r]) };
}

function bytesOf(value: bigint, length: number): Buffer {
  return Buffer.from((value % 256n ** BigInt(length)).toString(16).padStart(2 * length, '0'), 'hex');
}
