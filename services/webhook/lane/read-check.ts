import { longestBodyBytes } from '../contract/parse-body.ts';
import type { CheckRequest } from '../routes/check-request.ts';

/** A check that came as plainly as our plugin sends it. */
export interface PlainCheck extends CheckRequest {
  readonly check: 'user' | 'acl';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** How much of the body is still to come. */
  readonly missingBytes: number;
}

interface Head extends Omit<PlainCheck, 'body' | 'missingBytes'> {
  readonly bodyBytes: number;
}

const userStart = 'POST /user HTTP/1.1';
const checkOf = new Map<string, PlainCheck['check']>([
  [userStart, 'user'],
  ['POST /acl HTTP/1.1', 'acl'],
]);
const longestHeadBytes = 4096;
const headEnd = '\r\n\r\n';

/** One blank behind the colon, no other around the value, visible ASCII: here no two readers can disagree. */
const plainLine = /^([A-Za-z-]+): ([\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)$/;

/** The headers that there may be, and their values. Any other one may have a meaning that is not known here. */
const plainHeaders = new Map<string, RegExp>([
  ['host', /^[A-Za-z0-9.:[\]-]+$/],
  ['user-agent', /^/],
  ['accept', /^\*\/\*$/],
  ['connection', /^keep-alive$/i],
  ['content-type', /^application\/json$/],
  ['content-length', /^[1-9][0-9]{0,4}$/],
  ['x-bednet-key', /^/],
]);
const neededHeaders = ['host', 'content-type', 'content-length', 'x-bednet-key'];

/** It is another one with each CONNECT. A second one would be left over, and is none of the headers that there may be. */
const connectionLine = /\r\nX-Bednet-Connection: ([0-9a-f.]+)(?=\r\n|$)/;

/** For the rest, the heads of a broker differ in their lengths only. A table finds by hashes, so its time tells no key. */
const headsRead = new Map<string, Head>();
const mostHeads = 256;

/**
 * Reads one check, of which no byte is left over. Undefined for all that is not as plain; what that is, and whether it is HTTP at
 * all, is for Node's own parser to say. Whatever is read here, it reads the same way.
 */
export function readPlainCheck(bytes: Buffer): PlainCheck | undefined {
  const end = bytes.indexOf(headEnd);
  if (end === -1 || end > longestHeadBytes) return undefined;
  const { text, connection } = takeConnection(bytes.toString('latin1', 0, end));
  const head = headsRead.get(text) ?? readHead(text);
  const missingBytes = (head?.bodyBytes ?? 0) + end + headEnd.length - bytes.length;
  if (head === undefined || missingBytes < 0) return undefined;
  const { check, method, query } = head;
  const headers = connection === undefined ? head.headers : { ...head.headers, ...connection };
  return { check, method, headers, query, body: bytes.subarray(end + headEnd.length), missingBytes };
}

function takeConnection(text: string): { text: string; connection?: Record<string, string> } {
  const line = text.startsWith(userStart) ? connectionLine.exec(text) : null;
  if (line === null) return { text };
  const [whole, connection = ''] = line;
  const rest = text.slice(0, line.index) + text.slice(line.index + whole.length);
  return { text: rest, connection: { 'x-bednet-connection': connection } };
}

function readHead(text: string): Head | undefined {
  const [start = '', ...lines] = text.split('\r\n');
  const check = checkOf.get(start);
  const headers = readHeaders(lines);
  if (check === undefined || headers === undefined) return undefined;
  const bodyBytes = Number(headers['content-length']);
  if (bodyBytes > longestBodyBytes) return undefined;
  const head: Head = { check, method: 'POST', headers, query: {}, bodyBytes };
  if (headsRead.size >= mostHeads) headsRead.clear();
  headsRead.set(text, head);
  return head;
}

function readHeaders(lines: readonly string[]): Record<string, string> | undefined {
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const [, givenName = '', value = ''] = plainLine.exec(line) ?? [];
    const name = givenName.toLowerCase();
    if (Object.hasOwn(headers, name) || !plainHeaders.get(name)?.test(value)) return undefined;
    headers[name] = value;
  }
  return neededHeaders.every((name) => Object.hasOwn(headers, name)) ? headers : undefined;
}
