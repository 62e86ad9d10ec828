// What a figure means in words, the same in text and in HTML.
import type { AnswerReport, ColumnReport, Comparison } from '../drift/report.js';
import type { DriftReport } from '../drift/measure.js';
import type { ColumnPattern } from '../drift/groups.js';
import { number, percent, rows, signed } from './figures.js';

const SAW: Readonly<Record<AnswerReport['aspect'], string>> = {
  shift: 'values shifted',
  spread: 'values spread differently',
  shape: 'another shape',
  bumps: 'more or fewer rows at some values',
  shares: 'shares changed',
};
const ABOUT: Readonly<Record<Exclude<AnswerReport['concern'], 'values'>, string>> = {
  missing: 'missing more or less often',
  length: 'length of the texts',
  digits: 'share of digits in the texts',
  capitals: 'share of capital letters in the texts',
  symbols: 'share of symbols in the texts',
  foreign: 'share of characters outside plain ASCII',
  rarity: 'how unusual the words are',
};
export const STATES: Readonly<Record<ColumnReport['state'], string>> = {
  drift: 'drift',
  'not-enough-data': 'not enough data',
  small: 'changed, below the floor',
  'no-drift': 'no drift',
  'not-compared': 'not compared',
};

export function headline({ outcome }: Pick<DriftReport, 'outcome'>): string {
  if (outcome === 'drift') return 'DRIFT';
  return outcome === 'no-drift' ? 'NO DRIFT' : 'NOT ENOUGH DATA';
}

/** What changed most, and by how much. */
export function whatChanged({ concern, aspect, effect }: AnswerReport): string {
  const what = concern === 'values' ? SAW[aspect] : ABOUT[concern];
  const { spread } = effect;
  if (aspect !== 'spread' || spread === undefined) return `${what}: ${size(effect)}`;
  return `${what}: ${number(spread.value)} times as wide (${number(spread.low)} to ${number(spread.high)}), ${size(effect)}`;
}

export function size({ shift, moved }: AnswerReport['effect']): string {
  const share = `${percent(moved.value)} of rows moved (${percent(moved.low)} to ${percent(moved.high)})`;
  if (shift === undefined) return share;
  return `${signed(shift.value)} sd (${signed(shift.low)} to ${signed(shift.high)}), ${share}`;
}

/** Why there is no answer, and what would give one. */
export function wanting({ needed, missing }: ColumnReport, detect: number, { reference, current }: Comparison): string {
  if (needed === undefined) return '';
  const with_ = { reference: reference.rows - missing.reference, current: current.rows - missing.current };
  return (
    `${rows(with_.reference)} and ${rows(with_.current)} rows with a value cannot show a shift of ${number(detect)} sd; ` +
    `${rows(needed.reference)} and ${rows(needed.current)} can`
  );
}

export function patternSentence({ column, pattern, moved }: ColumnPattern): string {
  const name = JSON.stringify(column);
  const who = moved
    .slice(0, 3)
    .map((one) => JSON.stringify(one))
    .join(', ');
  if (pattern === 'together')
    return `${name} moved alike in the groups, within chance: a season, or a change of everything`;
  if (pattern === 'some') return `${name} moved in ${who}, and not alike elsewhere: look at who sent these rows`;
  if (pattern === 'unclear')
    return `${name} surely moved in ${who}; whether the other groups moved with it cannot be told`;
  if (pattern === 'mix') return `${name} surely moved within no group; the mix of groups did move`;
  return `${name} surely moved within no group`;
}
