// Section `outliers`: rows far from all others, by number columns on one scale, or by features of somebody else as they are.
import { findOutliers } from '../../labels/find-outliers.js';
import { NOT_A_POISONING_CHECK } from '../../labels/label-findings.js';
import type { SectionResult } from '../../tables/finding.js';
import { dataFinding, shareMetric } from '../../tables/finding.js';
import { severityOf } from '../severities.js';
import { firstOf, MAX_LISTED } from './listed.js';
import type { RowSample, SampledFeatures } from './row-sample.js';

const LEAST_ROWS = 20;
/** Tukey's "far out", in interquartile ranges: number columns have longer tails than embeddings. */
const OWN_FENCE = 3;
/** A row of number columns is far when its nearest rows are at least so many times the usual distance away. */
const OWN_TIMES = 3;

/** @returns why it was not examined, as a sentence, where it was not */
export async function examineOutliers(
  { rows, of }: RowSample,
  { matrix, from, own }: SampledFeatures,
  signal: AbortSignal | undefined,
): Promise<SectionResult | string> {
  const n = rows.length;
  if (n < LEAST_ROWS) return `it takes ${LEAST_ROWS} rows`;
  const stop = signal === undefined ? {} : { signal };
  const options = own ? ({ ...stop, metric: 'euclidean', fence: OWN_FENCE } as const) : stop;
  const found = await findOutliers(matrix, options);
  if (found.limit === 0) return 'most rows have many equal rows, so that no distance is large';
  const far = own ? found.rows.filter((at) => (found.scores[at] ?? 0) < Math.exp(-OWN_TIMES)) : found.rows;
  const row = (at: number): number => (rows[at] ?? 0) + 1;
  const broken = { count: far.length, rows: firstOf(far, row), examples: [] };
  return {
    findings:
      far.length === 0
        ? []
        : [
            dataFinding({
              section: 'outliers',
              rule: 'row.outlier',
              ...severityOf('row.outlier'),
              what: 'far from every other row',
              n,
              broken,
            }),
          ],
    metrics: [shareMetric('outliers.far', far.length, n, 'share of rows looked at')],
    notExamined: [
      ...(n === of
        ? []
        : [{ what: `outliers among ${of - n} of ${of} rows`, why: 'a sample is compared, row by row' }]),
      ...(far.length > MAX_LISTED
        ? [
            {
              what: `names of ${far.length - MAX_LISTED} outliers`,
              why: `the ${MAX_LISTED} farthest are listed`,
            },
          ]
        : []),
    ],
    how: `${found.metric} distance to the nearest rows by ${from}${own ? ', each on the scale of its spread' : ''}; ${NOT_A_POISONING_CHECK}`,
    listed: far.slice(0, MAX_LISTED).map((at) => ({
      section: 'outliers',
      row: row(at),
      score: found.scores[at] ?? 0,
      why: 'far from every other row',
    })),
  };
}
