// `vallum monitor pin`: makes the reference of a monitor from data and records, signed, that it is the one from now on.
import { resolve } from 'node:path';
import { digestDirectory, digestFile, digestTree, sha256, VallumError, writeDurably } from '@vallum/core';
import type { Disk, Sha256 } from '@vallum/core';
import { buildReference, referenceBytes } from '@vallum/monitor';
import type { Answer, Io } from '../answer.js';
import { EXIT } from '../exit.js';
import { printable } from '../output/style.js';
import { filedText } from '../project/log.js';
import { ignoredColumns, referencePath } from '../project/monitor-place.js';
import { tellProgress, withTable } from '../project/open-named-table.js';
import { requireRole } from '../project/session.js';
import { atMonitor, checkMonitorWhy, decideOn } from './monitor-desk.js';

export async function monitorPinCommand(
  io: Io,
  target: string,
  data: string,
  { why }: { readonly why: string },
): Promise<Answer> {
  return atMonitor(io, target, async (desk) => {
    const { session, place } = desk;
    const { declared, monitor, version } = place;
    checkMonitorWhy(monitor, why);
    requireRole(session, 'monitor');
    const path = resolve(data);
    const digest = await dataDigest(session.disk, path);
    const name = data.split('/').findLast((part) => part !== '') ?? data;
    const reference = await withTable(io, path, (table) => {
      refuseMissing(
        table.columns.map((column) => column.name),
        [declared.caller, declared.source, declared.prediction, declared.label, ...(declared.probabilities ?? [])],
        name,
      );
      tellProgress(io, table)('making the profile of the reference');
      return buildReference(table, { name, sha256: digest, ignore: ignoredColumns(declared), seed: 1 });
    });
    if ((await dataDigest(session.disk, path)) !== digest)
      throw new VallumError(
        'MONITOR_CHANGED',
        `${name} changed while it was read`,
        { fix: 'run it again' },
        'unproven',
      );
    const bytes = referenceBytes(reference);
    const id = sha256(bytes);
    const file = referencePath(session, monitor, id);
    await session.disk.makeDirectory(`${session.paths.root}/monitor/${version}`);
    await writeDurably(session.disk, file, bytes, 0o600);
    const subject = { name: `${monitor} reference`, digest: { sha256: id } };
    const { by, filed } = await decideOn(desk, { act: 'pin', subject, data: digest, why });
    const shown = file.slice(session.paths.root.length + 1);
    const { rows } = reference.profile;
    return {
      exit: EXIT.pass,
      text: [
        `Pinned for ${monitor}: ${rows} rows of ${printable(name)}, ${reference.sample.rows} of them kept`,
        `  ${shown}`,
        `  it holds rows as they are: keep it as close as the data`,
        `  ${filedText(filed)}`,
      ].join('\n'),
      json: {
        schema: 'vallum/monitor-pin/v1',
        monitor,
        reference: id,
        file: shown,
        data: { name, sha256: digest, rows },
        kept: reference.sample.rows,
        columns: reference.sample.columns.map((column) => column.name),
        by,
        why,
        filed,
      },
    };
  });
}

async function dataDigest(disk: Disk, path: string): Promise<Sha256> {
  const stat = await disk.stat(path);
  if (stat?.kind === 'directory') return digestDirectory(await digestTree(disk, path));
  return digestFile(disk, path);
}

function refuseMissing(has: readonly string[], wanted: readonly (string | undefined)[], name: string): void {
  const missing = wanted.find((column) => column !== undefined && !has.includes(column));
  if (missing === undefined) return;
  throw new VallumError(
    'MONITOR_COLUMN',
    `${name} has no column ${JSON.stringify(missing)}, which vallum.yaml names under monitor`,
    { fix: 'give rows as they will arrive, with caller, answers and labels' },
  );
}
