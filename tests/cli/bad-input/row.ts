// One row of the table of bad input, and the ways to make a project bad.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Person, Place } from '../command.js';

/** `fresh`: nothing was checked; `released`: v1 passes; `dated after now`: the same, by a clock that ran two days ahead. */
export type Base = 'fresh' | 'released' | 'dated after now';

type Undo = void | (() => void | Promise<void>);

export interface Row {
  readonly condition: string;
  readonly on: Base;
  /** Makes it bad. @returns what has to be undone, where something has */
  readonly spoil?: (place: Place) => Undo | Promise<Undo>;
  /** Default: the runner. */
  readonly as?: Person;
  /** Default: the project's folder. */
  readonly cwd?: (place: Place) => string;
  readonly args: readonly string[];
  readonly exit: 1 | 2 | 3;
  /** First line: of stderr for an error, of stdout for an answer. */
  readonly first: string;
  /** What the text says besides. */
  readonly also?: readonly string[];
}

export type Spoil = NonNullable<Row['spoil']>;

export const inProject =
  (work: (file: (path: string) => string) => void): Spoil =>
  ({ project }) =>
    work((path) => join(project, path));
export const remove = (path: string): Spoil => inProject((file) => rmSync(file(path), { recursive: true }));
export const put = (path: string, content: string | Uint8Array): Spoil =>
  inProject((file) => writeFileSync(file(path), content));
export const folderInPlaceOf = (path: string): Spoil =>
  inProject((file) => {
    rmSync(file(path));
    mkdirSync(file(path));
  });
/** The text must be there, or the row would test nothing. */
export const edit = (path: string, from: string, to: string): Spoil =>
  inProject((file) => {
    const text = readFileSync(file(path), 'utf8');
    if (!text.includes(from)) throw new Error(`${path} does not hold ${from}`);
    writeFileSync(file(path), text.replace(from, to));
  });
export const NOT_PROVEN = 'NOT PROVEN  spam-filter@v1 may not be deployed now';
export const REFUSED = 'REFUSED     spam-filter@v1 may not be deployed now';
export const CHECKED = 'spam-filter@v1: 8 controls, 0 reused';
export const ESCAPE = '\u001b[2J';
export const EVASION = ['waive', 'robustness.evasion', 'v1'];
export const UNTIL = ['--until', '2099-01-01'];
export const REASON = ['--reason', 'for the table'];
export const ACCEPT = ['--accept', 'evasion-rate<=1'];
