// How every reader in this package gets its bytes: a parser is a generator that yields the range it wants and is handed
// the bytes. So a parser is pure and synchronous, and the same one runs over an array in a test, over an open file, or
// later over HTTP ranges, without ever holding a whole file. A file's size and content belong to the attacker.

export interface Range {
  readonly offset: number;
  readonly length: number;
}

/** Yields the range it needs next; is handed at most that many bytes, fewer only at the end of the input. */
export type Parser<T> = Generator<Range, T, Uint8Array>;

/** Random access to bytes: a file, a part of a file, or bytes in memory. */
export interface Source {
  readonly size: number;
  /** At most `length` bytes from `offset`; fewer only at the end. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

export function bytesSource(bytes: Uint8Array): Source {
  return { size: bytes.length, read: async (offset, length) => bytes.subarray(offset, offset + length) };
}

/** The part of a source from `offset`, clipped to the source. */
export function sliceSource(source: Source, offset: number, length: number): Source {
  const start = Math.min(Math.max(0, offset), source.size);
  const size = Math.max(0, Math.min(length, source.size - start));
  return {
    size,
    read: (at, count) => (at >= size ? EMPTY : source.read(start + at, Math.min(count, size - at))),
  };
}

const EMPTY = Promise.resolve(new Uint8Array(0));

export function parseBytes<T>(parser: Parser<T>, bytes: Uint8Array): T {
  let step = parser.next();
  while (step.done !== true) {
    const { offset, length } = clip(step.value, bytes.length);
    step = parser.next(bytes.subarray(offset, offset + length));
  }
  return step.value;
}

/** @param signal looked at before every read; its reason is thrown */
export async function parseSource<T>(parser: Parser<T>, source: Source, signal?: AbortSignal): Promise<T> {
  let step = parser.next();
  while (step.done !== true) {
    signal?.throwIfAborted();
    const { offset, length } = clip(step.value, source.size);
    step = parser.next(length === 0 ? new Uint8Array(0) : await source.read(offset, length));
  }
  return step.value;
}

/** Parsers pass on offsets as the input states them, up to 64 bits and beyond any file. */
function clip({ offset, length }: Range, size: number): Range {
  if (!(offset >= 0 && offset < size)) return { offset: 0, length: 0 };
  return { offset, length: Math.max(0, Math.min(length, size - offset)) };
}
