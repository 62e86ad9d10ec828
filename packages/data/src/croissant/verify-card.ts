// Holds a Croissant card to the bytes and columns at hand. Its addresses are compared with names of files and never followed:
// whoever wrote the card chose them.
import type { Severity } from '@vallum/core';
import type { Column } from '@vallum/formats';
import type { Card, CardField, CardFile } from './card.js';
import type { FileFacts } from './write-card.js';

export type CardRule =
  | 'card.digest'
  | 'card.size'
  | 'card.file-missing'
  | 'card.file-undeclared'
  | 'card.column-missing'
  | 'card.column-type'
  | 'card.column-undeclared';

export interface CardFinding {
  readonly rule: CardRule;
  readonly severity: Severity;
  readonly message: string;
}

export interface CardReport {
  readonly findings: readonly CardFinding[];
  /** Files whose digest the card declares, and that have it. */
  readonly verified: readonly string[];
  readonly notExamined: readonly { readonly what: string; readonly why: string }[];
}

const SEVERITY: Readonly<Record<CardRule, Severity>> = {
  'card.digest': 'critical',
  'card.size': 'high',
  'card.file-missing': 'high',
  'card.file-undeclared': 'medium',
  'card.column-missing': 'high',
  'card.column-type': 'medium',
  'card.column-undeclared': 'medium',
};
/** Types of Croissant that a column of a type may have. */
const FITTING: Readonly<Record<Column['type'], readonly string[]>> = {
  number: [
    'Float',
    'Integer',
    'Number',
    'Float16',
    'Float32',
    'Float64',
    'Int8',
    'Int16',
    'Int32',
    'Int64',
    'UInt8',
    'UInt16',
    'UInt32',
    'UInt64',
  ],
  boolean: ['Boolean'],
  time: ['DateTime', 'Date', 'Time'],
  text: ['Text', 'URL', 'Enumeration', 'Label', 'ImageObject', 'BoundingBox', 'AudioObject'],
};

/** @param columns undefined where the files at hand are no table */
export function verifyCard(
  card: Card,
  files: readonly FileFacts[],
  columns: readonly Column[] | undefined,
): CardReport {
  const findings: CardFinding[] = [];
  const notExamined: { what: string; why: string }[] = [];
  const verified: string[] = [];
  const tell = (rule: CardRule, message: string): void =>
    void findings.push({ rule, severity: SEVERITY[rule], message });
  const declared = new Map<FileFacts, CardFile>();
  for (const file of card.files) {
    if (file.containedIn.length > 0) {
      notExamined.push({ what: file.id, why: 'it lies in an archive, whose digest is declared' });
      continue;
    }
    const there = matching(file, files, card.files.length);
    if (there === undefined) {
      tell('card.file-missing', `${quoted(file.id)} is declared and not there`);
      continue;
    }
    declared.set(there, file);
    if (file.bytes !== undefined && file.bytes !== there.bytes)
      tell('card.size', `${quoted(there.path)} has ${there.bytes} bytes, and ${file.bytes} are declared`);
    if (file.sha256 === undefined) notExamined.push({ what: there.path, why: 'the card declares no SHA-256 of it' });
    else if (file.sha256 === there.sha256) verified.push(there.path);
    else
      tell(
        'card.digest',
        `${quoted(there.path)} has the digest ${there.sha256.slice(0, 12)}…, and ${file.sha256.slice(0, 12)}… is declared`,
      );
  }
  for (const { id } of card.fileSets)
    notExamined.push({ what: `the file set ${id}`, why: 'a set of files has no digest' });
  for (const file of files)
    if (!declared.has(file)) tell('card.file-undeclared', `${quoted(file.path)} is there and not declared`);
  if (columns === undefined) notExamined.push({ what: 'fields', why: 'the files at hand are no table' });
  else
    compareFields(
      card,
      columns,
      [...declared.values()].map(({ id }) => id),
      tell,
      notExamined,
    );
  return { findings, verified, notExamined };
}

/** By address, id or name; a card with one file may call it as it likes, where one file is at hand. */
function matching(file: CardFile, files: readonly FileFacts[], declared: number): FileFacts | undefined {
  const names = [file.contentUrl, file.id]
    .filter((name) => name !== undefined)
    .map((name) => name.replace(/^\.\//, ''));
  const byPath = files.find(({ path }) => names.includes(path));
  if (byPath !== undefined) return byPath;
  const last = (name: string): string => name.slice(name.lastIndexOf('/') + 1);
  const byName = files.filter(({ path }) => names.some((name) => last(name) === last(path)));
  const [only] = byName;
  if (only !== undefined && byName.length === 1) return only;
  return declared === 1 && files.length === 1 ? files[0] : undefined;
}

function compareFields(
  card: Card,
  columns: readonly Column[],
  fileIds: readonly string[],
  tell: (rule: CardRule, message: string) => void,
  notExamined: { what: string; why: string }[],
): void {
  const sources = new Set([...fileIds, ...card.fileSets.map(({ id }) => id)]);
  const fields = card.recordSets
    .flatMap((set) => set.fields)
    .filter(({ file, column }) => column !== undefined && (file === undefined || sources.has(file)));
  if (fields.length === 0) {
    notExamined.push({ what: 'fields', why: 'the card declares no column of these files' });
    return;
  }
  const byColumn = new Map<string, CardField>(fields.map((field) => [field.column ?? '', field]));
  for (const [name, field] of byColumn) {
    const column = columns.find((each) => each.name === name);
    if (column === undefined) tell('card.column-missing', `the column ${quoted(name)} is declared and not there`);
    else if (field.dataTypes.length > 0 && !field.dataTypes.some((type) => FITTING[column.type].includes(type)))
      tell(
        'card.column-type',
        `the column ${quoted(name)} is ${column.type}, and ${field.dataTypes.map(quoted).join(', ')} is declared`,
      );
  }
  for (const { name } of columns)
    if (!byColumn.has(name)) tell('card.column-undeclared', `the column ${quoted(name)} is there and not declared`);
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 80).replace(/\p{C}/gu, '?'));
}
