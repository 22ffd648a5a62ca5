/** Session, account and client ids; kids, which are SHA-256 in base64url. */
const idLike = /^-([A-Za-z0-9_-]{21}(-[A-Za-z0-9_.-]{1,32})?|[A-Za-z0-9_-]{42})$/;
const mark = '\0';

/**
 * One id in 64 begins with `-` and would be taken for an option. Marks those of a command line with a NUL, which no
 * argument can hold; `operand` takes the mark off again. No option of ours has 22 characters or 43.
 */
export function markIds(args: readonly string[]): string[] {
  return args.map((arg) => (idLike.test(arg) ? mark + arg : arg));
}

/** An argument as it was given. */
export function operand(arg: string): string {
  return arg.startsWith(mark) ? arg.slice(1) : arg;
}
