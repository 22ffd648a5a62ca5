import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Secrets } from '../../services/stack/secrets.ts';

/** Knows the secrets that a test file has used, and finds them again where none belongs (ASVS 16.2.5). */
export interface SecretWatch {
  /** Notes one secret; texts that are too short to be told from chance are left out, but for six digits of a code. */
  note(secret: string, what: string): void;
  /** Notes the secrets of an exchange in JSON: passwords and codes that were sent, tokens and keys that came back. */
  noteExchange(sent: unknown, answer: { status: number; body: unknown; headers: Headers }): void;
  /** What the secrets are that a text holds, each once; never the secrets themselves. */
  find(text: string): string[];
}

/** Members of requests and answers that hold secrets. */
const sentNames = /^(.*password|code|.*_?token|.*Token)$/;
const answeredNames = /^(.*token|.*Token|key|secret|backup_codes)$/;

/** So much of a secret is looked for: its end, so that a token without its public half counts too. */
const windowLength = 16;
const leastLength = 8;

/** Makes a watch that knows no secret yet. */
export function createSecretWatch(): SecretWatch {
  const ends = new Map<string, string>();
  const short = new Map<string, string>();

  function note(secret: string, what: string): void {
    if (/^[0-9]{6}$/.test(secret)) short.set(secret, what);
    if (secret.length < leastLength) return;
    for (const form of [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]) {
      if (form.length >= windowLength) ends.set(form.slice(-windowLength), what);
      else short.set(form, what);
    }
  }

  return {
    note,
    noteExchange(sent, { status, body, headers }) {
      // A password that was refused as unfit may be anything, such as a username.
      if (status !== 400) for (const [name, text] of textsOf(sent, sentNames)) note(text, `sent ${name}`);
      for (const [name, text] of textsOf(body, answeredNames)) note(text, `answered ${name}`);
      for (const cookie of headers.getSetCookie()) {
        note(/^[^=]+=([^;]*)/.exec(cookie)?.[1] ?? '', 'answered cookie');
      }
    },
    find(text) {
      const found = new Set<string>();
      for (let at = 0; ends.size > 0 && at + windowLength <= text.length; at += 1) {
        const what = ends.get(text.slice(at, at + windowLength));
        if (what !== undefined) found.add(what);
      }
      for (const [secret, what] of short) if (standsIn(text, secret)) found.add(what);
      return [...found];
    },
  };
}

/** The one watch of a test file: each file is a process of its own. */
export const usedSecrets = createSecretWatch();

/** Notes the keys and passwords that a stack runs with. */
export function noteStackSecrets({ redisPasswords, brokerKey, files }: Secrets): void {
  for (const [user, password] of Object.entries(redisPasswords)) usedSecrets.note(password, `Redis ${user}`);
  usedSecrets.note(brokerKey, 'broker key');
  usedSecrets.note(readFileSync(files.pepper, 'utf8').trim(), 'pepper');
  usedSecrets.note(readFileSync(files.secondFactorKey, 'utf8').trim(), 'second-factor key');
  for (const file of [files.signingKeys, files.renewalKeys]) {
    for (const key of JSON.parse(readFileSync(file, 'utf8')).keys) {
      usedSecrets.note(key.d ?? key.k ?? key.secret, 'signing or renewal key');
    }
  }
}

/**
 * Fails the test file if one of its secrets is in a text. By the exit code: this is called in teardowns, where an
 * assertion would keep the other teardowns from running.
 */
export function failOnSecrets(where: string, text: string): void {
  const found = usedSecrets.find(text);
  if (found.length === 0) return;
  console.error(`There are secrets in ${where}: ${found.join(', ')}`);
  process.exitCode = 1;
}

/** As failOnSecrets, for all files of a folder: logs, or what Redis wrote to its disk, streams and all. */
export function failOnSecretsBelow(folder: string): void {
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const file = join(folder, name);
    if (statSync(file).isFile()) failOnSecrets(name, readFileSync(file, 'latin1'));
  }
}

/** Not as a part of a longer number, such as a time. */
function standsIn(text: string, secret: string): boolean {
  if (!text.includes(secret)) return false;
  if (!/^[0-9]+$/.test(secret)) return true;
  return new RegExp(`(?<![0-9A-Za-z.])${secret}(?![0-9A-Za-z])`).test(text);
}

function* textsOf(value: unknown, names: RegExp, name = ''): Generator<[string, string]> {
  if (typeof value === 'string' && names.test(name)) yield [name, value];
  if (typeof value !== 'object' || value === null) return;
  for (const [member, inner] of Object.entries(value)) {
    yield* textsOf(inner, names, Array.isArray(value) ? name : member);
  }
}
