// Do rows that share a block of pixels to the last bit have a label that the rest of the row does not explain? The same test
// as for single places (value-patterns.ts), on copies at whatever place, each row judged with its own copy hidden.
import { pause } from '@vallum/core';
import type { CopiedBlocks } from './copied-blocks.js';
import { markGroups } from './mark-groups.js';
import type { MarkSearch, Pattern } from './mark-groups.js';
import { allowedShare, countTests, unexplained } from './residual.js';
import type { EnsembleRules } from './rules.js';
import type { SuspectGroup } from './suspect-group.js';
import type { Labelled, Votes } from './votes.js';

export interface BlockPatternInput {
  readonly blocks: CopiedBlocks;
  readonly hiding: readonly Votes[];
  readonly whole: Votes;
  readonly labels: Labelled;
  readonly rules: EnsembleRules;
  readonly signal: AbortSignal;
}

const BLOCKS_A_TURN = 4096;

export async function findBlockPatterns(input: BlockPatternInput): Promise<readonly SuspectGroup[]> {
  const { blocks, labels, rules } = input;
  const sizes = Uint32Array.from(
    blocks.names,
    (_, i) => (blocks.starts[i + 1] as number) - (blocks.starts[i] as number),
  );
  const counted = countTests(sizes, labels.names.length, rules);
  const search: MarkSearch = { detector: 'copied-block', labels, rules, counted, what: 'a copy of' };
  const found: Pattern[] = [];
  for (let block = 0; block < sizes.length; block += 1) {
    if (block % BLOCKS_A_TURN === 0) await pause(input.signal);
    found.push(...testBlock(input, block));
  }
  return markGroups(found, search);
}

function testBlock({ blocks, hiding, whole, labels, rules }: BlockPatternInput, block: number): readonly Pattern[] {
  const from = blocks.starts[block] as number;
  const carriers = blocks.rows.subarray(from, blocks.starts[block + 1]);
  const size = labels.names.length;
  const counts = new Uint32Array(size);
  for (const row of carriers) {
    const code = labels.codes[row] as number;
    counts[code] = (counts[code] as number) + 1;
  }
  const needed = Math.max(rules.minCarriers, rules.markShare * carriers.length);
  return [...counts].flatMap((observed, label) => {
    if (observed < needed) return [];
    const shares = carriers.reduce((sum, row, i) => {
      const votes = hiding[blocks.views[from + i] as number] as Votes;
      return sum + allowedShare(votes[row * size + label] as number, rules, rules.oddsAllowance);
    }, 0);
    const score = unexplained(observed, carriers.length, shares);
    if (score <= rules.weakMarkScore) return [];
    const viewOf = new Map(Array.from(carriers, (row, i) => [row, blocks.views[from + i] as number]));
    return [
      {
        label,
        carriers,
        observed,
        expected: shares,
        score,
        voteOf: (row: number): number => {
          const view = viewOf.get(row);
          return (view === undefined ? whole : (hiding[view] as Votes))[row * size + label] as number;
        },
        name: blocks.names[block] as string,
      },
    ];
  });
}
