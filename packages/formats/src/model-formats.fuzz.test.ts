// Hostile bytes for the readers of MessagePack, UBJSON, LightGBM, XML and R: none throws, none runs on, none asks for bytes
// beyond the input, and what is cut off is said to be so.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Parser } from './bytes/parser.js';
import { readLightgbm } from './lightgbm/read-lightgbm.js';
import { looksLikeMsgpack, MSGPACK_LIMITS, readMsgpack } from './msgpack/read-msgpack.js';
import { RDS_LIMITS, readRds } from './rds/read-rds.js';
import { flaxArray, msgpack, numpyArray, rds, rItem, ubjson } from './testing/index.js';
import { looksLikeUbjson, readUbjson, UBJSON_LIMITS } from './ubjson/read-ubjson.js';
import { readXml, XML_LIMITS } from './xml/read-xml.js';

const runs = { numRuns: 800 };
const MAX_READS = 20_000;

const edit = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), byte: fc.nat(255), kind: fc.nat(3) });

/** Samples with a few bytes changed, added or cut off. */
function mutations(samples: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(fc.constantFrom(...samples), fc.array(edit, { minLength: 1, maxLength: 6 }))
    .map(([sample, edits]) => {
      let bytes = Buffer.from(sample);
      for (const { at, byte, kind } of edits) {
        const index = Math.floor(at * bytes.length);
        const [before, after] = [bytes.subarray(0, index), bytes.subarray(index)];
        if (kind === 0) bytes[index] = byte;
        else if (kind === 1) bytes = before;
        else if (kind === 2) bytes = Buffer.concat([before, Uint8Array.of(byte), after]);
        // The highest bit of a count makes it huge or negative.
        else if (index < bytes.length) bytes[index] = (bytes[index] ?? 0) ^ 0x80;
      }
      return bytes;
    });
}

/** Runs a reader, and counts what it asks for. */
function run<T>(parser: Parser<T>, bytes: Uint8Array): T {
  let step = parser.next();
  for (let reads = 0; step.done !== true; reads++) {
    const { offset, length } = step.value;
    if (reads > MAX_READS) throw new Error('it asks for more and more');
    step = parser.next(bytes.subarray(offset, offset + length));
  }
  return step.value;
}

const documents = [
  msgpack({ params: { w: flaxArray([2, 2], 'float32', new Uint8Array(16)), list: [1, -1, 1.5, null, true, 'text'] } }),
  msgpack({ a: numpyArray('O', [['', '|O']], [1], Buffer.from('cos\nsystem\n')), b: new Uint8Array(40) }),
];
const models = [
  ubjson({ learner: { a: [1, 2, 3], b: [0.5], c: ['x', { d: null }], e: true }, version: [3, 0, 0] }),
  Buffer.from('[$i#U\x03\x01\x02\x03'),
];
const trees = [
  Buffer.from(
    'tree\nversion=v4\nmax_feature_idx=1\ntree_sizes=90\n\nTree=0\nnum_leaves=2\nsplit_feature=0\nthreshold=1\nleft_child=-1\nright_child=-2\nleaf_value=1 2\n\n\nend of trees\n\nparameters:\n[a: b]\n\nend of parameters\n\npandas_categorical:null\n',
  ),
];
const pages = [
  Buffer.from(
    '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "&b;"><!ENTITY % c SYSTEM "x">]><r q="1"><!-- c --><![CDATA[x]]>t</r>',
  ),
  Buffer.from("<a><b c='d>'/>text<?p i?></a>", 'utf16le'),
];
const objects = [
  rds(rItem.list(rItem.integers(1, 2), rItem.promise(rItem.call('f', rItem.strings('x'))))),
  rds(rItem.environment('x', rItem.altrep('compact_intseq', 'base', rItem.integers(1)))),
];
const any = (samples: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> =>
  fc.oneof({ weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) }, { weight: 4, arbitrary: mutations(samples) });

