import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectDir } from '../../../services/stack/settings.ts';
import { startStack, type Stack } from '../../../services/stack/stack.ts';

/** The shipped configuration of the broker. */
export const template: string = join(projectDir, 'mosquitto-conf', 'mosquitto.conf');

/** Starts a broker with the shipped configuration but without plugin: everybody may do everything. */
export async function startOpenBroker(folder: string): Promise<Stack> {
  mkdirSync(folder, { recursive: true });
  const openTemplate = join(folder, 'open.conf');
  writeFileSync(openTemplate, withoutAuth(readFileSync(template, 'utf8')));
  return startStack({ runDir: folder, parts: ['mosquitto'], mosquittoTemplate: openTemplate });
}

/** Starts a broker with the shipped configuration and our plugin, which asks the webhook on `webhookPort`. */
export async function startPluginBroker(folder: string, webhookPort: number): Promise<Stack> {
  return startStack({ runDir: folder, parts: ['mosquitto'], ports: { webhook: webhookPort } });
}

/** Only what is about sign-in and plugin goes, so that the brokers differ in nothing else. */
export function withoutAuth(configuration: string): string {
  return configuration
    .split('\n')
    .filter((line) => !/^plugin(_opt_\S+)? /.test(line))
    .map((line) => (line === 'allow_anonymous false' ? 'allow_anonymous true' : line))
    .join('\n');
}
