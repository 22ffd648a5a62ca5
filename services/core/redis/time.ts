/** Redis' answer to TIME (seconds, microseconds) in ms: the one clock that decisions are made by. */
export function toMs([seconds, microseconds]: [string | number, string | number]): number {
  return Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000);
}
