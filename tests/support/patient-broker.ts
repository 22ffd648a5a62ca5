import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const shipped = join(import.meta.dirname, '../../mosquitto-conf/mosquitto.conf');
const hasty = 'plugin_opt_http_timeout_ms 1000';

/** Writes the shipped configuration, but with 2.5 s for a check, to a folder; returns the file. */
export function writePatientBroker(folder: string): string {
  const text = readFileSync(shipped, 'utf8');
  if (!text.includes(hasty)) throw new Error(`mosquitto.conf has no line ${hasty}`);
  const file = join(folder, 'mosquitto.conf');
  writeFileSync(file, text.replace(hasty, 'plugin_opt_http_timeout_ms 2500'));
  return file;
}
