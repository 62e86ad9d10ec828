// Mutants of one byte for fast-check, and how many: the long suites ask for twenty times as many.
import fc from 'fast-check';

/** 100, or what the suite is set to. */
export const RUNS = fc.readConfigureGlobal().numRuns ?? 100;

export const mutation = fc.record({
  at: fc.nat(),
  how: fc.constantFrom('flip', 'remove', 'double', 'insert', 'cut'),
  byte: fc.integer({ min: 1, max: 255 }),
});

export interface Mutation {
  readonly at: number;
  readonly how: string;
  readonly byte: number;
}

export function mutate(bytes: Buffer, { at, how, byte }: Mutation): Buffer {
  const here = at % bytes.length;
  const before = bytes.subarray(0, here);
  const rest = bytes.subarray(here);
  if (how === 'cut') return Buffer.from(before);
  if (how === 'insert') return Buffer.concat([before, Buffer.from([byte]), rest]);
  if (how === 'remove') return Buffer.concat([before, rest.subarray(1)]);
  if (how === 'double') return Buffer.concat([before, rest.subarray(0, 1), rest]);
  const copy = Buffer.from(bytes);
  copy[here] = (copy[here] as number) ^ byte;
  return copy;
}
