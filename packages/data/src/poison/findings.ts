// What the poison scan tells a person: the feed, why, and the rows to look at.
import type { Finding } from '@vallum/core';
import type { FeedVerdict } from './judge-feeds.js';

/** N-grams that a sentence names; all of them can be computed again from the rows. */
const NAMED = 12;

export function findingsOf(verdict: FeedVerdict): readonly Finding[] {
  const { feed, label, contradicted, expected, cohesion, result, review } = verdict;
  const rates = `the approved model contradicts ${contradicted.k} of ${contradicted.n} rows labelled ${label}, and ${expected.k} of ${expected.n} of its own held-out rows`;
  const about = (rule: string, severity: Finding['severity'], message: string, fix: string): Finding => ({
    rule,
    severity,
    message,
    location: { feed },
    atlas: ['AML.T0020', 'AML.T0018.000'],
    cve: [],
    cwe: [],
    fix,
  });
  switch (result.because) {
    case 'excess-and-cohesive':
      return [
        about(
          'poison.feed',
          'critical',
          `the feed ${feed} looks poisoned: ${rates}; unrelated rows share ${named(verdict)} (p = ${cohesion?.p ?? 1})`,
          'leave the feed out, find out where its rows come from, and look at the rows listed',
        ),
        ...review.map((row) => ({
          ...about(
            'poison.row',
            'high',
            `carries what the contradicted rows of ${feed} share`,
            'check the label by hand',
          ),
          location: { feed, row },
        })),
      ];
    case 'cohesive-without-excess':
      return [
        about(
          'poison.cohesive',
          'medium',
          `contradicted rows of ${feed} share ${named(verdict)}, but they are too few to exceed what is expected: ${rates}`,
          `look at the rows ${review.slice(0, NAMED).join(', ')}`,
        ),
      ];
    case 'cohesive-and-unknown':
      return [
        about(
          'poison.unknown',
          'medium',
          `nearly every row of ${feed} is contradicted, and they share ${named(verdict)}: a planted trigger or the style of an unknown sender (${rates})`,
          `look at the rows ${review.slice(0, NAMED).join(', ')}, and take the feed in together with rows that the model knows`,
        ),
      ];
    case 'explained':
      return [
        about(
          'poison.explained',
          'info',
          `contradicted rows of ${feed} share ${named(verdict)}, and without these words the approved model agrees with their label`,
          'nothing to do: the words are why the approved model errs',
        ),
      ];
    case 'not-cohesive':
      return [
        about(
          'poison.shift',
          'info',
          `${feed} differs from what the approved model knows, without a shared trigger: ${rates}`,
          'nothing to do for poisoning; expect the accuracy on such rows to change',
        ),
      ];
    case 'too-few-rows':
    case 'too-few-held-out':
      return [
        about('poison.too-few', 'low', `too few rows to judge ${feed} (${label}): ${rates}`, 'collect more rows first'),
      ];
    case 'in-keeping':
      return [];
  }
}

function named({ shared }: FeedVerdict): string {
  const names = shared.slice(0, NAMED).map((name) => JSON.stringify(name));
  return names.length === 0 ? 'rare words with long numbers' : names.join(', ');
}
