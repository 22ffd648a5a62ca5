/** Delays between tries: doubling from `firstMs` to `mostMs`, half of it by chance so that clients don't march in step. */
export function backoffMs(
  failures: number,
  { firstMs, mostMs }: { firstMs: number; mostMs: number },
): number {
  const delayMs = Math.min(mostMs, firstMs * 2 ** Math.min(failures, 30));
  return delayMs / 2 + (Math.random() * delayMs) / 2;
}
