// Sections about what rows say rather than how they are written: label issues, outliers, poisoning. They share a sample of
// rows and the matrices handed in, and nothing else: an answer of one is never an answer of another.
import { VallumError } from '@vallum/core';
import type { Table } from '@vallum/formats';
import type { SectionId, SectionResult } from '../../tables/finding.js';
import type { ColumnRoles } from '../roles.js';
import type { Beside } from './beside.js';
import { fromGiven } from './given-probabilities.js';
import { examineLabels } from './label-section.js';
import { examineOutliers } from './outlier-section.js';
import { fromFeatures } from './own-probabilities.js';
import { examinePoison } from './poison-section.js';
import type { RowSample } from './row-sample.js';
import { MAX_COLUMNS, numbersOf, sampleRows } from './row-sample.js';

export interface ContentRequest {
  readonly table: Table;
  readonly rows: number;
  readonly roles: ColumnRoles;
  readonly beside: Beside;
  readonly seed: number;
  readonly progress: (message: string) => void;
  readonly signal: AbortSignal | undefined;
}

export type ContentSection = Extract<SectionId, 'label-issues' | 'outliers' | 'poisoning'>;

/** A text says why a section was not examined. */
export type ContentAnswers = Readonly<Record<ContentSection, SectionResult | string>>;

/**
 * @throws VallumError `DATA_MATRIX`, `LABELS_INPUT`, `POISON_INPUT`, `STATS_INPUT` for matrices that do not fit, `TABLE_*`
 */
export async function examineContent(request: ContentRequest): Promise<ContentAnswers> {
  const { rows, progress, seed, signal } = request;
  const none = 'the table has no rows';
  if (rows === 0) return { 'label-issues': none, outliers: none, poisoning: none };
  progress('reading the rows that are compared');
  const sample = await sampleRows(request.table, rows, request);
  progress('asking whose label looks wrong');
  const labels = await orWhy(() => labelAnswer(request, sample));
  progress('looking for rows unlike all others');
  const { features } = sample;
  const outliers =
    features === undefined ? whyNoFeatures(request) : await orWhy(() => examineOutliers(sample, features, signal));
  const question = {
    sample,
    image: request.beside.image,
    seed,
    signal: signal ?? new AbortController().signal,
    progress,
  };
  const poisoning =
    request.roles.label === undefined ? 'no label was named (--label)' : await orWhy(() => examinePoison(question));
  return { 'label-issues': labels, outliers, poisoning };
}

async function labelAnswer(request: ContentRequest, sample: RowSample): Promise<SectionResult | string> {
  const { table, roles, beside, seed, signal } = request;
  const label = table.columns.find(({ name }) => name === roles.label);
  if (label === undefined) return 'no label was named (--label)';
  const { probabilities, classes } = beside;
  if (probabilities !== undefined) return examineLabels(await fromGiven(table, label, probabilities, classes, signal));
  const { features } = sample;
  if (features === undefined) return `no --probabilities were given, and ${whyNoFeatures(request)}`;
  const question = await fromFeatures(sample, features, label, seed, signal);
  return typeof question === 'string' ? question : examineLabels(question);
}

function whyNoFeatures({ table, roles }: ContentRequest): string {
  const isNumber = (type: string): boolean => type === 'number' || type === 'boolean';
  const numbers = table.columns.filter(({ type }) => isNumber(type)).length;
  return numbers > MAX_COLUMNS && numbersOf(table.columns, roles).length === 0
    ? `${numbers} number columns are more than the ${MAX_COLUMNS} that are compared: give --features`
    : 'there are no numbers that vary to compare rows by: give --features';
}

/** One class alone is a finding of the balance, and leaves nothing to compare. */
async function orWhy(work: () => Promise<SectionResult | string>): Promise<SectionResult | string> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof VallumError && error.code === 'LABELS_ONE_CLASS') return error.message;
    throw error;
  }
}
