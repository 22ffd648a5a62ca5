import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { headersOf, partsOf } from '../mail/eml.ts';
import { until } from './until.ts';

/** The path and fragment of the link in the newest mail to an address, once there are so many. */
export async function newestLinkTo(folder: string, address: string, count = 1): Promise<string> {
  const links = () => readMails(folder).flatMap((raw) => (isTo(raw, address) ? linkIn(raw) : []));
  await until(() => links().length >= count, { what: `${count} mails with a link to ${address}` });
  return links().at(-1) ?? '';
}

/** Names of the files begin with the time, so the newest is last. */
function readMails(folder: string): string[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.eml'));
  return names.sort().map((name) => readFileSync(join(folder, name), 'utf8'));
}

function isTo(raw: string, address: string): boolean {
  return (
    headersOf(raw)
      .get('to')
      ?.some((to) => to.toLowerCase().includes(address)) ?? false
  );
}

function linkIn(raw: string): string[] {
  const [, link] = /https?:\/\/[^/\s]+(\/\S+#token=[^\s"<]+)/.exec(partsOf(raw)[0]?.text ?? '') ?? [];
  return link === undefined ? [] : [link];
}
