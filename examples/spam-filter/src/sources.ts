// The feeds of the project, in the order in which they came, and who sends them.
import type { Folder } from './corpus.js';

export interface Source {
  readonly name: string;
  readonly folder: Folder;
  readonly source: string;
}

export const SOURCES: readonly Source[] = [
  { name: 'easy-ham-1', folder: 'easy-ham-1', source: 'mailing lists of the team, first export' },
  { name: 'spam-1', folder: 'spam-1', source: 'spam trap of the team' },
  { name: 'easy-ham-2', folder: 'easy-ham-2', source: 'mailing lists of a partner' },
  { name: 'hard-ham-1', folder: 'hard-ham-1', source: 'newsletters that users marked as wanted' },
  { name: 'spam-2', folder: 'spam-2', source: 'spam traps of a partner' },
];
