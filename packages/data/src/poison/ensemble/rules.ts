// The numbers of the ensemble as data. They were set on the digits with other target classes, corners and seeds than those
// that the published grid reports; a team that changes one changes the digest, and earlier evidence turns stale.
import type { Sha256 } from '@vallum/core';
import { digestJson } from '@vallum/core';
import packaged from './rules.json' with { type: 'json' };

export interface EnsembleRules {
  readonly digest: Sha256;
  /** Neighbours that vote on what a row is. */
  readonly neighbours: number;
  /** The votes may be off by this factor in the odds before a group of rows counts as unexplained. */
  readonly oddsAllowance: number;
  /** No vote is taken as surer than this far from 0 or 1. */
  readonly voteFloor: number;
  /** Bonferroni level of each detector over all groups that it tests. */
  readonly familyLevel: number;
  /** Rows with the same label that a group needs. */
  readonly minCarriers: number;
  /**
   * Score (nats, one pattern, uncorrected) from which a pattern of pictures leaves the verdict open though it does not stand
   * the family level. Clean digits of the development runs reached 2.4.
   */
  readonly weakMarkScore: number;
  /** Levels into which the values of a column are cut, beside its most frequent value. */
  readonly levels: number;
  readonly maxPatternsPerLabel: number;
  /** A mark is a value most of whose carriers have the label; with less it is the look of another class. */
  readonly markShare: number;
  /** Jaccard overlap of carriers from which two patterns are one group. */
  readonly sameGroup: number;
  /** Overlap from which a pattern of the group is part of the mark by which its members are known. */
  readonly sameMark: number;
  /** A member carries at least this fraction of the mark's patterns that the usual carrier has. */
  readonly carrierFraction: number;
  /** Carriers at or above it are suspects; below it the pattern explains nothing about them. */
  readonly memberSuspicion: number;
  /** After each round the suspects lose their vote. */
  readonly rounds: number;
  readonly minRowsPerLabel: number;
  readonly minLabels: number;
  /** Independent components of a label's activations. */
  readonly components: number;
  /** Labels without which "more separable than the others" means nothing. */
  readonly minNullLabels: number;
  /** Robust z (median, MAD over the other labels) from which a label's clusters are named. */
  readonly separationZ: number;
  /** A smaller spread of contradicted shares among the other labels is taken for this one. */
  readonly leastSpread: number;
  readonly stripOverlays: number;
  /** Rows of lowest entropy under overlays that are tested as a group, as a conformal level. */
  readonly stripLevel: number;
  /** Conformal level from which a row is listed for review. */
  readonly reviewLevel: number;
  /** Words of a shingle of the near-duplicate hash. */
  readonly shingle: number;
  /** Bits of 64 in which near duplicates differ at most. */
  readonly nearBits: number;
  /** Copies of one label from which they are mentioned. */
  readonly burstRows: number;
  /** Bonferroni level of hidden characters. Small, because mails of one sender are not independent. */
  readonly hiddenLevel: number;
  readonly maxRows: number;
  readonly maxColumns: number;
}

export function defaultEnsembleRules(): EnsembleRules {
  return { ...packaged, digest: digestJson(packaged) };
}
