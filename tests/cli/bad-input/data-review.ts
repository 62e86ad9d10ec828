// Bad input for feeds that are tables, and for the review of suspect rows.
import type { Row, Spoil } from './row.js';
import { ESCAPE, put } from './row.js';

const on = 'fresh';
const WHY = ['--why', 'for the table'];
const DECIDE = ['data', 'review', 'decide', 'v1', 'ham-feed-1'];
const APPLY = ['data', 'review', 'apply', 'v1', 'ham-feed', '--out'];
const HAM = 'feeds/ham-feed';

const tableFeed =
  (csv: string | undefined, more: object = {}, columns: object = {}): Spoil =>
  async (place) => {
    const feed = {
      schema: 'vallum/feed/v2',
      name: 'ham-feed',
      source: 'here',
      license: 'CC0-1.0',
      received: '2026-01-01',
      table: { file: 'rows.csv', label: 'label', ...columns },
      ...more,
    };
    await put(`${HAM}/feed.json`, JSON.stringify(feed))(place);
    if (csv !== undefined) await put(`${HAM}/rows.csv`, csv)(place);
  };

const refused = (condition: string, spoil: Spoil, first: string): Row => ({
  condition,
  on,
  spoil,
  args: ['check', 'v1'],
  exit: 3,
  first: `vallum: ${first}`,
});

export const dataReviewRows: readonly Row[] = [
  refused(
    'a table feed that names a file outside its folder',
    tableFeed('label\nham\n', {}, { file: '../rows.csv' }),
    'DIR/project/feeds/ham-feed/feed.json: the key "table.file" is not the name of a file in the folder of the feed [DATA_FEED]',
  ),
  refused(
    'a table feed without a column of labels',
    tableFeed('kind\nham\n'),
    'DIR/project/feeds/ham-feed/feed.json: the key "table.label" names the column "label", which rows.csv does not have [DATA_COLUMN]',
  ),
  refused(
    'a table feed with an unknown key',
    tableFeed('label\nham\n', {}, { [`labels${ESCAPE}`]: 'x' }),
    'DIR/project/feeds/ham-feed/feed.json: the key "table.labels?[2J" is not known [DATA_FEED]',
  ),
  refused(
    'a table feed with a ragged row',
    tableFeed('id,label\n1,ham\n2,ham,x,y\n'),
    'DIR/project/feeds/ham-feed/rows.csv: line 3 has 4 fields and the first one 2 [TABLE_RAGGED]',
  ),
  refused(
    'a table feed without rows',
    tableFeed('id,label\n'),
    'DIR/project/feeds/ham-feed/rows.csv holds no rows [DATA_NO_ROWS]',
  ),
  {
    condition: 'a review of data that nobody scanned',
    on,
    args: ['data', 'review', 'v1'],
    exit: 2,
    first: 'vallum: the ledger holds no data.poison_scan of the data of spam-filter@v1 as it is now [REVIEW_NO_SCAN]',
  },
  {
    condition: 'a review of a version that is not there',
    on,
    args: ['data', 'review', 'v9'],
    exit: 3,
    first: 'vallum: vallum.yaml declares no version "v9" [TARGET_UNKNOWN]',
  },
  {
    condition: 'a decision by somebody without the role',
    on,
    as: 'author',
    args: [...DECIDE, '--drop', ...WHY],
    exit: 3,
    first: 'vallum: no key in DIR/keys/author holds the role review [ACT_NO_ROLE]',
  },
  {
    condition: 'a decision that is none',
    on,
    as: 'approver',
    args: [...DECIDE, ...WHY],
    exit: 3,
    first: 'vallum: nothing was decided [REVIEW_CHOICE]',
  },
  {
    condition: 'two decisions about one row',
    on,
    as: 'approver',
    args: [...DECIDE, '--keep', '--drop', ...WHY],
    exit: 3,
    first: 'vallum: more than one thing was decided [REVIEW_CHOICE]',
  },
  {
    condition: 'a decision for a label that nobody knows',
    on,
    as: 'approver',
    args: [...DECIDE, '--relabel', 'eggs', ...WHY],
    exit: 3,
    first: 'vallum: "eggs" is no label of this project [REVIEW_CHOICE]',
  },
  {
    condition: 'a decision about a row that nobody suspects',
    on: 'released',
    as: 'approver',
    args: [...DECIDE, '--drop', ...WHY],
    exit: 3,
    first: 'vallum: "ham-feed-1" is no row of the queue [REVIEW_ROW]',
  },
  {
    condition: 'a new feed in place of an old one',
    on,
    args: [...APPLY, 'feeds/spam-feed'],
    exit: 3,
    first: 'vallum: feeds/spam-feed is there already [OUT_EXISTS]',
  },
  {
    condition: 'a new feed under the name of the old one',
    on,
    args: [...APPLY, 'elsewhere/ham-feed'],
    exit: 3,
    first: 'vallum: the new feed cannot be called "ham-feed" [REVIEW_OUT]',
  },
  {
    condition: 'a new feed from one that the version does not have',
    on,
    args: ['data', 'review', 'apply', 'v1', 'later-feed', '--out', 'feeds/x'],
    exit: 3,
    first: 'vallum: spam-filter@v1 has no feed "later-feed" [REVIEW_FEED]',
  },
];
