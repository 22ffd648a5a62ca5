import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { makeTestFolder } from './stack.ts';

const shipped = join(import.meta.dirname, '../../mosquitto-conf/mosquitto.conf');
const hasty = 'plugin_opt_http_timeout_ms 1000';

/** The shipped configuration, but the broker waits for the webhook service a little longer than that waits for Redis here. */
export function writePatientBroker(t: Test): string {
  const text = readFileSync(shipped, 'utf8');
  if (!text.includes(hasty)) throw new Error(`mosquitto.conf has no line ${hasty}`);
  const file = join(makeTestFolder(t), 'mosquitto.conf');
  writeFileSync(file, text.replace(hasty, 'plugin_opt_http_timeout_ms 2500'));
  return file;
}
