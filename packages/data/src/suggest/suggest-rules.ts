// Rules that a table keeps already, drafted from its profile: conservative, so that the next version breaks them only when
// something happened. Each says why it is what it is; a person decides which of them the team means.
import { defaultRules, scanText } from '@vallum/detect';
import type { ColumnProfile, NumberProfile, Profile, TextProfile } from '@vallum/stats';
import { clopperPearson, isHashedLabel } from '@vallum/stats';
import { maskedText } from '../tables/masked-text.js';
import { RULES_SCHEMA } from '../rules/read-rules.js';

/** Fewer rows say too little about what a column may hold. */
const FEWEST_ROWS = 100;
/** A text column with more values is no set of categories. */
const MOST_VALUES = 50;
/** Each value was there so often on average, or new ones are to be expected. */
const REPEATS = 20;
/** One in a thousand honest versions of this size breaks a share. */
const LEVEL = 0.998;
/** Numbers may move so much of their range, on either side. */
const MARGIN = 0.25;

export interface SuggestOptions {
  /** For the comment at the top. */
  readonly name: string;
  /** Columns whose values were found to be all different. */
  readonly unique: readonly string[];
}

interface Draft {
  readonly comment: string;
  readonly fields: readonly (readonly [key: string, value: string])[];
}

/** YAML, `vallum/data-rules/v1`. */
export function suggestRules(profile: Profile, { name, unique }: SuggestOptions): string {
  const { rows } = profile;
  // Nor is the file to name anybody in the names of columns.
  const columns = profile.columns.filter((column) => maskedText(column.name) === column.name);
  const unnamed = profile.columns.length - columns.length;
  const ids = new Set<string>();
  const drafts = [
    ...tableDrafts({ ...profile, columns }),
    ...columns.flatMap((column) => columnDrafts(column, rows, unique.includes(column.name))),
  ];
  const rules = drafts.map(({ comment, fields }) => {
    const id = freshId(fields, ids);
    const lines = [['id', id], ...fields].map(([key = '', value = '']) => `${key}: ${value}`);
    return `  # ${comment}\n  - ${lines.join('\n    ')}\n`;
  });
  return [
    `# Drafted from ${plain(name)}: ${rows} rows, ${profile.columns.length} columns. The table keeps all of these rules; keep the ones you mean.\n`,
    rows < FEWEST_ROWS ? `# With fewer than ${FEWEST_ROWS} rows there is nothing to say about values.\n` : '',
    unnamed === 0 ? '' : `# ${unnamed} columns have no rules: their names look like personal data or secrets.\n`,
    `schema: ${RULES_SCHEMA}\n`,
    `rules:\n`,
    ...rules,
  ].join('');
}

function tableDrafts({ rows, columns }: Profile): readonly Draft[] {
  const names = columns.map(({ name }) => JSON.stringify(name)).join(', ');
  return [
    {
      comment: 'columns that were there; "only: true" refuses new ones',
      fields: [
        ['check', 'columns'],
        ['columns', `[${names}]`],
        ['severity', 'high'],
      ],
    },
    ...(rows < FEWEST_ROWS
      ? []
      : [
          {
            comment: `there were ${rows} rows; half of them missing is a feed that failed`,
            fields: [
              ['check', 'rows'],
              ['min', String(Math.floor(rows / 2))],
              ['severity', 'medium'],
            ],
          } as const,
        ]),
  ];
}

function columnDrafts(column: ColumnProfile, rows: number, isUnique: boolean): readonly Draft[] {
  const name = JSON.stringify(column.name);
  const of = (check: string, ...more: Draft['fields']): Draft['fields'] => [
    ['check', check],
    ['column', name],
    ...more,
  ];
  const drafts: Draft[] = [];
  // A column of nothing has no type of its own.
  if (column.missing < rows)
    drafts.push({
      comment: 'the type that all values had',
      fields: of('type', ['type', column.type], ['severity', 'high']),
    });
  if (rows < FEWEST_ROWS) return drafts;
  if (column.missing < rows)
    drafts.push({
      comment: `${column.missing} of ${rows} were missing; more than chance explains is a change`,
      fields: of('missing', ['atMost', shareAbove(column.missing, rows)], ['severity', 'medium']),
    });
  if (column.type === 'text') drafts.push(...textDrafts(column, rows, of));
  // The numbers of keys go on where this version ends.
  else if (column.type !== 'boolean' && !isUnique) drafts.push(...numberDrafts(column, rows, of));
  if (isUnique)
    drafts.push({
      comment: `all ${rows - column.missing} values were different`,
      fields: [
        ['check', 'unique'],
        ['columns', `[${name}]`],
        ['severity', 'high'],
      ],
    });
  return drafts;
}

type Of = (check: string, ...more: Draft['fields']) => Draft['fields'];

