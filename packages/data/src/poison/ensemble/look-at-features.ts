// The ensemble on features that somebody hands in beside the feeds: which file, which rows. The port for `vallum.yaml`: the
// caller reads matrices with its own reader, states the digests of the bytes, and names each row by feed and id.
import type { Input } from '@vallum/core';
import { VallumError } from '@vallum/core';
import type { Matrix } from '@vallum/stats';
import { answerOf } from './ensemble-findings.js';
import type { EnsembleAnswer, RowName } from './ensemble-findings.js';
import type { FeedText } from './look-at-feeds.js';
import type { EnsembleRules } from './rules.js';
import { runEnsemble } from './run-ensemble.js';
import type { AskModel } from './strip.js';
import type { ImageShape } from './views.js';

export interface PoisonFeatures {
  /** Digests of everything below, as the statement names them; the caller vouches for them. */
  readonly inputs: readonly Input[];
  /** The dataset's row that each row of the matrices is. */
  readonly rowIds: readonly RowName[];
  readonly features?: Matrix;
  readonly image?: ImageShape;
  readonly activations?: Matrix;
  /** The model that was trained on these rows, for STRIP. */
  readonly ask?: AskModel;
}

interface Context {
  readonly rules: EnsembleRules;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly progress: (message: string) => void;
}

/** Undefined when no features were given. What does not fit the dataset is inconclusive, never left out in silence. */
export async function lookAtFeatures(
  given: PoisonFeatures | undefined,
  rows: readonly FeedText[],
  context: Context,
): Promise<EnsembleAnswer | undefined> {
  if (given === undefined) return undefined;
  const known = new Map(rows.map((row) => [keyOf({ feed: row.feed, row: row.id }), row]));
  const { rowIds, features, image, activations, ask } = given;
  const found = rowIds.map((name) => known.get(keyOf(name)));
  const strangers = found.filter((row) => row === undefined).length;
  if (strangers > 0)
    return open('features-mismatch', `${strangers} of ${rowIds.length} rows of features are no rows of the dataset`);
  const matched = found.filter((row) => row !== undefined);
  try {
    const report = await runEnsemble({
      ids: rowIds.map(keyOf),
      labels: matched.map(({ label }) => label),
      sources: matched.map(({ feed }) => feed),
      texts: matched.map(({ text }) => text),
      ...(features === undefined ? {} : { features }),
      ...(image === undefined ? {} : { image }),
      ...(activations === undefined ? {} : { activations }),
      ...(ask === undefined ? {} : { ask }),
      ...context,
    });
    const answer = answerOf(report, rowIds);
    const missing = rows.length - rowIds.length;
    if (missing === 0) return answer;
    const gap = { what: `${missing} of ${rows.length} rows`, why: 'no features were given for them' };
    return { ...answer, notExamined: [...answer.notExamined, gap] };
  } catch (error) {
    if (!(error instanceof VallumError) || error.errorClass === 'internal') throw error;
    return open(error.code, error.message);
  }
}

function keyOf({ feed, row }: RowName): string {
  return JSON.stringify([feed, row]);
}

function open(code: string, message: string): EnsembleAnswer {
  const notExamined = [{ what: 'the features', why: message }];
  return { outcome: 'inconclusive', reason: { code, message }, findings: [], metrics: [], notExamined };
}
