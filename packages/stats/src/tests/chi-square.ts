// Tests on counts: Pearson's chi-square in both forms and the likelihood-ratio G.
// Goodness of fit takes the expected counts as exact; where they are a sample themselves, the contingency form is the honest one.
import type { TestResult } from '../result.js';
import { checkCounts, checkSameBins, refuseInput, type Counts } from '../samples.js';
import { chiSquareTail } from '../special/gamma.js';

/** Expected counts are scaled by the caller; a larger relative difference of the totals is a mistake. */
const TOTALS_AGREE = 1e-8;

/**
 * Pearson's sum over k bins, k - 1 degrees of freedom. A bin that is expected empty and is not gives infinity and p = 0.
 * @throws VallumError STATS_INPUT when lengths or totals differ, or a bin is empty on both sides
 */
export function chiSquareGoodness(observed: Counts, expected: Counts): TestResult {
  return goodness(observed, expected, (o, e) => (o - e) ** 2 / e);
}

/** G = 2 sum of o ln(o / e), k - 1 degrees of freedom. Errors as `chiSquareGoodness`. */
export function gTest(observed: Counts, expected: Counts): TestResult {
  return goodness(observed, expected, (o, e) => (o === 0 ? 0 : 2 * o * Math.log(o / e)));
}

function goodness(observed: Counts, expected: Counts, term: (o: number, e: number) => number): TestResult {
  checkSameBins(observed, expected);
  const [seen, wanted] = [checkCounts(observed), checkCounts(expected)];
  if (Math.abs(seen - wanted) > TOTALS_AGREE * Math.min(seen, wanted))
    throw refuseInput(
      `observed counts sum to ${seen} and expected ones to ${wanted}`,
      'Scale the expected counts to the total of the observed ones.',
    );
  let statistic = 0;
  for (let i = 0; i < observed.length; i += 1) {
    const [o, e] = [observed[i] as number, expected[i] as number];
    if (e === 0 && o === 0) throw refuseInput('a bin is empty on both sides', 'Leave such bins out.');
    statistic += term(o, e);
  }
  return { statistic, p: chiSquareTail(statistic, observed.length - 1) };
}

/**
 * Independence of rows and columns in a table of counts. Yates' continuity correction applies to 2 x 2 tables only, and only on
 * request (SciPy applies it by default).
 * @throws VallumError STATS_INPUT on a ragged table, or a row or column without any count
 */
export function chiSquareContingency(
  table: readonly (readonly number[])[],
  options: { readonly yates?: boolean } = {},
): TestResult & { readonly degrees: number } {
  const width = table[0]?.length ?? 0;
  if (width === 0 || table.some((row) => row.length !== width)) throw refuseInput('a table needs rows of equal length');
  const rows = table.map((row) => checkCounts(row));
  const columns = Array.from({ length: width }, (_, j) =>
    checkCounts([table.reduce((sum, row) => sum + (row[j] as number), 0)]),
  );
  const total = rows.reduce((sum, row) => sum + row, 0);
  const degrees = (rows.length - 1) * (width - 1);
  const correct = options.yates === true && degrees === 1;
  let statistic = 0;
  table.forEach((row, i) =>
    row.forEach((observed, j) => {
      const expected = ((rows[i] as number) * (columns[j] as number)) / total;
      const difference = Math.abs(observed - expected);
      statistic += (correct ? Math.max(0, difference - 0.5) : difference) ** 2 / expected;
    }),
  );
  return { statistic, p: chiSquareTail(statistic, degrees), degrees };
}
