import { deny } from '../../core/check/reasons.ts';
import type { ParsedBody } from './parse-body.ts';
import type { Read } from './read-check.ts';

/** Reads the named fields of a body, all of which must be there and be text; the others don't matter. */
export function readTexts<Name extends string>(
  body: ParsedBody,
  names: readonly Name[],
): Read<Record<Name, string>> {
  if (!body.parsed) return deny(body.reason);
  const texts: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const value = body.fields[name];
    if (value === undefined) return deny('field-missing');
    if (typeof value !== 'string') return deny('field-type');
    texts[name] = value;
  }
  return { granted: true, check: texts as Record<Name, string> };
}
