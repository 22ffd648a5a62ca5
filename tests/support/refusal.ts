import type { Test } from 'tap';
import type { Answer } from './session-service.ts';

/** Asserts a refusal that a person can act on: 4xx (`status`, if given), a code of the table and a sentence. */
export function isRefusal(t: Test, answer: Answer, what: string, status?: number) {
  t.ok(answer.status >= 400 && answer.status < 500, `${what}: ${answer.status} ${answer.text}`);
  if (status !== undefined) t.equal(answer.status, status, what);
  t.match(
    answer.body,
    { success: false, error: { code: /^[A-Z]+(_[A-Z]+)+$/, message: /^[A-Z].*\.$/ } },
    what,
  );
  t.equal(answer.body?.message, answer.body?.error.message, what);
}
