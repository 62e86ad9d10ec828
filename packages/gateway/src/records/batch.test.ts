// A batch is read as it was packed, and nothing else is read as one.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packEntries, unpackEntries } from './batch.js';

describe('a batch', () => {
  it('comes back entry by entry', () => {
    const entries = fc.array(fc.uint8Array({ minLength: 1, maxLength: 4096 }), { maxLength: 256, size: 'small' });
    fc.assert(
      fc.property(entries, (all) => {
        expect(unpackEntries(packEntries(all)).map((entry) => [...entry])).toEqual(all.map((entry) => [...entry]));
      }),
      { numRuns: 100 },
    );
  });

  it.each<[string, Uint8Array]>([
    ['an empty entry', packEntries([new Uint8Array(0)])],
    ['an entry of 4,097 bytes', packEntries([new Uint8Array(4097)])],
    ['257 entries', packEntries(Array.from({ length: 257 }, () => Uint8Array.of(1)))],
    ['half a length', Uint8Array.of(0)],
    ['half an entry', packEntries([Uint8Array.of(1, 2, 3)]).subarray(0, 4)],
  ])('is refused with %s', (_, packed) => {
    expect(() => unpackEntries(packed)).toThrow(expect.objectContaining({ code: 'RECORDS_BATCH' }) as Error);
  });
});
