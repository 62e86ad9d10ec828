// What the ensemble can say about feeds of texts without features and without a model: hidden characters and copies. Both
// are leads for a person. Copies with two labels contradict each other by mistake or on purpose; nobody can tell from the
// rows, so they are never called poison.
import type { Finding } from '@vallum/core';
import { pause } from '@vallum/core';
import { copySets } from './bursts.js';
import { findingsWith } from './poison-finding.js';
import { findHiddenTriggers } from './hidden-characters.js';
import type { EnsembleRules } from './rules.js';

const about = findingsWith(['AML.T0020']);

export interface FeedText {
  readonly id: string;
  readonly feed: string;
  readonly label: string;
  readonly text: string;
}

export interface FeedLook {
  readonly findings: readonly Finding[];
  /** Something was found that must not pass without a person. */
  readonly suspected: boolean;
}

/** Rows listed of one trigger or burst. */
const LISTED = 200;

export async function lookAtFeeds(
  rows: readonly FeedText[],
  rules: EnsembleRules,
  signal: AbortSignal,
): Promise<FeedLook> {
  await pause(signal);
  const hidden = findHiddenTriggers(rows, rules);
  await pause(signal);
  const copies = copySets(
    rows.map(({ text }) => text),
    rules,
  );
  return {
    findings: [
      ...hidden.flatMap(({ feed, label, what, rows: carriers, of, expected, p }) => [
        about(
          { feed },
          'poison.hidden-characters',
          'medium',
          `${carriers.length} of ${of} rows labelled ${label} in ${feed} hold ${what}, where ${percent(expected)} of all other rows do (p = ${p.toPrecision(2)})`,
          'look at the rows listed: a trigger that nobody sees, or one sender’s software',
        ),
        ...listed(rows, carriers, `holds ${what}`),
      ]),
      ...copies.flatMap((set) => burstFindings(rows, set, rules)),
    ],
    suspected: hidden.some(({ ordinary }) => !ordinary),
  };
}

function burstFindings(rows: readonly FeedText[], set: readonly number[], rules: EnsembleRules): readonly Finding[] {
  const labels = [...new Set(set.map((row) => rows[row]?.label ?? ''))].sort();
  const feeds = [...new Set(set.map((row) => rows[row]?.feed ?? ''))].sort();
  const feed = feeds[0] ?? '';
  const copies = `${set.length} rows in ${feeds.join(', ')} are copies of one text, or nearly`;
  if (labels.length > 1)
    return [
      about(
        { feed },
        'poison.copies-disagree',
        'low',
        `${copies}, and are labelled ${labels.join(' and ')}`,
        'settle their label by hand: careless labelling and poisoning look the same here',
      ),
      ...listed(rows, set, 'is a copy of rows with another label'),
    ];
  if (set.length < rules.burstRows) return [];
  return [
    about(
      { feed },
      'poison.burst',
      'info',
      `${copies}, all labelled ${labels.join('')}`,
      'keep one of them if they add nothing',
    ),
  ];
}

function listed(rows: readonly FeedText[], set: readonly number[], message: string): readonly Finding[] {
  return set.slice(0, LISTED).flatMap((row) => {
    const found = rows[row];
    if (found === undefined) return [];
    return [about({ feed: found.feed, row: found.id }, 'poison.look', 'low', message, 'look at the row')];
  });
}

function percent(share: number): string {
  return `${(100 * share).toPrecision(2)} %`;
}
