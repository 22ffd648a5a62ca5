import { dirname, join } from 'node:path';
import type { CliSettings } from './settings.ts';

/** Where the key files of a stack are, unless the settings of its services say otherwise. */
export function keyFilesOf(runDir: string, environment: NodeJS.ProcessEnv): CliSettings['keyFiles'] {
  const signing = environment['SIGNING_KEYS_FILE'] || join(runDir, 'secrets', 'signing-keys.json');
  return {
    signing,
    verification: environment['VERIFICATION_KEYS_FILE'] || join(dirname(signing), 'verification-keys.json'),
    renewal: environment['RENEWAL_KEYS_FILE'] || join(runDir, 'secrets', 'renewal-keys.json'),
  };
}
