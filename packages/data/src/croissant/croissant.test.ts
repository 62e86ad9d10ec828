// Cards: what is written is read, what was changed is found, and what somebody else wrote is read or refused.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '@vallum/core';
import { sha256, VallumError } from '@vallum/core';
import type { Column } from '@vallum/formats';
import { memoryTable } from '../tables/testing/memory-table.js';
import { readRaiFacts } from './rai.js';
import { readCard } from './read-card.js';
import { verifyCard } from './verify-card.js';
import { wholeColumns } from './whole-columns.js';
import { writeCard } from './write-card.js';

const bytesOf = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const refusal = (bytes: Uint8Array): string => {
  try {
    readCard(bytes);
    return 'read';
  } catch (error) {
    return error instanceof VallumError ? `${error.code}: ${error.message}` : `other: ${String(error)}`;
  }
};

const columns: readonly Column[] = [
  { name: 'x', type: 'number', stored: 'csv' },
  { name: 'when', type: 'time', stored: 'csv' },
  { name: 'y "label"', type: 'text', stored: 'csv' },
];
const file = { path: 'train.csv', sha256: sha256('rows'), bytes: 4 };
const rai = { dataBiases: ['one', 'two'], dataCollectionTimeFrame: ['2025'] };
const written = writeCard({ name: 'mails', license: 'https://spdx.org/licenses/CC0-1.0', rai }, [file], {
  format: 'csv',
  columns,
});
const card = readCard(bytesOf(written));

describe('a card that was written', () => {
  it('is read as what it says', () => {
    expect(card).toMatchObject({
      version: '1.1',
      name: 'mails',
      license: ['https://spdx.org/licenses/CC0-1.0'],
      files: [{ id: 'train.csv', sha256: file.sha256, bytes: 4, encodingFormat: 'text/csv' }],
      rai,
      notes: [],
    });
    expect(card.recordSets[0]?.fields.map(({ column, dataTypes }) => [column, dataTypes])).toEqual([
      ['x', ['Float']],
      ['when', ['DateTime']],
      ['y "label"', ['Text']],
    ]);
  });

  it('calls numbers whole where all values were', async () => {
    const table = memoryTable(
      { n: [1, null, 3e15], x: [1, 2, 2.5], none: [null, null, null], odd: [1, Infinity, 2], t: ['1', '2', '3'] },
      { batch: 1, types: { none: 'number' } },
    );
    const whole = await wholeColumns(table);
    const card = writeCard({ name: 'm' }, [file], { format: 'csv', columns: table.columns, whole });
    const [set] = readCard(bytesOf(card)).recordSets;
    expect(set?.fields.map(({ dataTypes }) => dataTypes[0])).toEqual(['Integer', 'Float', 'Float', 'Float', 'Text']);
  });

  it('holds for the bytes and columns that it was written for', () => {
    expect(verifyCard(card, [file], columns)).toEqual({ findings: [], verified: ['train.csv'], notExamined: [] });
  });

  it.each<[string, typeof file, readonly Column[], readonly string[]]>([
    ['other bytes', { ...file, sha256: sha256('rovs') }, columns, ['card.digest']],
    ['another size', { ...file, sha256: sha256('more'), bytes: 5 }, columns, ['card.size', 'card.digest']],
    ['another type', file, [{ ...columns[0], type: 'text' } as Column, ...columns.slice(1)], ['card.column-type']],
    [
      'a lost and a new column',
      file,
      [...columns.slice(1), { name: 'z', type: 'text', stored: 'csv' }],
      ['card.column-missing', 'card.column-undeclared'],
    ],
  ])('does not hold for %s', (_, at, table, rules) => {
    expect(verifyCard(card, [at], table).findings.map(({ rule }) => rule)).toEqual(rules);
  });

  it('of several files names those that are missing and those that nobody declared', () => {
    const two = writeCard({ name: 'm' }, [file, { ...file, path: 'a/b.csv' }], { format: 'csv', columns });
    const report = verifyCard(readCard(bytesOf(two)), [file, { ...file, path: 'c.csv' }], columns);
    expect(report.findings.map(({ rule }) => rule)).toEqual(['card.file-missing', 'card.file-undeclared']);
    expect([report.verified, report.notExamined.map(({ what }) => what)]).toEqual([
      ['train.csv'],
      ['the file set files'],
    ]);
  });

  it('declares no columns for files that Croissant cannot take apart', () => {
    expect(writeCard({ name: 'm' }, [file], { format: 'mails', columns })).not.toHaveProperty('recordSet');
  });
});

