import { describe, expect, it } from 'vitest';
import { derWriter } from '../testing/index.js';
import { DER_LIMITS, DerError, readDer } from './der.js';
import { bitString, booleanOf, integerBytes, namedBits, oidOf, smallInteger, timeOf } from './values.js';

const { bits, der, integer, octets, oid, sequence, setOf, utf8String } = derWriter;
const bytes = (...values: readonly number[]): Buffer => Buffer.of(...values);

describe('readDer', () => {
  it('reads what the writer wrote', () => {
    const root = readDer(sequence(integer(5), octets(Buffer.alloc(300, 1)), setOf(utf8String('b'), utf8String('a'))));
    expect(root.children.map((node) => node.tag)).toEqual([0x02, 0x04, 0x31]);
    expect(root.children[1]?.content.length).toBe(300);
    expect(root.children[2]?.children.map((node) => Buffer.from(node.content).toString())).toEqual(['a', 'b']);
  });

  it.each([
    ['nothing', bytes()],
    ['no length', bytes(0x30)],
    ['a length past the end', bytes(0x04, 5, 1)],
    ['bytes after the value', bytes(0x04, 0, 0)],
    ['an indefinite length', bytes(0x30, 0x80, 0, 0)],
    ['a long length for a short value', bytes(0x04, 0x81, 1, 0)],
    ['a length with a leading zero', Buffer.concat([bytes(0x04, 0x82, 0, 200), Buffer.alloc(200)])],
    ['a length of four bytes', bytes(0x04, 0x84, 0, 0, 0, 1, 0)],
    ['a tag of several bytes', bytes(0x1f, 0x81, 1, 0)],
    ['a constructed string', bytes(0x24, 2, 0x04, 0)],
    ['a primitive sequence', bytes(0x10, 0)],
    ['a set that is not in order', der(0x31, Buffer.concat([utf8String('b'), utf8String('a')]))],
    ['a child that overruns its parent', bytes(0x30, 2, 0x04, 3, 1, 1, 1)],
  ])('refuses %s', (_, input) => {
    expect(() => readDer(input)).toThrow(DerError);
  });

  it('refuses what is too deep, too many or too large', () => {
    let deep = octets(Buffer.of());
    for (let level = 0; level < DER_LIMITS.maxDepth; level += 1) deep = sequence(deep);
    expect(readDer(deep).tag).toBe(0x30);
    expect(() => readDer(sequence(deep))).toThrow(/deeper/);
    expect(() => readDer(sequence(...Array.from({ length: DER_LIMITS.maxNodes }, () => integer(1))))).toThrow(
      /elements/,
    );
    expect(() => readDer(octets(Buffer.alloc(DER_LIMITS.maxBytes)))).toThrow(/bytes/);
  });
});

describe('values', () => {
  const time = (tag: number, text: string): Date => timeOf(readDer(der(tag, Buffer.from(text))), 'it');

  it('reads times as certificates write them', () => {
    expect(time(0x17, '491231235959Z').toISOString()).toBe('2049-12-31T23:59:59.000Z');
    expect(time(0x17, '500101000000Z').toISOString()).toBe('1950-01-01T00:00:00.000Z');
    expect(time(0x18, '20500228000000Z').toISOString()).toBe('2050-02-28T00:00:00.000Z');
    expect(time(0x18, '00500228000000Z').getUTCFullYear()).toBe(50);
  });

  it.each([
    [0x17, '2612312359Z'],
    [0x17, '261231235959+0100'],
    [0x17, '260230000000Z'],
    [0x17, '260101240000Z'],
    [0x17, '260101006000Z'],
    [0x18, '20260101000000.5Z'],
    [0x18, '20261301000000Z'],
    [0x0c, '261231235959Z'],
  ])('refuses the time %i %s', (tag, text) => {
    expect(() => time(tag, text)).toThrow(DerError);
  });

  it('reads object identifiers, also long arcs and the arc 2', () => {
    for (const dotted of ['1.2.840.113549.1.1.11', '2.5.29.19', '2.999.3', '1.3.6.1.4.1.57264.1.18', '0.9.2342'])
      expect(oidOf(readDer(oid(dotted)), 'it')).toBe(dotted);
  });

  it.each([
    ['an empty identifier', () => oidOf(readDer(bytes(6, 0)), 'it')],
    ['an identifier cut in an arc', () => oidOf(readDer(bytes(6, 2, 0x2a, 0x86)), 'it')],
    ['a padded arc', () => oidOf(readDer(bytes(6, 3, 0x2a, 0x80, 1)), 'it')],
    [
      'an arc beyond 2^46',
      () => oidOf(readDer(bytes(6, 9, 0x2a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f)), 'it'),
    ],
    ['a padded integer', () => integerBytes(readDer(bytes(2, 2, 0, 1)), 'it')],
    ['an empty integer', () => integerBytes(readDer(bytes(2, 0)), 'it')],
    ['a negative small integer', () => smallInteger(readDer(bytes(2, 1, 0xff)), 'it')],
    ['a large small integer', () => smallInteger(readDer(integer(2 ** 32)), 'it')],
    ['a boolean of 1', () => booleanOf(readDer(bytes(1, 1, 1)), 'it')],
    ['a bit string with set padding', () => bitString(readDer(bits(bytes(0xff), 1)), 'it')],
    ['an empty bit string with padding', () => bitString(readDer(bits(bytes(), 3)), 'it')],
    ['named bits that end in zero', () => namedBits(readDer(bits(bytes(0x80), 0)), 'it')],
  ])('refuses %s', (_, read) => {
    expect(read).toThrow(DerError);
  });
});
