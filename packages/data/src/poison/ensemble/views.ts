// The rows as their neighbours see them, and the parts of them that are hidden in turn. Images are averaged down to at most
// 16 x 16 and hidden window by window; other features are put on one scale and hidden stripe by stripe. A patch up to a
// quarter of the image's side lies whole within at least one window.
import type { Matrix } from '@vallum/stats';
import { quantile } from '@vallum/stats';

export interface ImageShape {
  readonly width: number;
  readonly height: number;
  /** Values of a pixel lie side by side. */
  readonly channels: number;
}

export interface Views {
  /** What distances are taken on. */
  readonly matrix: Matrix;
  /** Columns of `matrix` to hide, one set a view. */
  readonly hidden: readonly Uint32Array[];
  /** For each column of the features as given, the view that hides it best. */
  readonly viewOf: Uint8Array;
}

const MAX_SIDE = 16;
const WINDOWS = 3;
/** Side of a window as a share of the image's. */
const WINDOW_SHARE = 0.43;
const STRIPES = 8;

export function imageViews(features: Matrix, { width, height, channels }: ImageShape): Views {
  const factor = Math.max(1, Math.ceil(Math.max(width, height) / MAX_SIDE));
  const small = { width: Math.ceil(width / factor), height: Math.ceil(height / factor), channels };
  const across = windowsOf(small.width);
  const down = windowsOf(small.height);
  const hidden = down.flatMap((rows) => across.map((columns) => windowColumns(small, rows, columns)));
  const viewOf = Uint8Array.from({ length: features.columns }, (_, column) => {
    const pixel = Math.floor(column / channels);
    const x = Math.floor((pixel % width) / factor);
    const y = Math.floor(pixel / width / factor);
    return nearestWindow(down, y) * across.length + nearestWindow(across, x);
  });
  return { matrix: shrink(features, { width, height, channels }, small, factor), hidden, viewOf };
}

interface Span {
  readonly from: number;
  readonly to: number;
}

function windowsOf(side: number): readonly Span[] {
  const size = Math.max(1, Math.round(side * WINDOW_SHARE));
  return Array.from({ length: WINDOWS }, (_, i) => {
    const from = Math.round(((side - size) * i) / (WINDOWS - 1));
    return { from, to: from + size };
  });
}

function nearestWindow(spans: readonly Span[], at: number): number {
  const distances = spans.map(({ from, to }) => Math.abs((from + to - 1) / 2 - at));
  return distances.indexOf(Math.min(...distances));
}

function windowColumns({ width, channels }: ImageShape, rows: Span, columns: Span): Uint32Array {
  const chosen: number[] = [];
  for (let y = rows.from; y < rows.to; y += 1)
    for (let x = columns.from; x < columns.to; x += 1)
      for (let c = 0; c < channels; c += 1) chosen.push((y * width + x) * channels + c);
  return Uint32Array.from(chosen);
}

/** Means of factor x factor pixels; at the right and lower edge of fewer. */
function shrink(features: Matrix, shape: ImageShape, small: ImageShape, factor: number): Matrix {
  const { width, height, channels } = shape;
  const columns = small.width * small.height * channels;
  const values = new Float32Array(features.rows * columns);
  const target = Uint32Array.from({ length: width * height * channels }, (_, column) => {
    const pixel = Math.floor(column / channels);
    const x = Math.floor((pixel % width) / factor);
    const y = Math.floor(pixel / width / factor);
    return (y * small.width + x) * channels + (column % channels);
  });
  const counts = new Uint32Array(columns);
  for (const to of target) counts[to] = (counts[to] ?? 0) + 1;
  for (let row = 0; row < features.rows; row += 1)
    for (let column = 0; column < features.columns; column += 1) {
      const to = target[column] as number;
      const at = row * columns + to;
      values[at] =
        (values[at] as number) + (features.values[row * features.columns + column] as number) / (counts[to] as number);
    }
  return { rows: features.rows, columns, values };
}

/** Each column less its median, over the width of its middle half (over its range where that is 0). */
export function tableViews(features: Matrix): Views {
  const { rows, columns } = features;
  const values = new Float32Array(rows * columns);
  for (let c = 0; c < columns; c += 1) {
    const column = Array.from({ length: rows }, (_, row) => features.values[row * columns + c] as number);
    const middle = quantile(column, 0.5);
    const spread = quantile(column, 0.75) - quantile(column, 0.25) || quantile(column, 1) - quantile(column, 0) || 1;
    // Clipped: one wild value must not decide who is near.
    for (const [row, value] of column.entries())
      values[row * columns + c] = Math.min(4, Math.max(-4, (value - middle) / spread));
  }
  const stripes = Math.min(STRIPES, columns);
  const stripeOf = (column: number): number => Math.floor((column * stripes) / columns);
  const all = Array.from({ length: columns }, (_, column) => column);
  const hidden =
    stripes < 2 ? [] : all.slice(0, stripes).map((s) => Uint32Array.from(all.filter((c) => stripeOf(c) === s)));
  return {
    matrix: { rows, columns, values },
    hidden,
    viewOf: Uint8Array.from(all, (c) => (stripes < 2 ? 0 : stripeOf(c))),
  };
}
