// Serves small reads that stand close together from one larger read: headers and small entries of an archive are read
// one behind the other, and every read of a file costs the same however small it is.
import type { Source } from '@vallum/formats';

const PIECE = 128 * 1024;
/** Reads above it are passed on. */
const SMALL = 32 * 1024;

export function nearSource(source: Source): Source {
  let start = 0;
  let bytes: Uint8Array = new Uint8Array(0);
  return {
    size: source.size,
    read: async (offset, length) => {
      const wanted = Math.max(0, Math.min(length, source.size - offset));
      if (wanted > SMALL) return source.read(offset, wanted);
      if (offset < start || offset + wanted > start + bytes.length) {
        const piece = await source.read(offset, Math.min(PIECE, source.size - offset));
        bytes = piece;
        start = offset;
        return piece.subarray(0, wanted);
      }
      return bytes.subarray(offset - start, offset - start + wanted);
    },
  };
}