describe('readers of models', () => {
  it('of MessagePack never throw', () => {
    fc.assert(
      fc.property(any(documents), (bytes) => {
        run(looksLikeMsgpack(bytes.length), bytes);
        const report = run(readMsgpack(bytes.length, { ...MSGPACK_LIMITS, maxValues: 5000 }), bytes);
        expect(report.end).toBeLessThanOrEqual(bytes.length);
      }),
      runs,
    );
  });

  it('of UBJSON never throw', () => {
    fc.assert(
      fc.property(any(models), (bytes) => {
        run(looksLikeUbjson(bytes.length), bytes);
        const report = run(readUbjson(bytes.length, { ...UBJSON_LIMITS, maxValues: 5000 }), bytes);
        expect(report.value === undefined).toBe(report.fault !== undefined);
      }),
      runs,
    );
  });

  it('of LightGBM, XML and R never throw', () => {
    fc.assert(
      fc.property(any([...trees, ...pages, ...objects]), (bytes) => {
        run(readLightgbm(bytes.length), bytes);
        run(readXml(bytes.length, {}, { ...XML_LIMITS, maxTokens: 5000 }), bytes);
        run(readRds(bytes.length, { ...RDS_LIMITS, maxItems: 5000 }), bytes);
      }),
      runs,
    );
  });

  it('say that what is cut off is broken', () => {
    for (const sample of documents)
      for (let cut = 1; cut < sample.length; cut++) {
        const report = run(readMsgpack(cut), sample.subarray(0, cut));
        expect([cut, report.fault === undefined && report.end === cut]).toEqual([cut, false]);
      }
    for (const sample of models)
      for (let cut = 1; cut < sample.length; cut++)
        expect([cut, run(readUbjson(cut), sample.subarray(0, cut)).fault]).not.toEqual([cut, undefined]);
    for (const sample of objects)
      for (let cut = 1; cut < sample.length; cut++)
        expect([cut, run(readRds(cut), sample.subarray(0, cut)).fault]).not.toEqual([cut, undefined]);
    for (const sample of pages)
      for (let cut = 2; cut < sample.length; cut += 2)
        expect([cut, run(readXml(cut), sample.subarray(0, cut)).closed]).toEqual([cut, false]);
  });

  it('stop at their limits', () => {
    const many = msgpack(Array.from({ length: 100 }, (_, index) => index));
    expect(run(readMsgpack(many.length, { ...MSGPACK_LIMITS, maxValues: 50 }), many).fault).toMatch(/more than 50/);
    const deep = Buffer.concat([Buffer.alloc(1000, 0x91), Uint8Array.of(1)]);
    expect(run(readMsgpack(deep.length), deep).fault).toMatch(/nested deeper/);
    const lists = Buffer.alloc(1000, 0x5b);
    expect(run(readUbjson(lists.length), lists).fault).toMatch(/nested deeper/);
    const nulls = Buffer.concat([Buffer.from('[$Z#L'), Buffer.from('7fffffffffffffff', 'hex')]);
    expect(run(readUbjson(nulls.length), nulls).fault).toMatch(/announces/);
    const pairs = rds(Buffer.concat(Array.from({ length: 3000 }, () => Buffer.from('0000001300000001', 'hex'))));
    expect(run(readRds(pairs.length), pairs).fault).toMatch(/nested deeper/);
    const tags = Buffer.from('<a>'.repeat(2000));
    expect(run(readXml(tags.length), tags).fault).toMatch(/nested deeper/);
    const tag = Buffer.from(`<a b="${'x'.repeat(100_000)}`);
    expect(run(readXml(tag.length, {}, { ...XML_LIMITS, maxToken: 1000 }), tag).fault).toMatch(/more than 1000/);
  });

  it('know no random numbers for theirs', () => {
    let found = 0;
    fc.assert(
      // Every byte as likely as any other: fast-check prefers small ones, which spell short values.
      fc.property(fc.noBias(fc.uint8Array({ minLength: 64, maxLength: 300 })), (bytes) => {
        if (run(looksLikeMsgpack(bytes.length), bytes) || run(looksLikeUbjson(bytes.length), bytes)) found += 1;
      }),
      { numRuns: 2000 },
    );
    expect(found).toBeLessThanOrEqual(8);
  });
});
