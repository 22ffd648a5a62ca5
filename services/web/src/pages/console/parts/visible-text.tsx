import { Code } from '@mantine/core';
import { To } from './to.tsx';

/** Characters that nobody sees, or that turn round what stands beside them. */
const unseen = /[\p{Cc}\p{Bidi_Control}\u2028\u2029\u200b\u2060\ufeff]/gu;

/** A text of somebody else as it is, with what can't be seen written as `\u202e`. */
export function visible(text: string): string {
  return text.replaceAll(unseen, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/** A name that somebody chose: on its own, whatever direction it has. */
export function Name({ children }: { children: string }) {
  return <bdi className="wrap-anywhere">{visible(children)}</bdi>;
}

/** An id, topic, role or code: left to right in every language. */
export function Id({ children }: { children: string }) {
  return <Code className="ltr wrap-anywhere">{visible(children)}</Code>;
}

/** An account by name where it is known, with the way to it for those who may see accounts. */
export function AccountLink({ uid, name, isLink }: { uid: string; name?: string; isLink: boolean }) {
  const text = name ? <Name>{name}</Name> : <Id>{uid}</Id>;
  if (!isLink) return text;
  return <To path={`accounts/${encodeURIComponent(uid)}`}>{text}</To>;
}
