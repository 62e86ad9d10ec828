// The figures on the command line of `vallum drift`: each within bounds, or an error that says which.
import { VallumError } from '@vallum/core';
import type { CompareOptions, WindowSize } from '@vallum/monitor';

export interface DriftFlags {
  readonly window: string;
  readonly alpha: string;
  readonly control: string;
  readonly floorSd: string;
  readonly floorShare: string;
  readonly detect: string;
  readonly permutations: string;
  readonly seed: string;
}

const HOUR = 3_600_000;
const SPANS: Readonly<Record<string, number>> = { min: HOUR / 60, h: HOUR, d: 24 * HOUR, w: 7 * 24 * HOUR };

/** @throws VallumError `DRIFT_OPTION` */
export function readCompareOptions(flags: DriftFlags): CompareOptions {
  return {
    alpha: within('--alpha', flags.alpha, 1e-6, 0.5),
    control: flags.control === 'fdr' ? 'fdr' : 'family',
    floorShift: within('--floor-sd', flags.floorSd, 0, 100),
    floorMoved: within('--floor-share', flags.floorShare, 0, 1),
    detect: within('--detect', flags.detect, 1e-3, 100),
    permutations: whole('--permutations', flags.permutations, 99, 100_000),
    seed: whole('--seed', flags.seed, 0, 0xffffffff),
  };
}

/** What the mode of another tool cannot do is an error, not left out in silence. @throws VallumError `DRIFT_OPTION` */
export function refuseFlags(options: {
  readonly compatible?: string;
  readonly first?: string;
  readonly by?: string;
  readonly time?: string;
  readonly multivariate?: boolean;
  readonly html?: string;
}): void {
  if (options.compatible === undefined) return;
  const given = (['first', 'by', 'time', 'multivariate', 'html'] as const).find((name) => options[name] !== undefined);
  if (given !== undefined)
    throw new VallumError('DRIFT_OPTION', `--${given} is not for --compatible ${options.compatible}`, {
      fix: 'leave one of them out',
    });
}

/** @throws VallumError `DRIFT_OPTION` */
export function readWindow(text: string): WindowSize {
  const [, digits = '', unit = ''] = /^(\d{1,7})(min|h|d|w|mo|rows)$/.exec(text) ?? [];
  const many = Number(digits);
  if (!(many >= 1))
    throw new VallumError('DRIFT_OPTION', `--window ${JSON.stringify(text)} is no size of a window`, {
      fix: 'write 7d, 12h, 30min, 2w, 1mo or 1000rows',
    });
  if (unit === 'rows') return { rows: many };
  return unit === 'mo' ? { months: many } : { span: many * (SPANS[unit] as number) };
}

function within(flag: string, text: string, least: number, most: number): number {
  const value = /^\d*\.?\d+(e-?\d+)?$/i.test(text) ? Number(text) : NaN;
  if (value >= least && value <= most) return value;
  throw new VallumError('DRIFT_OPTION', `${flag} ${JSON.stringify(text)} is no number from ${least} to ${most}`, {
    fix: 'see vallum drift --help',
  });
}

function whole(flag: string, text: string, least: number, most: number): number {
  const value = within(flag, text, least, most);
  if (Number.isInteger(value)) return value;
  throw new VallumError('DRIFT_OPTION', `${flag} ${JSON.stringify(text)} is no whole number`, {
    fix: 'see vallum drift --help',
  });
}
