// `vallum data check PATH`: is this table fit to be used? A table on the disk, no project needed, nothing written.
import type { Beside, DataReport } from '@vallum/data';
import { checkTable, MAX_RULES_BYTES, readDataRules } from '@vallum/data';
import type { Severity } from '@vallum/core';
import type { Answer, Io } from '../answer.js';
import { exitOfOutcome } from '../exit.js';
import { dataReportText } from '../output/data-report-text.js';
import { tellProgress, withTable } from '../project/open-named-table.js';
import { readNamed } from '../project/read-named.js';
import { readNamedMatrix } from '../project/read-named-matrix.js';

export interface DataCheckOptions {
  readonly rules?: string;
  readonly test?: string;
  readonly label?: string;
  readonly source?: string;
  readonly id?: string;
  readonly group?: string;
  readonly time?: string;
  readonly gate?: Severity;
  readonly near: boolean;
  readonly seed?: number;
  readonly probabilities?: string;
  readonly classes?: readonly string[];
  readonly features?: string;
  readonly activations?: string;
  readonly image?: NonNullable<Beside['image']>;
}

export async function dataCheckCommand(io: Io, path: string, options: DataCheckOptions): Promise<Answer> {
  const report = await checked(io, path, options);
  return {
    exit: exitOfOutcome(report.outcome),
    text: dataReportText(report, io.style),
    json: report,
  };
}

async function checked(io: Io, path: string, options: DataCheckOptions): Promise<DataReport> {
  const { label, source, id, group, time, gate, seed, near, test } = options;
  const file = options.rules;
  const fix = 'draft rules with vallum data rules PATH';
  const rules =
    file === undefined
      ? undefined
      : await readNamed(io.disk, { path: file, name: file, limit: MAX_RULES_BYTES, fix }, readDataRules);
  const roles = Object.fromEntries(
    Object.entries({ label, source, id, group, time }).filter(([, column]) => column !== undefined),
  );
  const beside = await readBeside(io, options);
  return withTable(io, path, async (table) => {
    const request = {
      table,
      name: path,
      roles,
      beside,
      near,
      now: io.clock().getTime(),
      progress: tellProgress(io, table),
      ...(rules === undefined ? {} : { rules }),
      ...(gate === undefined ? {} : { gate }),
      ...(seed === undefined ? {} : { seed }),
    };
    if (test === undefined) return checkTable(request);
    return withTable(io, test, async (other) => checkTable({ ...request, test: { table: other, name: test } }));
  });
}

async function readBeside({ disk }: Io, options: DataCheckOptions): Promise<Beside> {
  const { probabilities, features, activations, classes, image } = options;
  const beside: Record<string, unknown> = {};
  for (const [role, path] of Object.entries({ probabilities, features, activations }))
    if (path !== undefined) beside[role] = { name: path, matrix: await readNamedMatrix(disk, path) };
  return { ...beside, ...(classes === undefined ? {} : { classes }), ...(image === undefined ? {} : { image }) };
}
