/** The least of 1, 2, 5, 10, 20, … that is no less than `value`: the picture grows in few steps. */
export function roundUp(value: number): number {
  if (value <= 1) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((step) => step * power >= value) ?? 10) * power;
}

/** Where a value stands between two bounds on a logarithmic scale, 0 to 1. */
export function logShare(value: number, [least, most]: readonly [number, number]): number {
  const kept = Math.min(Math.max(value, least), most);
  return Math.log(kept / least) / Math.log(most / least);
}
