import type { SigningKey } from '../../services/core/tokens/jwk.ts';
import { changedBytes, specialBytes } from './hostile-signature-bytes.ts';
import { encode, signatureOf, signToken } from './webhook-service.ts';

/** Tokens that must be refused, by what is wrong with them. */
export type HostileTokens = Record<string, string>;

/**
 * The classes of wrong signatures that the Wycheproof project collects for JWS, made for one key of ours: changed,
 * cut, stretched and special values, other encodings, hashes and paddings, and signatures of another text.
 */
export function hostileSignatures(claims: object, key: SigningKey): HostileTokens {
  const token = signToken(claims, key);
  const [head = '', body = '', text = ''] = token.split('.');
  const input = `${head}.${body}`;
  const genuine = Buffer.from(text, 'base64url');
  const withBytes = (tokens: Record<string, Buffer>) =>
    mapped(tokens, (bytes) => `${input}.${bytes.toString('base64url')}`);
  return {
    ...withBytes(changedBytes(genuine)),
    ...withBytes(specialBytes(input, genuine, key)),
    ...mapped(
      otherTexts(head, body, claims),
      (signed) => `${input}.${signatureOf(signed, key.signWith)}`,
      'signature',
    ),
    ...otherSpellings(input, text),
  };
}

/** Headers and payloads that are none, each with a right signature of ours. */
export function hostileContents(claims: object, key: SigningKey): HostileTokens {
  const right = JSON.stringify({ alg: key.algorithm, typ: 'at+jwt', kid: key.kid });
  const payload = JSON.stringify(claims);
  const signed = (head: string | Buffer, body: string | Buffer) => {
    const input = `${Buffer.from(head).toString('base64url')}.${Buffer.from(body).toString('base64url')}`;
    return `${input}.${signatureOf(input, key.signWith)}`;
  };
  const members: [string, unknown][] = ['alg', 'typ', 'kid'].flatMap((name) =>
    [undefined, null, 0, true, '', ' ', [], {}, [JSON.parse(right)[name]], `${JSON.parse(right)[name]} `].map(
      (value): [string, unknown] => [name, value],
    ),
  );
  return {
    ...mapped(notObjects(right), (head) => signed(head, payload)),
    ...mapped(notObjects(payload), (body) => signed(right, body), 'payload'),
    ...Object.fromEntries(
      members.map(([name, value]) => [
        `header with ${name} ${JSON.stringify(value)}`,
        signed(JSON.stringify({ ...JSON.parse(right), [name]: value }), payload),
      ]),
    ),
    ...Object.fromEntries(
      ['none', 'None', 'HS256', 'RS256', 'ES256', 'EdDSA', 'PS256', 'HS1', 'A128KW', 'dir']
        .filter((alg) => alg !== key.algorithm)
        .map((alg) => [
          `header with alg twice, ${alg} last`,
          signed(`${right.slice(0, -1)},"alg":"${alg}"}`, payload),
        ]),
    ),
    ...Object.fromEntries(
      [
        'crit',
        'b64',
        'zip',
        'enc',
        'epk',
        'jwk',
        'jku',
        'x5c',
        'x5u',
        'x5t',
        'x5t#S256',
        'cty',
        'iss',
        'p2c',
      ].map((name) => [
        `header with ${name}`,
        signed(`${right.slice(0, -1)},${JSON.stringify(name)}:"x"}`, payload),
      ]),
    ),
  };
}

/** Texts that are not `header.payload`. */
function otherTexts(head: string, body: string, claims: object): Record<string, string> {
  return {
    'of the payload alone': body,
    'of the header alone': head,
    'without the point': head + body,
    'with a point behind': `${head}.${body}.`,
    'of the payload in clear (RFC 7797)': `${head}.${JSON.stringify(claims)}`,
    'of nothing': '',
    'of the parts exchanged': `${body}.${head}`,
    'of another payload': `${head}.${encode({ ...claims, role: 'admin' })}`,
  };
}

/** The right signature in the wrong letters (RFC 7515, 2 and 7.1). */
function otherSpellings(input: string, signature: string): HostileTokens {
  const token = `${input}.${signature}`;
  const spelled: HostileTokens = {};
  for (const [name, odd] of Object.entries({
    blank: ' ',
    'line break': '\n',
    tab: '\t',
    NUL: '\0',
    '=': '=',
    '%20': '%20',
    '!': '!',
    é: 'é',
    ',': ',',
  })) {
    for (const at of [0, 5, input.indexOf('.'), input.length + 1, token.length])
      spelled[`${name} at ${at}`] = token.slice(0, at) + odd + token.slice(at);
  }
  delete spelled['blank at 0'];
  return {
    ...spelled,
    'parts by colons': token.replaceAll('.', ':'),
    'an empty part before': `.${token}`,
    'an empty part behind': `${token}.`,
    'no signature': input,
    'an empty signature': `${input}.`,
    'in hex': `${input}.${Buffer.from(signature, 'base64url').toString('hex')}`,
    'plain base64': `${input}.${Buffer.from(signature, 'base64url').toString('base64')}=`,
  };
}

function notObjects(text: string): Record<string, string | Buffer> {
  return {
    'an empty text': ' ',
    'no JSON': 'x',
    'a list': `[${text}]`,
    'a text in JSON': JSON.stringify(text),
    'a number': '5',
    null: 'null',
    true: 'true',
    'a comma too many': text.replace('}', ',}'),
    'not closed': text.slice(0, -1),
    'something behind': `${text}x`,
    'two objects': text + text,
    'single quotes': text.replaceAll('"', "'"),
    'a comment': `/**/${text}`,
    'UTF-16': Buffer.from(text, 'utf16le'),
    'a byte order mark': `\ufeff${text}`,
    'bytes that are no UTF-8 in a name': Buffer.from(text.replace('"', '"\xff'), 'latin1'),
    'a NUL behind': `${text}\0`,
    'deep nesting': '['.repeat(900) + ']'.repeat(900),
  };
}

function mapped<T>(
  values: Record<string, T>,
  toToken: (value: T) => string,
  what = 'signature or header',
): HostileTokens {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [`${what}: ${name}`, toToken(value)]),
  );
}
