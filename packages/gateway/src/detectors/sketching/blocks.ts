// Which of at most 64 blocks an element of a row belongs to: tiles where the shape is an image's, stretches elsewhere.

export const MOST_BLOCKS = 64;
const SIDE = 8;
/** Layouts kept; callers may choose shapes where a route does not fix them. */
const MOST_LAYOUTS = 8;
const CHANNELS = 4;

export interface Layout {
  readonly blocks: number;
  /** Block of each element. */
  readonly blockOf: Uint8Array;
}

/** Layouts by shape, made once. */
export class Layouts {
  readonly #known = new Map<string, Layout>();

  /** @param shape of one row, without the batch dimension; `elements` is its product */
  of(shape: readonly number[], elements: number): Layout {
    const key = `${elements}:${shape.join(',')}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.#known.size >= MOST_LAYOUTS) this.#known.clear();
    const made = layout(shape, elements);
    this.#known.set(key, made);
    return made;
  }
}

function layout(shape: readonly number[], elements: number): Layout {
  const image = asImage(shape);
  const blockOf = new Uint8Array(elements);
  const blocks = image === undefined ? Math.min(MOST_BLOCKS, elements) : MOST_BLOCKS;
  for (let i = 0; i < elements; i += 1) {
    blockOf[i] = image === undefined ? Math.floor((i * blocks) / elements) : tile(i, image);
  }
  return { blocks, blockOf };
}

interface Image {
  readonly height: number;
  readonly width: number;
  /** Elements from one pixel of a row to the next, and planes above one another. */
  readonly step: number;
}

function tile(i: number, { height, width, step }: Image): number {
  const pixel = Math.floor(i / step) % (height * width);
  const row = Math.floor(pixel / width);
  return Math.floor((row * SIDE) / height) * SIDE + Math.floor(((pixel % width) * SIDE) / width);
}

/** Height and width of at least 8 each, with up to four channels before or behind them. */
function asImage(shape: readonly number[]): Image | undefined {
  const dimensions = shape.filter((size) => size !== 1);
  const [a = 0, b = 0, c = 0] = dimensions;
  const isLarge = (height: number, width: number): boolean => height >= SIDE && width >= SIDE;
  if (dimensions.length === 2 && isLarge(a, b)) return { height: a, width: b, step: 1 };
  if (dimensions.length !== 3) return undefined;
  if (a <= CHANNELS && isLarge(b, c)) return { height: b, width: c, step: 1 };
  return c <= CHANNELS && isLarge(a, b) ? { height: a, width: b, step: c } : undefined;
}