function numberDrafts(column: NumberProfile, rows: number, of: Of): readonly Draft[] {
  const { min, max, nan, positiveInfinity, negativeInfinity } = column;
  if (min === null || max === null) return [];
  const outside = nan + positiveInfinity + negativeInfinity;
  const atMost: Draft['fields'] = outside === 0 ? [] : [['atMost', shareAbove(outside, rows)]];
  const margin = (max - min) * MARGIN;
  if (!Number.isFinite(margin)) return [];
  if (column.type === 'time') {
    // Where times end, the next version begins.
    const low = timeText(min - margin);
    return low === undefined
      ? []
      : [
          {
            comment: 'a quarter of the span before the earliest',
            fields: of('range', ['min', low], ...atMost, ['severity', 'medium']),
          },
        ];
  }
  const low = min >= 0 ? 0 : outward(roundAway(min - margin, Math.floor), (short) => short <= min);
  const high = max <= 0 ? 0 : outward(roundAway(max + margin, Math.ceil), (short) => short >= max);
  // What lies beyond the doubles is no bound.
  const bounds: Draft['fields'] = [
    ...(Number.isFinite(low) ? [['min', numberText(low)] as const] : []),
    ...(Number.isFinite(high) ? [['max', numberText(high)] as const] : []),
  ];
  if (bounds.length === 0) return [];
  return [
    {
      comment: `a quarter of the range beyond what was seen${min >= 0 ? ', and not below 0, as nothing was' : ''}`,
      fields: of('range', ...bounds, ...atMost, ['severity', 'medium']),
    },
  ];
}

/** Without the digits of rounding, where what was seen stays inside. */
function outward(value: number, isOutside: (short: number) => boolean): number {
  const short = Number(value.toPrecision(12));
  return isOutside(short) ? short : value;
}

function textDrafts({ labels, text, missing }: TextProfile, rows: number, of: Of): readonly Draft[] {
  const n = rows - missing;
  const values = labels.counts.map(([label]) => label);
  const isSet = labels.error === 0 && values.length > 0 && values.length <= MOST_VALUES && n >= REPEATS * values.length;
  if (isSet && values.every(mayStand))
    return [
      {
        comment: `the ${values.length} values that ${n} rows had`,
        fields: of(
          'values',
          ['values', `[${values.map((value) => JSON.stringify(value)).join(', ')}]`],
          ['severity', 'medium'],
        ),
      },
    ];
  if (text.longest === null || text.shortest === null) return [];
  const min: Draft['fields'] = text.shortest > 0 ? [['min', '1']] : [];
  return [
    {
      comment: 'in characters; twice the longest that was seen',
      fields: of('length', ...min, ['max', String(Math.max(1, text.longest * 2))], ['severity', 'low']),
    },
  ];
}

/** A rules file is read by many: no category that is somebody's address, and none that a profile knows by its hash alone. */
function mayStand(value: string): boolean {
  return !isHashedLabel(value) && scanText(value, defaultRules()).length === 0;
}

/** Upper bound of the share, rounded up to three digits. */
function shareAbove(count: number, n: number): string {
  const { high } = clopperPearson(count, n, LEVEL);
  const unit = 10 ** (Math.floor(Math.log10(high)) - 2);
  return numberText(Math.min(1, Number((Math.ceil(high / unit) * unit).toPrecision(3))));
}

/** Away from zero to two digits, so that the file is readable. */
function roundAway(value: number, round: (value: number) => number): number {
  if (value === 0) return 0;
  const unit = 10 ** (Math.floor(Math.log10(Math.abs(value))) - 1);
  const rounded = unit === 0 || !Number.isFinite(unit) ? value : round(value / unit) * unit;
  return Number.isFinite(rounded) ? rounded : value;
}

/**
 * In a form that YAML reads as a number: 1.0e-7, which 1e-7 is not to every reader. Whole numbers that a double may have
 * rounded are refused there as such, and are written as what they are, floating.
 */
function numberText(value: number): string {
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) return floating(value.toExponential());
  return floating(String(Object.is(value, -0) ? 0 : value));
}

function floating(text: string): string {
  return text.includes('e') && !text.includes('.') ? text.replace('e', '.0e') : text;
}

function timeText(milliseconds: number): string | undefined {
  const time = new Date(milliseconds);
  // Years outside four digits have no place in ISO 8601 as rules write it.
  return Number.isNaN(time.getTime()) || !/^\d{4}-/.test(time.toISOString())
    ? undefined
    : `"${time.toISOString().slice(0, 10)}"`;
}

/** Letters and digits of the column and the check; numbered where two are alike. */
function freshId(fields: Draft['fields'], ids: Set<string>): string {
  const get = (key: string): string => fields.find(([each]) => each === key)?.[1] ?? '';
  const words = `${get('column')}-${get('check')}`
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 80);
  let id = words;
  for (let number = 2; ids.has(id); number += 1) id = `${words}-${number}`;
  ids.add(id);
  return id;
}

/** In a comment: one line, nothing that steers a terminal. */
function plain(text: string): string {
  return text.slice(0, 200).replace(/\p{C}|[\u2028\u2029]/gu, '?');
}
