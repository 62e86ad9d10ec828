// Mutated Parquet and Arrow files: bytes changed, cut, moved, counts made huge. Each is refused with a table error or read to
// its end; whatever is read agrees with what the table says about itself.
import { VallumError } from '@vallum/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesSource } from '../bytes/parser.js';
import { loadSamples, openSample } from './testing/samples.js';

const samples = loadSamples();
const MAX_ROWS = 300_000;
/** In the long suites, the number of runs that they ask for is ten times that of most properties. */
const asked = fc.readConfigureGlobal()?.numRuns;
const RUNS = { numRuns: asked === undefined ? 1000 : asked * 10 };

const edit = fc.record({
  /** From the end, where Parquet has its footer, or anywhere. */
  place: fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0.8, max: 1, noNaN: true })),
  kind: fc.nat(5),
  byte: fc.nat(255),
  length: fc.nat(40),
});
type Edit = typeof edit extends fc.Arbitrary<infer T> ? T : never;

function mutate(input: Uint8Array, edits: readonly Edit[]): Uint8Array {
  let bytes = Buffer.from(input);
  for (const { place, kind, byte, length } of edits) {
    const at = Math.min(bytes.length - 1, Math.floor(place * bytes.length));
    if (at < 0) return bytes;
    if (kind === 0) bytes[at] = byte;
    else if (kind === 1) bytes[at] = (bytes[at] ?? 0) ^ (1 << (byte & 7));
    else if (kind === 2) bytes.fill(byte < 128 ? 0 : 255, at, Math.min(bytes.length, at + (length & 7) + 1));
    else if (kind === 3) bytes.copyWithin(at, Math.max(0, at - byte), Math.max(0, at - byte) + length);
    else if (kind === 4 && length > 36) bytes = bytes.subarray(0, at);
    else if (kind === 5 && length > 30)
      bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + (byte & 15))]);
    else bytes[at] = ((bytes[at] ?? 0) + 1) & 255;
  }
  return bytes;
}

/** Reads all of it, and holds it against itself. @returns the code of the error that it ended with */
async function readAll(kind: 'parquet' | 'arrow', bytes: Uint8Array): Promise<string> {
  let asked = 0;
  const source = bytesSource(bytes);
  const counted = {
    size: source.size,
    read: (offset: number, length: number) => {
      asked += 1;
      if (!(offset >= 0 && length >= 0 && offset + length <= bytes.length))
        throw new Error(`it reads ${length} at ${offset}`);
      if (asked > 100_000) throw new Error('it asks for more and more');
      return source.read(offset, length);
    },
  };
  try {
    const table = await openSample(kind, counted);
    let rows = 0;
    for await (const batch of table.batches()) {
      if (batch.start !== rows || batch.columns.length !== table.columns.length)
        throw new Error('a batch does not follow the one before');
      rows += batch.rows;
      for (const [index, values] of batch.columns.entries()) {
        if (values.type !== table.columns[index]!.type)
          throw new Error('a column has another type than its table says');
        const length = values.type === 'text' ? values.codes.length : values.values.length;
        if (length !== batch.rows) throw new Error('a column has another length than its batch');
        if (values.type === 'text')
          for (const code of values.codes)
            if (code !== -1 && values.levels[code] === undefined) throw new Error('a code has no level');
      }
      // A run of equal values may be as long as it likes.
      if (rows > MAX_ROWS) return 'long';
    }
    if (table.rows !== undefined && table.rows !== rows) throw new Error('it has other rows than it says');
    return 'read';
  } catch (error) {
    if (error instanceof VallumError && error.code.startsWith('TABLE_')) return error.code;
    throw error;
  }
}

describe.each(['parquet', 'arrow'] as const)('mutated files of %s', (kind) => {
  const inputs = samples.filter((sample) => sample.kind === kind);

  it('end with a table error or are read', async () => {
    const seen = new Map<string, number>();
    await fc.assert(
      // An index, because what fast-check prints of a counterexample should not be the file.
      fc.asyncProperty(
        fc.nat(inputs.length - 1),
        fc.array(edit, { minLength: 1, maxLength: 4 }),
        async (index, edits) => {
          const end = await readAll(kind, mutate(inputs[index]!.bytes, edits));
          seen.set(end, (seen.get(end) ?? 0) + 1);
        },
      ),
      RUNS,
    );
    // A test in which nothing is refused, or everything, would show nothing.
    expect(seen.get('TABLE_BROKEN')).toBeGreaterThan(0);
    expect(seen.get('read')).toBeGreaterThan(0);
  }, 120_000);

  it('are told to be cut off wherever they are cut', async () => {
    const smallest = inputs
      .filter(({ expected, name }) => expected.rows > 0 && !name.includes('stream') && !name.includes('dictionary'))
      .sort((one, other) => one.bytes.length - other.bytes.length)[0]!;
    for (let cut = 0; cut < smallest.bytes.length; cut += 3)
      expect([cut, await readAll(kind, smallest.bytes.subarray(0, cut))]).toEqual([cut, 'TABLE_BROKEN']);
  });
});
