// `vallum gateway learn FILE --output RANGES`: bounds and categories of the training data, for the routes of a gateway. They stand
// in the file as they are; what is printed is masked.
import type { Sha256 } from '@vallum/core';
import { digestDirectory, digestFile, digestTree, sha256, VallumError } from '@vallum/core';
import { maskedCell, maskedText } from '@vallum/data';
import type { GatewayRanges, LearnAs, RangeColumn } from '@vallum/gateway';
import { learnFromProfile, learnFromTable, rangesBytes } from '@vallum/gateway';
import { profileAt } from '@vallum/monitor';
import type { Profile } from '@vallum/stats';
import type { Answer, Io } from '../answer.js';
import { EXIT } from '../exit.js';
import { printable, table as aligned } from '../output/style.js';
import { tellProgress, withTable } from '../project/open-named-table.js';
import { writeFresh } from '../project/write-fresh.js';

export interface LearnCommandOptions {
  readonly output: string;
  readonly margin: string;
  readonly ignore?: readonly string[];
  readonly as?: LearnAs;
}

interface ColumnSummary {
  readonly name: string;
  readonly check: RangeColumn['check'];
  /** Of numbers, masked where they have many digits, and without the margin. */
  readonly minimum?: string;
  readonly maximum?: string;
  /** How many. */
  readonly categories?: number;
  /** Why nothing is checked. */
  readonly why?: string;
}

/** @throws VallumError `LEARN_OPTION`, `LEARN_COLUMN`, `LEARN_EMPTY`, `LEARN_TEXTS`, `OUT_EXISTS`, and those of the readers */
export async function gatewayLearnCommand(io: Io, path: string, options: LearnCommandOptions): Promise<Answer> {
  const margin = readMargin(options.margin);
  io.progress.say(`hashing ${printable(path)}`);
  const digest = await digestOf(io, path);
  const notes: string[] = [];
  const profile = await profileAt(io.disk, path);
  const learned =
    profile === undefined
      ? await learnRows(io, path, { ...options, margin, digest, notes })
      : learnProfile(profile.profile, { ...options, margin, digest });
  const bytes = rangesBytes(learned);
  await writeFresh(io, options.output, bytes);
  const { source, rows } = learned;
  const columns = 'columns' in learned ? learned.columns.map(summary) : undefined;
  const tensor = 'tensor' in learned ? shownTensor(learned.tensor) : undefined;
  const json = {
    schema: 'vallum/gateway-learn/v1',
    path,
    source,
    rows,
    margin,
    ...(columns === undefined ? {} : { columns }),
    ...(tensor === undefined ? {} : { tensor }),
    notes,
    ranges: { out: options.output, sha256: sha256(bytes), bytes: bytes.length },
  };
  const told = columns === undefined ? tensorText(tensor) : columnsText(columns);
  const text = [
    `${printable(path)}: ${rows} rows, bounds are widened by ${margin} of the range at each end`,
    told,
    ...notes.map((note) => `note: ${printable(note)}`),
    `The ranges are ${printable(options.output)}; bounds and categories stand in it as they are.`,
  ];
  return { exit: EXIT.pass, text: text.join('\n'), json };
}

function readMargin(text: string): number {
  const value = /^\d*\.?\d+$/.test(text) ? Number(text) : NaN;
  if (value >= 0 && value <= 100) return value;
  throw new VallumError('LEARN_OPTION', `--margin ${JSON.stringify(text.slice(0, 40))} is no number from 0 to 100`, {
    fix: 'give a share of the range, such as 0.1',
  });
}

async function digestOf({ disk }: Io, path: string): Promise<Sha256> {
  const stat = await disk.stat(path);
  return stat?.kind === 'directory' ? digestDirectory(await digestTree(disk, path)) : digestFile(disk, path);
}

interface Learning {
  readonly margin: number;
  readonly digest: Sha256;
  readonly ignore?: readonly string[];
  readonly as?: LearnAs;
}

function learnRows(io: Io, path: string, learning: Learning & { notes: string[] }): Promise<GatewayRanges> {
  const { margin, digest, ignore, as, notes } = learning;
  return withTable(io, path, async (table) => {
    if (['images', 'texts', 'mails'].includes(table.format))
      throw new VallumError('LEARN_OPTION', `${path} is a folder of ${table.format}, which have no columns to learn`, {
        fix: 'save the features as npy, CSV or Parquet',
      });
    const tell = tellProgress(io, table);
    const learned = await learnFromTable(table, {
      sha256: digest,
      margin,
      progress: (rows) => tell(`${rows} rows read`),
      ...(ignore === undefined ? {} : { ignore }),
      ...(as === undefined ? {} : { as }),
    });
    for (const { message, column, count } of table.notes)
      notes.push(`${column === undefined ? '' : `${maskedText(column)}: `}${message} (${count})`);
    return learned;
  });
}

function learnProfile(profile: Profile, { margin, digest, ignore = [], as }: Learning): GatewayRanges {
  if (as === 'tensor')
    throw new VallumError('LEARN_OPTION', 'a profile is learned column by column', { fix: 'give the rows instead' });
  const unknown = ignore.find((name) => !profile.columns.some((column) => column.name === name));
  if (unknown !== undefined)
    throw new VallumError('LEARN_COLUMN', `the profile has no column ${JSON.stringify(unknown.slice(0, 80))}`, {
      fix: 'leave out names of its columns only',
    });
  const columns = profile.columns.filter(({ name }) => !ignore.includes(name));
  return learnFromProfile({ ...profile, columns }, { sha256: digest, margin });
}

function summary(column: RangeColumn): ColumnSummary {
  const name = maskedText(column.name);
  const { check } = column;
  switch (column.check) {
    case 'number':
      return { name, check, minimum: shown(column.minimum), maximum: shown(column.maximum) };
    case 'categories':
      return { name, check, categories: column.categories.length };
    case 'none':
      return { name, check, why: column.why };
    case 'boolean':
      return { name, check };
  }
}

function shown(value: number): string {
  return maskedCell(value, 'number');
}

interface ShownTensor {
  readonly elements: number;
  readonly minimum: string;
  readonly maximum: string;
}

function shownTensor({
  elements,
  minimum,
  maximum,
}: {
  elements: number;
  minimum: number;
  maximum: number;
}): ShownTensor {
  return { elements, minimum: shown(minimum), maximum: shown(maximum) };
}

function tensorText(tensor: ShownTensor | undefined): string {
  if (tensor === undefined) return '';
  return `  every number of a row of ${tensor.elements}: from ${tensor.minimum} to ${tensor.maximum}`;
}

function columnsText(columns: readonly ColumnSummary[]): string {
  const head = ['column', 'checked', 'from', 'to', ''];
  const rows = columns.map(({ name, check, minimum, maximum, categories, why }) => [
    printable(name),
    check,
    minimum ?? '',
    maximum ?? '',
    categories === undefined ? (why ?? '') : `${categories} categories`,
  ]);
  return aligned([head, ...rows].map((row) => row.map((text) => ({ text }))));
}
