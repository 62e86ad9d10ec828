// What a project accepts: one rule in one file of exact bytes, with a reason and a last day. Whoever changes the file gets the
// finding back, so that an entry for a made-up key in a test never covers a real one that is added beside it.
import type { JsonObject } from '@vallum/core';
import type { NotExamined } from '../report.js';
import type { Sighting } from './look.js';

export interface AllowedSecret {
  /** Relative to the project. */
  readonly file: string;
  /** Id of the rule in brackets at the end of the finding, or `not-examined`. */
  readonly rule: string;
  /** Of the file's bytes. */
  readonly sha256: string;
  readonly reason: string;
  /** Last day on which it holds, YYYY-MM-DD, UTC. */
  readonly until: string;
}

export const NOT_EXAMINED_RULE = 'not-examined';

/** Those that hold today; an expired one is no parameter, so that evidence made under it turns stale. */
export function holdingOn(day: string, allowed: readonly AllowedSecret[]): readonly AllowedSecret[] {
  return allowed.filter(({ until }) => day <= until);
}

export function asParameters(allowed: readonly AllowedSecret[]): readonly JsonObject[] {
  return allowed.map(({ file, rule, sha256, reason, until }) => ({ file, rule, sha256, reason, until }));
}

export interface Sorted {
  readonly sightings: readonly Sighting[];
  readonly notExamined: readonly NotExamined[];
  readonly used: ReadonlySet<AllowedSecret>;
  /** How many sightings and parts were accepted. */
  readonly accepted: number;
}

export function withoutAllowed(
  file: { readonly path: string; readonly sha256: string },
  seen: { readonly sightings: readonly Sighting[]; readonly notExamined: readonly NotExamined[] },
  allowed: readonly AllowedSecret[],
): Sorted {
  const own = allowed.filter((entry) => entry.file === file.path && entry.sha256 === file.sha256);
  const used = new Set<AllowedSecret>();
  const isAllowed = (rule: string): boolean => {
    const entry = own.find((one) => one.rule === rule);
    if (entry !== undefined) used.add(entry);
    return entry !== undefined;
  };
  const sightings = seen.sightings.filter(({ rule }) => !isAllowed(rule));
  const notExamined = seen.notExamined.filter(() => !isAllowed(NOT_EXAMINED_RULE));
  const before = seen.sightings.length + seen.notExamined.length;
  return { sightings, notExamined, used, accepted: before - sightings.length - notExamined.length };
}
