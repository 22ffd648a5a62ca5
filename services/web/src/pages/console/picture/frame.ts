/** The rows of the picture and what is around them, in pixels. */
export const rowHeight = 96;
const rowStep = 136;
const titleHeight = 24;
/** The upper edges of the rows. */
export const rows = [0, 1, 2, 3].map((row) => row * rowStep + titleHeight);
/** Where the axis of time begins. */
export const axisTop = 4 * rowStep;
export const height = axisTop + 28;
export const left = 68;
export const right = 8;

/** Where a row of the picture is drawn, and the time that it shows. */
export interface Frame {
  left: number;
  width: number;
  top: number;
  height: number;
  /** Where a time is, in pixels from the left. */
  xAt: (atMs: number) => number;
  /** The width of one reading. */
  step: number;
}
