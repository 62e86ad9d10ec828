// `vallum drift`: two sets of rows compared, once. It writes a report and no evidence: that is what the running monitor does.
import { basename } from 'node:path';
import { VallumError, writeDurably } from '@vallum/core';
import { snippetOf } from '@vallum/data';
import type { Table } from '@vallum/formats';
import { openTable } from '@vallum/formats';
import type { CollectOptions, CountedCurrent, DriftOutcome, NamedProfile, Sample } from '@vallum/monitor';
import {
  collectSample,
  countTable,
  driftHtml,
  driftText,
  evidentlyDrift,
  evidentlyText,
  maskValues,
  measureDrift,
  profileAt,
} from '@vallum/monitor';
import type { Answer, Io } from '../answer.js';
import type { ExitCode } from '../exit.js';
import { EXIT } from '../exit.js';
import { printable } from '../output/style.js';
import type { DriftFlags } from './drift-flags.js';
import { readCompareOptions, readWindow, refuseFlags } from './drift-flags.js';

export interface DriftCommandOptions extends DriftFlags {
  readonly first?: string;
  readonly by?: string;
  readonly time?: string;
  readonly multivariate?: boolean;
  readonly columns?: readonly string[];
  readonly ignore?: readonly string[];
  readonly compatible?: string;
  readonly html?: string;
}

export async function driftCommand(
  io: Io,
  referencePath: string,
  currentPath: string,
  options: DriftCommandOptions,
): Promise<Answer> {
  refuseFlags(options);
  const settings = readCompareOptions(options);
  const window = readWindow(options.window);
  const notes: string[] = [];
  const read = async (path: string): Promise<Sample> =>
    named(path, readTable(io, path, { ...options, seed: settings.seed, notes }, collectSample));
  const count = async (path: string, profile: NamedProfile): Promise<CountedCurrent> =>
    named(
      path,
      readTable(io, path, { ...options, seed: settings.seed, notes }, (table, about) =>
        countTable(table, profile, about),
      ),
    );
  if (options.compatible !== undefined) {
    const report = evidentlyDrift(await read(referencePath), await read(currentPath));
    return { exit: exitOf(report.outcome), text: evidentlyText(report, printable), json: { ...report, notes } };
  }
  const baseline = async (path: string): Promise<NamedProfile | Sample> =>
    (await named(path, profileAt(io.disk, path))) ?? read(path);
  const reference = await baseline(referencePath);
  // Against a profile alone the current need not be held in memory, nor be drawn by lot.
  const countable = options.first === undefined && options.time === undefined && options.by === undefined;
  const request = {
    reference,
    current:
      'profile' in reference && countable && options.multivariate !== true
        ? await count(currentPath, reference)
        : await read(currentPath),
    ...(options.first === undefined ? {} : { first: await baseline(options.first) }),
    ...(options.by === undefined ? {} : { by: options.by }),
    ...(options.time === undefined ? {} : { time: { column: options.time, window } }),
    ...(options.multivariate === true ? { multivariate: true } : {}),
  };
  io.progress.say('comparing');
  const report = maskValues(await measureDrift(request, settings, notes), snippetOf);
  const lines = [driftText(report, printable)];
  if (options.html !== undefined) {
    await writeDurably(io.disk, options.html, Buffer.from(driftHtml(report, io.clock().toISOString())));
    lines.push(`report: ${printable(options.html)}`);
  }
  const json = { ...report, ...(options.html === undefined ? {} : { html: options.html }) };
  return { exit: exitOf(report.outcome), text: lines.join('\n'), json };
}

function exitOf(outcome: DriftOutcome): ExitCode {
  if (outcome === 'drift') return EXIT.refused;
  return outcome === 'no-drift' ? EXIT.pass : EXIT.notProven;
}

/** There are several files: an error about what one of them holds says which. */
async function named<T>(path: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof VallumError) || !/^(TABLE|PROFILE)_/.test(error.code)) throw error;
    const details = { cause: error, ...(error.fix === undefined ? {} : { fix: error.fix }) };
    throw new VallumError(error.code, `${basename(path)}: ${error.message}`, details, error.errorClass);
  }
}

interface Reading extends Pick<DriftCommandOptions, 'columns' | 'ignore'> {
  readonly seed: number;
  /** What the table had to say is added. */
  readonly notes: string[];
}

async function readTable<T>(
  io: Io,
  path: string,
  { columns, ignore, seed, notes }: Reading,
  keep: (table: Table, options: CollectOptions) => Promise<T>,
): Promise<T> {
  const name = basename(path) || path;
  io.progress.say(`reading ${printable(name)}`);
  const table = await openTable(io.disk, path);
  try {
    const kept = await keep(table, {
      name,
      seed,
      ...(columns === undefined ? {} : { columns }),
      ...(ignore === undefined ? {} : { ignore }),
    });
    for (const { message, column, count } of table.notes)
      notes.push(`${name}${column === undefined ? '' : `, ${column}`}: ${message} (${count})`);
    return kept;
  } finally {
    await table.close();
  }
}
