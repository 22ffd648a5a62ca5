import { randomBytes } from 'node:crypto';
import type { RulesDocument } from '../../core/acl/rules.ts';
import type { BednetCommand } from './bednet-command.ts';

/** Somebody in the demo, with an account for its duration. */
export interface Person {
  name: string;
  username: string;
  password: string;
}

/** Two people with names and passwords that nobody has: 48 and 144 random bits. */
export function inventPeople(): { ana: Person; ben: Person; topic: string } {
  const tag = randomBytes(6).toString('hex');
  const invent = (name: string): Person => ({
    name,
    username: `demo-${name.toLowerCase()}-${tag}`,
    password: randomBytes(18).toString('base64url'),
  });
  return { ana: invent('Ana'), ben: invent('Ben'), topic: `demo/${tag}/room` };
}

/** Creates a person's account as an operator would; the password goes through standard input. */
export function createAccount(bednet: BednetCommand, { name, username, password }: Person): Promise<unknown> {
  return bednet(['account', 'create', username, '--name', `${name} of the demo`], `${password}\n`);
}

/** Deletes a person's account and purges it; harmless if it was not created. */
export async function deleteAccount(bednet: BednetCommand, { username }: Person): Promise<void> {
  for (const act of ['delete', 'purge']) {
    await bednet(['account', act, username, '--yes', '--reason', 'the demo is over']).catch(
      (error: Error) => {
        if (!error.message.includes('there is no account')) throw error;
      },
    );
  }
}

/** Adds a rule of their own for each username, so that all may use `filter`; returns the version in force then. */
export async function addRules(
  bednet: BednetCommand,
  usernames: readonly string[],
  filter: string,
): Promise<string> {
  return changeRules(bednet, (document) => ({
    ...document,
    accounts: {
      ...document.accounts,
      ...Object.fromEntries(
        usernames.map((username) => [
          username,
          [{ effect: 'allow' as const, access: ['read', 'write', 'subscribe'] as const, filter }],
        ]),
      ),
    },
  }));
}

/** Takes the rules of these usernames out again and leaves all others, also those that came meanwhile. */
export async function removeRules(bednet: BednetCommand, usernames: readonly string[]): Promise<string> {
  return changeRules(bednet, ({ accounts = {}, ...document }) => {
    const left = Object.entries(accounts).filter(([username]) => !usernames.includes(username));
    return left.length > 0 ? { ...document, accounts: Object.fromEntries(left) } : document;
  });
}

/** Reads, changes and applies the rules; again if somebody else changed them in between. */
async function changeRules(
  bednet: BednetCommand,
  change: (document: RulesDocument) => RulesDocument,
): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    const document = await bednet<RulesDocument>(['rules', 'show']);
    try {
      const applied = await bednet<{ version: string }>(
        ['rules', 'apply', '-', '--yes'],
        JSON.stringify(change(document)),
      );
      return applied.version;
    } catch (error) {
      if (attempt === 5 || !(error as Error).message.includes('have changed')) throw error;
    }
  }
}