describe('a card of somebody else', () => {
  const minimal: JsonObject = {
    '@type': 'https://schema.org/Dataset',
    'http://purl.org/dc/terms/conformsTo': { '@id': 'http://mlcommons.org/croissant/1.0' },
    name: 'n',
  };

  it('may use full addresses, languages and both spellings', () => {
    const read = readCard(
      bytesOf({
        ...minimal,
        name: { en: 'mails' },
        'sc:distribution': [
          {
            '@type': 'cr:FileObject',
            '@id': 'f',
            contentUrl: 'https://example.org/f.csv',
            sha256: 'A'.repeat(64),
            contentSize: '2.3 MB',
          },
        ],
        'cr:recordSet': {
          '@id': 'r',
          'cr:field': {
            '@id': 'r/x',
            dataType: ['sc:Integer'],
            source: { fileObject: { '@id': 'f' }, extract: { column: 'x' } },
          },
        },
        'rai:dataCollectionTimeframe': '2024',
        'http://mlcommons.org/croissant/RAI/dataCollectionTimeFrame': { '@value': '2025' },
        'rai:unheardOf': 'x',
      }),
    );
    expect(read).toMatchObject({
      version: '1.0',
      name: 'mails',
      files: [{ sha256: 'a'.repeat(64), bytes: undefined }],
      recordSets: [{ fields: [{ name: 'x', dataTypes: ['Integer'], file: 'f', column: 'x' }] }],
      rai: { dataCollectionTimeFrame: ['2024', '2025'] },
      notes: ['rai:unheardOf is not of the vocabulary'],
    });
  });

  it('without a digest proves nothing', () => {
    const read = readCard(
      bytesOf({ ...minimal, distribution: [{ '@type': 'cr:FileObject', '@id': 'train.csv', md5: 'x' }] }),
    );
    const report = verifyCard(read, [file], undefined);
    expect([report.findings, report.verified, report.notExamined.map(({ what }) => what)]).toEqual([
      [],
      [],
      ['train.csv', 'fields'],
    ]);
  });

  it.each([
    ['no version', { '@type': 'sc:Dataset', name: 'n' }, 'conforms to Croissant'],
    [
      'an unknown version',
      { ...minimal, 'http://purl.org/dc/terms/conformsTo': 'http://mlcommons.org/croissant/2.0' },
      'conforms to',
    ],
    ['another type', { ...minimal, '@type': 'sc:Person' }, 'not Dataset'],
    ['no name', { ...minimal, name: '' }, 'no name'],
    ['a list', [], 'no object'],
    ['one property under two names', { ...minimal, distribution: [], 'sc:distribution': [] }, 'stands twice'],
    ['a digest that is none', { ...minimal, distribution: { '@id': 'a', sha256: 'xyz' } }, 'is none'],
    ['a file without id', { ...minimal, distribution: {} }, 'no id and no name'],
    ['files that are no objects', { ...minimal, distribution: ['a'] }, 'no object'],
  ])('with %s is refused', (_, value, why) => {
    expect(refusal(bytesOf(value))).toContain(why);
  });

  it('is read or refused, whatever it holds', () => {
    const key = fc.constantFrom(
      'distribution',
      'cr:recordSet',
      'rai:dataBiases',
      'name',
      'license',
      'field',
      '@id',
      'sha256',
      'source',
      'extract',
      '__proto__',
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.string(),
        fc.integer(),
        fc.constant(null),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(key, tie('value'), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(fc.dictionary(key, value, { maxKeys: 5 }), (fields) =>
        /^read$|^DATA_CARD|^JSON_/.test(refusal(bytesOf({ ...minimal, ...fields }))),
      ),
      { numRuns: 1000 },
    );
    fc.assert(fc.property(fc.uint8Array(), (bytes) => /^DATA_CARD|^JSON_/.test(refusal(bytes))));
  });
});

describe('facts for a card', () => {
  it('are read in both spellings', () => {
    expect(readRaiFacts(Buffer.from('dataBiases: [a, b]\nrai:useCases: c\n'))).toEqual({
      dataBiases: ['a', 'b'],
      dataUseCases: ['c'],
    });
  });

  it.each([
    ['dataBias: x', 'no property of the RAI'],
    ['dataBiases: {a: {b: 1}}', 'no text'],
    ['- a', 'no mapping'],
  ])('%s is refused', (text, why) => expect(() => readRaiFacts(Buffer.from(text))).toThrow(why));
});
