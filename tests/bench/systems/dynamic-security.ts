import { pbkdf2Sync, randomBytes } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StackError } from '../../../services/stack/stack-error.ts';
import { startStack, type Stack } from '../../../services/stack/stack.ts';
import type { MqttIdentity } from '../load/mqtt-connection.ts';
import { template, withoutAuth } from './brokers.ts';

/** What Mosquitto 2.0 itself writes for a new client: PBKDF2 with SHA-512, its number of passes, 12 bytes of salt. */
const passes = 101;
const hashBytes = 64;
const saltBytes = 12;

/**
 * Starts a broker with the shipped configuration and, instead of our plugin, Mosquitto's own: one client and one role
 * with the rights of our default role for each username. Dynamic security knows passwords, no tokens.
 */
export async function startDynamicSecurity(
  folder: string,
  identities: readonly MqttIdentity[],
): Promise<Stack> {
  mkdirSync(folder, { recursive: true });
  const clientsFile = join(folder, 'dynamic-security.json');
  writeFileSync(clientsFile, JSON.stringify(describeClients(identities)), { mode: 0o600 });
  const lines = [
    withoutAuth(readFileSync(template, 'utf8')).replace(/^allow_anonymous true$/m, 'allow_anonymous false'),
    `plugin ${findPlugin()}`,
    `plugin_opt_config_file ${clientsFile}`,
    '',
  ];
  const mosquittoTemplate = join(folder, 'dynamic-security.conf');
  writeFileSync(mosquittoTemplate, lines.join('\n'));
  return startStack({ runDir: folder, parts: ['mosquitto'], mosquittoTemplate });
}

/** The same people, each connection with the one password of its username: that of the first. */
export function withOnePasswordEach(identities: readonly MqttIdentity[]): MqttIdentity[] {
  const passwords = passwordsOf(identities);
  return identities.map((identity) => ({ ...identity, password: passwords.get(identity.username) ?? '' }));
}

/** The plugin's file, in the form that it keeps itself. */
export function describeClients(identities: readonly MqttIdentity[]): object {
  const passwords = passwordsOf(identities);
  return {
    defaultACLAccess: {
      publishClientSend: false,
      publishClientReceive: false,
      subscribe: false,
      unsubscribe: true,
    },
    clients: [...passwords].map(([username, password]) => ({
      username,
      ...hash(password),
      iterations: passes,
      roles: [{ rolename: username }],
    })),
    roles: [...passwords.keys()].map((username) => ({
      rolename: username,
      acls: ['publishClientSend', 'publishClientReceive', 'subscribePattern'].map((acltype) => ({
        ...{ acltype, topic: `users/${username}/#`, priority: 0, allow: true },
      })),
    })),
  };
}

function passwordsOf(identities: readonly MqttIdentity[]): Map<string, string> {
  const passwords = new Map<string, string>();
  for (const { username, password } of identities) {
    if (!passwords.has(username)) passwords.set(username, password);
  }
  return passwords;
}

function hash(password: string): { password: string; salt: string } {
  const salt = randomBytes(saltBytes);
  return {
    password: pbkdf2Sync(password, salt, passes, hashBytes, 'sha512').toString('base64'),
    salt: salt.toString('base64'),
  };
}

/** Debian keeps it in the folder of the architecture; a build from source in /usr/local/lib. */
function findPlugin(): string {
  const name = 'mosquitto_dynamic_security.so';
  const [found] = [...globSync(`/usr/lib/*/${name}`), `/usr/lib/${name}`, `/usr/local/lib/${name}`].filter(
    (file) => existsSync(file),
  );
  if (!found) throw new StackError(`${name} is not installed: apt-get install mosquitto`);
  return found;
}
