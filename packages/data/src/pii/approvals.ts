// Which classes of personal data a project knows about and accepts, for which feeds, and why. Anything else that turns up
// fails the control. Only what touches the feeds at hand becomes a parameter, so that an approval for another version's
// feeds does not void this version's evidence.
import type { JsonObject } from '@vallum/core';
import { VallumError } from '@vallum/core';

export interface Approval {
  /** A class of the rules: `email`. */
  readonly class: string;
  readonly scope: 'all' | readonly string[];
  readonly reason: string;
}

export interface Approvals {
  covers(className: string, feed: string): boolean;
  /** Sorted, only for the feeds at hand, without the reasons. */
  readonly parameters: readonly JsonObject[];
}

/** @throws VallumError `DATA_PII_APPROVAL` for an unknown class or an empty reason */
export function readApprovals(
  approved: readonly Approval[],
  classes: readonly string[],
  feeds: readonly string[],
): Approvals {
  const covered = new Map<string, ReadonlySet<string>>();
  for (const { class: name, scope, reason } of approved) {
    if (!classes.includes(name)) throw wrong(`${JSON.stringify(name)} is no class that is looked for`, classes);
    if (reason.trim() === '') throw wrong(`the class ${name} is approved without a reason`, classes);
    const names = scope === 'all' ? feeds : feeds.filter((feed) => scope.includes(feed));
    if (names.length > 0) covered.set(name, new Set([...(covered.get(name) ?? []), ...names]));
  }
  const sorted = [...covered].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    covers: (className, feed) => covered.get(className)?.has(feed) === true,
    parameters: sorted.map(([name, names]) => ({ class: name, feeds: [...names].sort() })),
  };
}

function wrong(why: string, classes: readonly string[]): VallumError {
  return new VallumError('DATA_PII_APPROVAL', `approved personal data: ${why}`, {
    fix: `name one of ${classes.join(', ')}, and say why it may be there`,
  });
}
