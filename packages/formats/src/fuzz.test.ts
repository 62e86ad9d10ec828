// Hostile bytes for every reader: none throws, none runs on, and what cannot be read is said to be so.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseBytes } from './bytes/parser.js';
import { readGguf } from './gguf/read-gguf.js';
import { readJinja } from './jinja/read-jinja.js';
import { readOnnx } from './onnx/read-onnx.js';
import { readNpy } from './pickle/npy.js';
import { OP } from './pickle/opcodes.js';
import { PICKLE_LIMITS, readPickles } from './pickle/read-pickles.js';
import { readRequirements } from './requirements/read-requirements.js';
import { readSafetensors } from './safetensors/read-safetensors.js';
import { sniff } from './sniff/sniff.js';
import { onnxModel, pickle, safetensors, zip } from './testing/index.js';
import { readZip } from './zip/read-zip.js';

const limits = { ...PICKLE_LIMITS, maxSteps: 20_000 };
const runs = { numRuns: 1500 };

const opcode = fc.constantFrom(...Object.values(OP));
/** Streams of opcodes with small arguments: far more of them run for a while than random bytes do. */
const stream = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: opcode.map((code) => Uint8Array.of(code)) },
      { weight: 2, arbitrary: fc.nat(255).map((value) => Uint8Array.of(OP.BININT1, value)) },
      { weight: 2, arbitrary: fc.constant(Buffer.from('cos\nsystem\n')) },
      { weight: 1, arbitrary: fc.nat(9).map((index) => Uint8Array.of(OP.BINPUT, index)) },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 6 }) },
    ),
    { maxLength: 60 },
  )
  .map((parts) => Buffer.concat(parts));

function mutated(samples: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const edit = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), byte: fc.nat(255), kind: fc.nat(2) });
  return fc
    .tuple(fc.constantFrom(...samples), fc.array(edit, { minLength: 1, maxLength: 6 }))
    .map(([sample, edits]) => {
      let bytes = Buffer.from(sample);
      for (const { at, byte, kind } of edits) {
        const index = Math.floor(at * bytes.length);
        if (kind === 0) bytes[index] = byte;
        else if (kind === 1) bytes = bytes.subarray(0, index);
        else bytes = Buffer.concat([bytes.subarray(0, index), Uint8Array.of(byte), bytes.subarray(index)]);
      }
      return bytes;
    });
}

describe('pickle', () => {
  const samples = [
    pickle().proto(4).stackGlobal('os', 'system').call('x').stop(),
    pickle().proto(2).op('EMPTY_DICT').op('MARK').str('a').int(1).op('SETITEMS').put(1).get(1).op('TUPLE2').stop(),
  ];
  it('never throws, and ends each pickle at STOP or at a fault', () => {
    fc.assert(
      fc.property(fc.oneof(stream, fc.uint8Array({ maxLength: 200 }), mutated(samples)), (bytes) => {
        const report = parseBytes(
          readPickles(bytes.length, () => {}, limits),
          bytes,
        );
        expect(report.pickles.length).toBeGreaterThan(0);
        for (const one of report.pickles) if (one.fault === undefined) expect(bytes[one.end - 1]).toBe(OP.STOP);
      }),
      runs,
    );
  });
});

describe('the other readers', () => {
  const archives = [
    zip([
      { name: 'a', data: Buffer.from('x') },
      { name: 'b', data: Buffer.alloc(99), deflate: true },
    ]),
  ];
  const tensors = [safetensors({ a: { dtype: 'U8', shape: [4], data_offsets: [0, 4] } }, new Uint8Array(4))];
  const any = fc.oneof(fc.uint8Array({ maxLength: 300 }), mutated([...archives, ...tensors, onnxModel()]));

  it('never throw', () => {
    fc.assert(
      fc.property(any, (bytes) => {
        const { length } = bytes;
        parseBytes(sniff(length), bytes);
        parseBytes(readZip(length), bytes);
        parseBytes(readSafetensors(length), bytes);
        parseBytes(readOnnx(length), bytes);
        parseBytes(readGguf(length), bytes);
        readJinja(Buffer.from(bytes).toString('utf8'));
        parseBytes(readNpy(length), bytes);
        readRequirements(Buffer.from(bytes).toString('utf8'));
      }),
      runs,
    );
  });

  it('say that a cut-off archive, model or tensor file is broken', () => {
    for (const [sample, broken] of [
      [archives[0]!, (b: Uint8Array) => parseBytes(readZip(b.length), b).faults.length > 0],
      [
        tensors[0]!,
        (b: Uint8Array) => {
          const r = parseBytes(readSafetensors(b.length), b);
          return r.fault !== undefined || r.problems.length > 0;
        },
      ],
      [
        onnxModel(),
        (b: Uint8Array) => {
          const r = parseBytes(readOnnx(b.length), b);
          return r.fault !== undefined || r.problems.length > 0;
        },
      ],
    ] as const)
      for (let cut = 0; cut < sample.length; cut++) expect([cut, broken(sample.subarray(0, cut))]).toEqual([cut, true]);
  });
});
