// Hands the held-out rows of a version to the attack on its model: run.json says which rows those are.
import type { Blocked, Planned, Subject } from '@vallum/core';
import { digestJson, VallumError } from '@vallum/core';
import type { RowSource } from '@vallum/data';
import type { RunFeed } from '@vallum/governance';
import { readRunFile, RUN_FILE } from '@vallum/governance';
import type { LabelledRow } from '@vallum/model';
import { planRobustness, weightsDigest } from '@vallum/model';
import type { Session } from '../project/session.js';
import { feedRefs } from './feeds.js';

const KIND = 'robustness.report';

export interface RobustnessParts {
  readonly dir: string;
  readonly source: RowSource;
  readonly subject: Subject;
}

export async function planRobustnessOf(session: Session, { dir, source, subject }: RobustnessParts): Promise<Planned> {
  const { disk, declaration } = session;
  try {
    const run = await readRunFile(disk, dir);
    if (run === undefined)
      return blocked(
        'run-absent',
        `there is no ${RUN_FILE}, so nobody knows which rows were held out`,
        `${dir}/${RUN_FILE}`,
      );
    const weights = await weightsDigest(disk, dir);
    const splits = run.feeds.map(({ name, sha256, train }) => ({ name, sha256, from: train }));
    return await planRobustness({
      disk,
      dir,
      subject: { name: `${subject.name}#weights`, digest: { sha256: weights } },
      heldOut: {
        name: 'held-out rows',
        digest: digestJson(splits),
        read: () => heldOutRows(session, source, run.feeds),
      },
      parameters: declaration.robustness,
    });
  } catch (error) {
    if (!(error instanceof VallumError)) throw error;
    return blocked(error.code, error.message, dir);
  }
}

function blocked(code: string, message: string, file: string): Blocked {
  return { kind: KIND, blocked: { code, message, file } };
}

/** @throws VallumError `ROWS_CHANGED` when a feed is not the one of the run */
async function heldOutRows(
  session: Session,
  source: RowSource,
  feeds: readonly RunFeed[],
): Promise<readonly LabelledRow[]> {
  const refs = feedRefs(
    session,
    feeds.map(({ name }) => name),
  );
  const rows: LabelledRow[] = [];
  for (const [index, { name, sha256, train }] of feeds.entries()) {
    const ref = refs[index];
    if (ref === undefined) continue;
    const feed = await source.feed(ref);
    if (feed.digests.rows !== sha256)
      throw new VallumError('ROWS_CHANGED', `the rows of ${name} are not those of ${RUN_FILE}`, {
        fix: 'restore them, or train again',
      });
    rows.push(...feed.rows.slice(train));
  }
  return rows;
}
