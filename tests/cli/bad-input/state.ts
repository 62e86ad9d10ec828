// State that is unreadable, read-only, held by another or dated by a clock that runs ahead.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { holdLedger } from '../held-ledger.js';
import type { Row } from './row.js';
import { remove, folderInPlaceOf, NOT_PROVEN, REFUSED, CHECKED } from './row.js';

export const state: readonly Row[] = [
  {
    condition: 'unreadable state',
    on: 'released',
    spoil: folderInPlaceOf('.vallum/ledger/checkpoint'),
    args: ['check', 'v1'],
    exit: 2,
    first: 'vallum: cannot read DIR/project/.vallum/ledger/checkpoint: it is a directory [DISK_READ]',
  },
  {
    condition: 'unreadable state',
    on: 'released',
    spoil: folderInPlaceOf('.vallum/ledger/checkpoint'),
    args: ['gate', 'v1'],
    exit: 2,
    first: 'vallum: cannot read DIR/project/.vallum/ledger/checkpoint: it is a directory [DISK_READ]',
  },
  {
    condition: 'the checkpoint is gone',
    on: 'released',
    spoil: remove('.vallum/ledger/checkpoint'),
    args: ['gate', 'v1'],
    exit: 2,
    first: 'vallum: the ledger does not match its checkpoint: the file `checkpoint` is missing [LEDGER_DAMAGED]',
  },
  {
    condition: 'read-only state',
    on: 'fresh',
    // Root writes whatever the mode says, so that for root a file stands in the way of the folder.
    spoil: (place) => {
      const folder = join(place.project, '.vallum');
      if (process.getuid?.() === 0) return writeFileSync(folder, '');
      mkdirSync(folder);
      chmodSync(folder, 0o500);
      return () => chmodSync(folder, 0o700);
    },
    args: ['check', 'v1'],
    exit: 2,
    first:
      process.getuid?.() === 0
        ? 'vallum: DIR/project/.vallum is a file, not a folder [DISK_LINK]'
        : 'vallum: cannot write DIR/project/.vallum/ledger: permission denied [DISK_WRITE]',
  },
  {
    condition: 'a ledger held by another process',
    on: 'fresh',
    spoil: (place) => holdLedger(place),
    args: ['check', 'v1'],
    exit: 2,
    first: CHECKED,
    also: [NOT_PROVEN, 'what is new waits in the inbox and does not count yet'],
  },
  {
    condition: 'no ledger yet',
    on: 'fresh',
    args: ['ledger', 'fsck'],
    exit: 2,
    first: 'vallum: this project has no ledger yet [LEDGER_NONE]',
  },
  {
    condition: 'clock set back',
    on: 'dated after now',
    args: ['gate', 'v1'],
    exit: 2,
    first: NOT_PROVEN,
    also: ['after the clock of this machine', 'fix: set the clock of this machine right'],
  },
  {
    condition: 'clock set back: everything that people said is dated after now',
    on: 'dated after now',
    args: ['check', 'v1'],
    exit: 1,
    first: CHECKED,
    also: [REFUSED, 'robustness.evasion'],
  },
];
