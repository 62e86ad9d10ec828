// Writes a Croissant 1.1 card: the files with their digests, the columns with their types, the facts that people gave. Nothing
// is made up: what nobody said is left out, and a validator will remark on it.
import type { JsonObject, Sha256 } from '@vallum/core';
import type { Column } from '@vallum/formats';
import type { RaiFacts } from './rai.js';

export interface CardFacts {
  readonly name: string;
  readonly description?: string;
  readonly license?: string;
  readonly url?: string;
  readonly rai?: RaiFacts;
}

export interface FileFacts {
  /** Relative to the card. */
  readonly path: string;
  readonly sha256: Sha256;
  readonly bytes: number;
}

export interface TableFacts {
  readonly format: string;
  readonly columns: readonly Column[];
  /** Names of columns whose values are all whole, where somebody looked: see `wholeColumns`. */
  readonly whole?: ReadonlySet<string>;
}

/** Formats whose columns Croissant knows how to name; of folders of images, texts or mails it gets the files alone. */
const ENCODINGS: Readonly<Record<string, string>> = {
  csv: 'text/csv',
  tsv: 'text/tab-separated-values',
  jsonl: 'application/jsonlines',
  parquet: 'application/x-parquet',
  arrow: 'application/vnd.apache.arrow.file',
};
const CONTEXT: JsonObject = {
  '@language': 'en',
  '@vocab': 'https://schema.org/',
  arrayShape: 'cr:arrayShape',
  citeAs: 'cr:citeAs',
  column: 'cr:column',
  conformsTo: 'dct:conformsTo',
  containedIn: 'cr:containedIn',
  cr: 'http://mlcommons.org/croissant/',
  data: { '@id': 'cr:data', '@type': '@json' },
  dataType: { '@id': 'cr:dataType', '@type': '@vocab' },
  dct: 'http://purl.org/dc/terms/',
  description: { '@container': '@language' },
  equivalentProperty: 'cr:equivalentProperty',
  examples: { '@id': 'cr:examples', '@type': '@json' },
  extract: 'cr:extract',
  field: 'cr:field',
  fileObject: 'cr:fileObject',
  fileProperty: 'cr:fileProperty',
  fileSet: 'cr:fileSet',
  format: 'cr:format',
  includes: 'cr:includes',
  isArray: 'cr:isArray',
  isLiveDataset: 'cr:isLiveDataset',
  jsonPath: 'cr:jsonPath',
  key: 'cr:key',
  md5: 'cr:md5',
  name: { '@container': '@language' },
  parentField: 'cr:parentField',
  path: 'cr:path',
  rai: 'http://mlcommons.org/croissant/RAI/',
  recordSet: 'cr:recordSet',
  references: 'cr:references',
  regex: 'cr:regex',
  repeated: 'cr:repeated',
  replace: 'cr:replace',
  samplingRate: 'cr:samplingRate',
  sc: 'https://schema.org/',
  separator: 'cr:separator',
  source: 'cr:source',
  subField: 'cr:subField',
  transform: 'cr:transform',
};

/** @param files in the order of the card; one: the columns are those of it, several: of all that have its extension */
export function writeCard(facts: CardFacts, files: readonly FileFacts[], table: TableFacts): JsonObject {
  const { name, description, license, url, rai = {} } = facts;
  const encoding = ENCODINGS[table.format];
  const [only] = files;
  const isSet = files.length > 1;
  const source = isSet ? { fileSet: { '@id': SET_ID } } : { fileObject: { '@id': only?.path ?? '' } };
  return {
    '@context': CONTEXT,
    '@type': 'sc:Dataset',
    name,
    conformsTo: [
      'http://mlcommons.org/croissant/1.1',
      ...(Object.keys(rai).length === 0 ? [] : ['http://mlcommons.org/croissant/RAI/1.0']),
    ],
    ...(description === undefined ? {} : { description }),
    ...(license === undefined ? {} : { license }),
    ...(url === undefined ? {} : { url }),
    distribution: [
      ...files.map((file) => fileObject(file, encoding)),
      ...(isSet && encoding !== undefined ? [fileSet(files, encoding)] : []),
    ],
    ...(encoding === undefined ? {} : { recordSet: [recordSet(table, source)] }),
    ...Object.fromEntries(
      Object.entries(rai).map(([key, texts]) => [`rai:${key}`, texts.length === 1 ? (texts[0] ?? '') : texts]),
    ),
  };
}

const SET_ID = 'files';

function fileObject({ path, sha256, bytes }: FileFacts, encoding: string | undefined): JsonObject {
  return {
    '@type': 'cr:FileObject',
    '@id': path,
    name: path,
    contentUrl: path,
    contentSize: `${bytes} B`,
    encodingFormat: encoding ?? 'application/octet-stream',
    sha256,
  };
}

function fileSet(files: readonly FileFacts[], encoding: string): JsonObject {
  const extension = /\.[^./]+$/.exec(files[0]?.path ?? '')?.[0] ?? '';
  return { '@type': 'cr:FileSet', '@id': SET_ID, name: SET_ID, encodingFormat: encoding, includes: `**/*${extension}` };
}

function recordSet({ columns, whole }: TableFacts, source: JsonObject): JsonObject {
  return {
    '@type': 'cr:RecordSet',
    '@id': 'rows',
    name: 'rows',
    field: columns.map((column) => ({
      '@type': 'cr:Field',
      '@id': `rows/${column.name}`,
      name: column.name,
      dataType: dataType(column, whole?.has(column.name) === true),
      source: { ...source, extract: { column: column.name } },
    })),
  };
}

function dataType({ type, stored }: Column, isWhole: boolean): string {
  if (type === 'number') return isWhole || /^u?int/i.test(stored) ? 'sc:Integer' : 'sc:Float';
  if (type === 'boolean') return 'sc:Boolean';
  return type === 'time' ? 'sc:DateTime' : 'sc:Text';
}
