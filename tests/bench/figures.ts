/** Three significant digits at least, thousands with commas; a dash for what is no number. */
export function figure(value: number | null | undefined): string {
  if (!isNumber(value)) return '–';
  if (value >= 100) return Math.round(value).toLocaleString('en');
  return value.toFixed(value >= 10 ? 1 : value >= 1 ? 2 : 3);
}

/** A ratio with two digits behind the point, three where it is small; a dash for what is no number. */
export function times(value: number | null | undefined): string {
  if (!isNumber(value)) return '–';
  return value.toFixed(value > 0 && value < 0.01 ? 3 : 2);
}

/** Whether something is a finite number: JSON has null for those that are not. */
export function isNumber(value: number | null | undefined): value is number {
  return Number.isFinite(value);
}
