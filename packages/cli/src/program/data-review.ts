// `vallum data review`, `review decide` and `review apply` on the command line.
import type { Command } from 'commander';
import type { DecideOptions } from '../commands/data-review-decide.js';
import type { Run } from './leaf.js';
import { leaf } from './leaf.js';

export function addDataReview(data: Command, run: Run): void {
  const review = leaf(
    data,
    'review',
    'rows that the scan for poison suspects, with reasons and decisions',
    'vallum data review v2',
  )
    .argument('[version]', 'version; may be left out where there is one')
    .action(async (version: string | undefined, _options: unknown, command: Command) =>
      run(command, async (io) => (await import('../commands/data-review.js')).dataReviewCommand(io, version)),
    );
  leaf(
    review,
    'decide',
    'sign what becomes of suspect rows: they are kept, dropped or relabelled in a new feed',
    'vallum data review decide v2 m-0017 m-0019 --drop --why "the sender denies having sent them"',
  )
    .argument('<version>', 'version whose data was scanned')
    .argument('<row...>', 'ROW, or FEED/ROW where several feeds have it')
    .option('--keep', 'the row is right as it is')
    .option('--drop', 'leave the row out of the new feed')
    .option('--relabel <label>', 'give the row this label in the new feed')
    .requiredOption('--why <text>', 'for everybody who reads the ledger')
    .action(async (version: string, rows: readonly string[], options: DecideOptions, command: Command) =>
      run(command, async (io) =>
        (await import('../commands/data-review-decide.js')).dataReviewDecideCommand(io, version, rows, options),
      ),
    );
  leaf(
    review,
    'apply',
    'write a new feed from the decisions, and what was left out; the old one stays as it is',
    'vallum data review apply v2 list-feed --out feeds/list-feed-reviewed',
  )
    .argument('<version>', 'version whose data was reviewed')
    .argument('<feed>', 'feed of that version')
    .requiredOption('--out <dir>', 'folder that is not there yet; its name is that of the new feed')
    .action(async (version: string, feed: string, options: { out: string }, command: Command) =>
      run(command, async (io) =>
        (await import('../commands/data-review-apply.js')).dataReviewApplyCommand(io, version, feed, options),
      ),
    );
}
