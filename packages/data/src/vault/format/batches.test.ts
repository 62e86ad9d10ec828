// Pieces of any size become batches of one, although a source may use the memory of a piece again for the next.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { inBatches, sourceOf } from './batches.js';
import { plain } from './testing/sealed.js';

/** Every piece in the same memory, as a source may give them. */
async function* reusing(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  const room = Buffer.alloc(Math.max(0, ...pieces.map(({ length }) => length)));
  for (const piece of pieces) {
    room.fill(0xee).set(piece);
    yield room.subarray(0, piece.length);
  }
}

it('cuts what it is given, in order, into batches of one size', async () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(sizes, fc.integer({ min: 1, max: 30 }), async (lengths, bytes) => {
      let at = 0;
      const pieces = lengths.map((length) => plain(800).subarray(at, (at += length)));
      const batches: Buffer[] = [];
      for await (const batch of inBatches(reusing(pieces), bytes)) batches.push(Buffer.from(batch));
      expect(batches.slice(0, -1).every(({ length }) => length === bytes)).toBe(true);
      expect(batches.every(({ length }) => length > 0 && length <= bytes)).toBe(true);
      expect(Buffer.concat(batches)).toEqual(Buffer.concat(pieces));
    }),
  );
});

it('reads a file into one buffer, and no further than its size was when it was opened', async () => {
  const readInto = async (target: Uint8Array, offset: number): Promise<number> => {
    target.set(plain(20).subarray(offset, offset + target.length));
    return Math.min(target.length, 20 - offset);
  };
  const read = (): never => expect.unreachable();
  const pieces: Buffer[] = [];
  for await (const piece of sourceOf({ size: 12, read, readInto }).chunks) pieces.push(Buffer.from(piece));
  expect(Buffer.concat(pieces)).toEqual(plain(12));
});
