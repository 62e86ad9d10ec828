// zstd against frames that its reference library wrote (python-zstandard 0.25): all bytes, the exact end, what is told when it
// is broken; as a stream and at once.
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import frames from '../testing/zstd-frames.json' with { type: 'json' };
import { unpackBytes } from './unpacker.js';
import { Xxh64 } from './xxh64.js';
import { unpackZstd, zstdInto } from './zstd.js';

const MAX = 1_000_000;
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const SAMPLES = Object.entries(frames).flatMap(([name, { bytes, sha256: digest, frames: packed }]) =>
  Object.entries(packed).map(
    ([how, base64]) => [`${name}, ${how}`, { bytes, digest, packed: Buffer.from(base64, 'base64') }] as const,
  ),
);
const CHECKED = SAMPLES.filter(([name]) => name.includes('checked'));
const SKIPPED = Buffer.from('502a4d1803000000616263', 'hex');

describe.each(SAMPLES)('%s', (_name, { bytes, digest, packed }) => {
  it('is unpacked to its end, as a stream', () => {
    const input = Buffer.concat([packed, Buffer.from('behind')]);
    const { bytes: out, end, fault } = unpackBytes(unpackZstd(input.length), input, MAX);
    expect([out.length, sha256(out), end, fault]).toEqual([bytes, digest, packed.length, undefined]);
  });

  it('is unpacked at once', () => {
    const out = new Uint8Array(bytes);
    expect([zstdInto(packed, out), sha256(out)]).toEqual([bytes, digest]);
    expect(bytes === 0 || zstdInto(packed, new Uint8Array(bytes - 1)) === undefined).toBe(true);
  });
});

it('reads several frames, and skips what is to be skipped', () => {
  const one = SAMPLES[0]![1];
  const input = Buffer.concat([SKIPPED, one.packed, SKIPPED, one.packed, SKIPPED]);
  const { bytes, end, fault } = unpackBytes(unpackZstd(input.length), input, MAX);
  expect([bytes.length, end, fault]).toEqual([2 * one.bytes, input.length, undefined]);
  expect(zstdInto(input, new Uint8Array(2 * one.bytes))).toBe(2 * one.bytes);
});

it('is told to be cut off wherever it is cut', () => {
  for (const [name, { packed, bytes }] of SAMPLES.filter(([, sample]) => sample.packed.length < 600))
    for (let cut = 0; cut < packed.length; cut++) {
      const part = packed.subarray(0, cut);
      expect([name, cut, unpackBytes(unpackZstd(cut), part, MAX).fault]).not.toEqual([name, cut, undefined]);
      expect(cut === 0 || zstdInto(part, new Uint8Array(bytes)) === undefined).toBe(true);
    }
});

it('is told to be spoilt when a byte of a checked frame differs', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...CHECKED.map(([name]) => name)),
      fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
      fc.integer({ min: 1, max: 255 }),
      (name, place, by) => {
        const { packed, bytes, digest } = CHECKED.find(([one]) => one === name)![1];
        const copy = Buffer.from(packed);
        const at = Math.floor(place * copy.length);
        copy[at] = copy[at]! ^ by;
        const { bytes: out, fault } = unpackBytes(unpackZstd(copy.length), copy, MAX);
        // A few bits of the header say nothing about the content.
        if (fault === undefined) expect(sha256(out)).toBe(digest);
        const whole = new Uint8Array(bytes);
        if (zstdInto(copy, whole) === bytes) expect(sha256(whole)).toBe(digest);
      },
    ),
  );
});

it('agrees with itself on anything, as a stream and at once, and never runs on', () => {
  const edits = fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), fc.nat(255)), {
    minLength: 1,
    maxLength: 4,
  });
  fc.assert(
    fc.property(fc.nat(SAMPLES.length - 1), edits, (index, changes) => {
      const copy = Buffer.from(SAMPLES[index]![1].packed);
      for (const [place, byte] of changes) copy[Math.floor(place * copy.length)] = byte;
      const { bytes: out, fault, cut, end } = unpackBytes(unpackZstd(copy.length), copy, MAX);
      expect(out.length).toBeLessThanOrEqual(MAX);
      if (cut) return;
      const whole = new Uint8Array(out.length);
      const read = zstdInto(copy, whole);
      if (fault === undefined && end === copy.length) expect([read, sha256(whole)]).toEqual([out.length, sha256(out)]);
      else expect(read).toBe(undefined);
    }),
  );
});

it('says what it does not read', () => {
  const faultOf = (hex: string): string | undefined => {
    const input = Buffer.from(hex, 'hex');
    return unpackBytes(unpackZstd(input.length), input, MAX).fault?.kind;
  };
  expect(faultOf('28b52ffd0058')).toBe('cut-off');
  // A dictionary, a flag that is not defined, a window of 2 TiB.
  expect(faultOf('28b52ffd0158010203')).toBe('unsupported');
  expect(faultOf('28b52ffd010801000000')).toBe('unsupported');
  expect(faultOf('28b52ffd00f8010000')).toBe('unsupported');
  expect(faultOf('00000000')).toBe('broken');
});

it('has the checksum of xxHash, in any pieces', () => {
  const bytes = Uint8Array.from({ length: 101 }, (_, at) => (at * 37) & 255);
  const whole = new Xxh64();
  whole.update(bytes);
  const parts = new Xxh64();
  for (let at = 0; at < bytes.length; at += 7) parts.update(bytes.subarray(at, at + 7));
  expect(parts.digest()).toBe(whole.digest());
  // The hash of nothing, ef46db3751d8e999 in the specification.
  expect(new Xxh64().digest()).toBe(0x51d8e999);
});
