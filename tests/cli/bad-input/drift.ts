// Bad input for `vallum drift`.
import type { Row } from './row.js';
import { put } from './row.js';

const rows = (header: string, line: string): string => `${header}\n${`${line}\n`.repeat(30)}`;
const two = put('rows.csv', rows('x,y', '1,a'));

export const driftRows: readonly Row[] = [
  {
    condition: 'drift against a file that is not there',
    on: 'fresh',
    spoil: two,
    args: ['drift', 'gone.csv', 'rows.csv'],
    exit: 3,
    first: 'vallum: cannot read gone.csv: there is no such file [DISK_READ]',
  },
  {
    condition: 'drift of a file that is no table',
    on: 'fresh',
    spoil: async (place) => {
      await two(place);
      await put('noise.bin', new Uint8Array([0, 1, 2, 255, 254, 0, 0, 7]))(place);
    },
    args: ['drift', 'rows.csv', 'noise.bin'],
    exit: 3,
    first: 'vallum: noise.bin: the content is of no format that is read as a table [TABLE_FORMAT]',
  },
  {
    condition: 'drift split by a column that is not there',
    on: 'fresh',
    spoil: two,
    args: ['drift', 'rows.csv', 'rows.csv', '--by', 'caller'],
    exit: 3,
    first: 'vallum: rows.csv has no column "caller" [DRIFT_COLUMN]',
    also: ['fix: its columns are "x", "y"'],
  },
  {
    condition: 'drift of a column that is not there',
    on: 'fresh',
    spoil: two,
    args: ['drift', 'rows.csv', 'rows.csv', '--columns', 'z'],
    exit: 3,
    first: 'vallum: rows.csv has no column "z" [DRIFT_COLUMN]',
  },
  {
    condition: 'drift over a column that holds no times',
    on: 'fresh',
    spoil: two,
    args: ['drift', 'rows.csv', 'rows.csv', '--time', 'y'],
    exit: 3,
    first: 'vallum: rows.csv: the column "y" holds text, no times [DRIFT_TIME]',
  },
  {
    condition: 'drift with a window that is none',
    on: 'fresh',
    spoil: two,
    args: ['drift', 'rows.csv', 'rows.csv', '--window', '7 days'],
    exit: 3,
    first: 'vallum: --window "7 days" is no size of a window [DRIFT_OPTION]',
    also: ['fix: write 7d, 12h, 30min, 2w, 1mo or 1000rows'],
  },
  {
    condition: 'drift with a chance of a false alarm that is none',
    on: 'fresh',
    spoil: two,
    args: ['drift', 'rows.csv', 'rows.csv', '--alpha', '0x1'],
    exit: 3,
    first: 'vallum: --alpha "0x1" is no number from 0.000001 to 0.5 [DRIFT_OPTION]',
  },
  {
    condition: 'drift as another tool says it, with what it cannot do',
    on: 'fresh',
    spoil: two,
    args: ['drift', 'rows.csv', 'rows.csv', '--compatible', 'evidently', '--by', 'y'],
    exit: 3,
    first: 'vallum: --by is not for --compatible evidently [DRIFT_OPTION]',
  },
  {
    condition: 'drift of one row',
    on: 'fresh',
    spoil: async (place) => {
      await two(place);
      await put('one.csv', 'x,y\n1,a\n')(place);
    },
    args: ['drift', 'rows.csv', 'one.csv'],
    exit: 2,
    first: 'NOT ENOUGH DATA  rows.csv -> one.csv',
  },
  {
    condition: 'drift of a column that is text now',
    on: 'fresh',
    spoil: async (place) => {
      await two(place);
      await put('text.csv', rows('x,y', 'one,a'))(place);
    },
    args: ['drift', 'rows.csv', 'text.csv'],
    exit: 1,
    first: 'DRIFT  rows.csv -> text.csv',
    also: ['x: number in the reference, text in the current: not compared'],
  },
  {
    condition: 'drift against a profile that is broken',
    on: 'fresh',
    spoil: async (place) => {
      await two(place);
      await put('profile.json', '{"rows":1,"schema":"vallum/profile/v1"}')(place);
    },
    args: ['drift', 'profile.json', 'rows.csv'],
    exit: 3,
    first: 'vallum: profile.json: this is not a profile: bins is not a count [PROFILE_INVALID]',
  },
];
