// The numbers of `data.poison_scan` as data. They were set on one half of the seeds of the sample's data and measured on
// the other; a team that changes one changes the digest, and earlier evidence turns stale.
import type { Sha256 } from '@vallum/core';
import { digestJson } from '@vallum/core';
import packaged from './rules.json' with { type: 'json' };

export interface PoisonRules {
  readonly digest: Sha256;
  /** New rows of a feed below which nothing is said about it. */
  readonly minRows: number;
  /** Held-out rows of a label below which nothing is expected of it. */
  readonly minHeldOut: number;
  /** Independent contradicted rows that must share an n-gram. */
  readonly minCarriers: number;
  /** An n-gram is rare when at most this share of the rows outside the feed has it. */
  readonly rareShare: number;
  /** An n-gram that more than this share of the uncontradicted rows has is the feed's own style. */
  readonly insideShare: number;
  /** N-grams left out when copies are sought: the block that may have been pasted. */
  readonly blockWords: number;
  /** Jaccard overlap of carriers from which an n-gram belongs to the same block. */
  readonly blockOverlap: number;
  /** Weighted Jaccard overlap of the remaining words from which two rows count as one source. */
  readonly copyOverlap: number;
  /** Words with a lower inverse document frequency (natural logarithm) do not link rows. */
  readonly copyIdf: number;
  readonly permutations: number;
  readonly permutationLevel: number;
  /** Bonferroni level over all n-grams tested in a feed. Small, because genres violate the binomial model. */
  readonly familyLevel: number;
  /** Share of the carriers that must stay contradicted when the shared words are taken out. */
  readonly persistShare: number;
  /** A row with this fraction of the usual number of shared n-grams is listed for review. */
  readonly carrierFraction: number;
  readonly intervalLevel: number;
  /** Contradicted rows of a feed whose cohesion is measured; a seeded sample beyond. */
  readonly maxContradicted: number;
  readonly maxRows: number;
  /** Characters read of a row: half from its beginning, half from its end. */
  readonly maxRowCharacters: number;
}

/** The rules that come with Vallum. */
export function defaultPoisonRules(): PoisonRules {
  return { ...packaged, digest: digestJson(packaged) };
}
